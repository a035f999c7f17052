#pragma once

#include <napi.h>

#include "edge_poll.h"
#include "file_descriptor.h"

// Tells when a process has ended, by a pidfd (pidfd_open(2); kernel 5.3 and later).
class ProcessEnd : public Napi::ObjectWrap<ProcessEnd> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit ProcessEnd(const Napi::CallbackInfo& info);
  ~ProcessEnd() override;

 private:
  Napi::Value Close(const Napi::CallbackInfo& info);
  void Stop();

  FileDescriptor fd_;
  EdgePoll* poll_ = nullptr;
};
