#include "cgroup_link.h"

#include <fcntl.h>

#include <cerrno>

#include "error.h"
#include "file_descriptor.h"
#include "instance_data.h"
#include "libbpf_log.h"

Napi::Function CgroupLink::Define(Napi::Env env) {
  return DefineClass(env, "CgroupLink", {InstanceMethod<&CgroupLink::Detach>("detach")});
}

CgroupLink::CgroupLink(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CgroupLink>(info) {}

Napi::Object CgroupLink::Attach(Napi::Env env, bpf_program* program, const std::string& path) {
  LibbpfLog log;
  FileDescriptor cgroup(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup.IsOpen()) throw SystemError(env, "open cgroup " + path, errno);
  bpf_link* link = bpf_program__attach_cgroup(program, cgroup.Get());
  if (link == nullptr) {
    throw SystemError(env, std::string("attach ") + bpf_program__name(program) + " to a cgroup", errno, log.Text());
  }
  const Napi::Object object = env.GetInstanceData<InstanceData>()->cgroup_link.New({});
  Unwrap(object)->link_.reset(link);
  return object;
}

Napi::Value CgroupLink::Detach(const Napi::CallbackInfo& info) {
  link_.reset();
  return info.Env().Undefined();
}
