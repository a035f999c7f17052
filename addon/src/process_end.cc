#include "process_end.h"

#include <sys/syscall.h>

#include <cerrno>

#include "error.h"

Napi::Function ProcessEnd::Define(Napi::Env env) {
  return DefineClass(env, "ProcessEnd", {InstanceMethod<&ProcessEnd::Close>("close")});
}

// new ProcessEnd(pid, callback)
ProcessEnd::ProcessEnd(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProcessEnd>(info) {
  // glibc has a function for it only from 2.36 on. The kernel makes it close-on-exec.
  fd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, info[0].As<Napi::Number>().Int32Value(), 0)));
  if (!fd_.IsOpen()) throw SystemError(info.Env(), "open a process", errno);
  poll_ = EdgePoll::Start(info.Env(), fd_.Get(), info[1].As<Napi::Function>(), "otel-go-auto:ProcessEnd");
}

ProcessEnd::~ProcessEnd() { Stop(); }

void ProcessEnd::Stop() {
  if (poll_ != nullptr) poll_->Stop();
  poll_ = nullptr;
}

Napi::Value ProcessEnd::Close(const Napi::CallbackInfo& info) {
  Stop();
  fd_.Close();
  return info.Env().Undefined();
}
