#pragma once

#include <napi.h>
#include <uv.h>

#include "file_descriptor.h"

// Calls a function on Node's loop whenever a descriptor becomes readable; doesn't keep the process alive.
// Edge-triggered, in an epoll of its own: level-triggered, as libuv has it, it would fire without end while nobody
// makes the descriptor unreadable.
class EdgePoll {
 public:
  // `descriptor` may be closed after `Stop`, not before. Throws SystemError.
  static EdgePoll* Start(Napi::Env env, int descriptor, Napi::Function callback, const char* resource);

  // It is gone when libuv has let go of it.
  void Stop();

 private:
  EdgePoll(Napi::Env env, Napi::Function callback, const char* resource)
      : callback_(Napi::Persistent(callback)), context_(env, resource) {}

  static void Ready(uv_poll_t* handle, int status, int events);
  int Watch(int descriptor);

  uv_poll_t handle_;
  FileDescriptor epoll_;
  Napi::FunctionReference callback_;
  Napi::AsyncContext context_;
};
