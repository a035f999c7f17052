#include "edge_poll.h"

#include <sys/epoll.h>

#include <cerrno>

#include "error.h"

EdgePoll* EdgePoll::Start(Napi::Env env, int descriptor, Napi::Function callback, const char* resource) {
  auto* self = new EdgePoll(env, callback, resource);
  const int error = self->Watch(descriptor);
  if (error == 0) return self;
  delete self;
  throw SystemError(env, "watch a descriptor", error);
}

// 0 or an errno; the handle is libuv's only after success.
int EdgePoll::Watch(int descriptor) {
  epoll_.Reset(epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (!epoll_.IsOpen() || epoll_ctl(epoll_.Get(), EPOLL_CTL_ADD, descriptor, &event) != 0) return errno;
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(callback_.Env(), &loop) != napi_ok) return EINVAL;
  if (const int error = uv_poll_init(loop, &handle_, epoll_.Get()); error != 0) return -error;
  handle_.data = this;
  uv_poll_start(&handle_, UV_READABLE, Ready);
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle_));
  return 0;
}

void EdgePoll::Stop() {
  uv_poll_stop(&handle_);
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_),
           [](uv_handle_t* handle) { delete static_cast<EdgePoll*>(handle->data); });
}

void EdgePoll::Ready(uv_poll_t* handle, int, int) {
  auto* self = static_cast<EdgePoll*>(handle->data);
  // Takes the edge: the next call comes with the next one.
  epoll_event event;
  if (epoll_wait(self->epoll_.Get(), &event, 1, 0) <= 0) return;
  Napi::Env env = self->callback_.Env();
  Napi::HandleScope scope(env);
  try {
    self->callback_.MakeCallback(env.Global(), {}, self->context_);
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
  }
}
