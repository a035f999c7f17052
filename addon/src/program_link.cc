#include "program_link.h"

#include <fcntl.h>

#include <cerrno>

#include "error.h"
#include "file_descriptor.h"
#include "instance_data.h"
#include "libbpf_log.h"

Napi::Function ProgramLink::Define(Napi::Env env) {
  return DefineClass(env, "ProgramLink", {InstanceMethod<&ProgramLink::Detach>("detach")});
}

ProgramLink::ProgramLink(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramLink>(info) {}

Napi::Object ProgramLink::ToCgroup(Napi::Env env, bpf_program* program, const std::string& path) {
  LibbpfLog log;
  FileDescriptor cgroup(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup.IsOpen()) throw SystemError(env, "open cgroup " + path, errno);
  bpf_link* link = bpf_program__attach_cgroup(program, cgroup.Get());
  if (link == nullptr) {
    throw SystemError(env, std::string("attach ") + bpf_program__name(program) + " to a cgroup", errno, log.Text());
  }
  return Keep(env, link);
}

Napi::Object ProgramLink::ToTracepoint(Napi::Env env, bpf_program* program) {
  LibbpfLog log;
  bpf_link* link = bpf_program__attach(program);
  if (link == nullptr) {
    throw SystemError(env, std::string("attach ") + bpf_program__name(program) + " to a tracepoint", errno, log.Text());
  }
  return Keep(env, link);
}

Napi::Object ProgramLink::Keep(Napi::Env env, bpf_link* link) {
  const Napi::Object object = env.GetInstanceData<InstanceData>()->program_link.New({});
  Unwrap(object)->link_.reset(link);
  return object;
}

Napi::Value ProgramLink::Detach(const Napi::CallbackInfo& info) {
  link_.reset();
  return info.Env().Undefined();
}
