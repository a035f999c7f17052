#include "uprobe_link.h"

#include <cerrno>

#include "error.h"
#include "instance_data.h"
#include "libbpf_log.h"

Napi::Function UprobeLink::Define(Napi::Env env) {
  return DefineClass(env, "UprobeLink", {InstanceMethod<&UprobeLink::Detach>("detach")});
}

UprobeLink::UprobeLink(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UprobeLink>(info) {}

void UprobeLink::Add(bpf_link* link, const std::string& doing, const std::string& log) {
  if (link == nullptr) {
    const int error = errno;
    links_.clear();
    throw SystemError(Env(), doing, error, log);
  }
  links_.emplace_back(link);
}

Napi::Object UprobeLink::Attach(Napi::Env env, bpf_program* program, pid_t pid, const std::string& path,
                                const std::vector<unsigned long>& offsets) {
  const std::string doing = std::string("attach ") + bpf_program__name(program);
  const Napi::Object object = env.GetInstanceData<InstanceData>()->uprobe_link.New({});
  UprobeLink* self = Unwrap(object);
  LibbpfLog log;
  if (bpf_program__expected_attach_type(program) == BPF_TRACE_UPROBE_MULTI) {
    LIBBPF_OPTS(bpf_uprobe_multi_opts, options);
    options.offsets = offsets.data();
    options.cnt = offsets.size();
    bpf_link* link = bpf_program__attach_uprobe_multi(program, pid, path.c_str(), nullptr, &options);
    self->Add(link, doing, log.Text());
    return object;
  }
  for (const unsigned long offset : offsets) {
    bpf_link* link = bpf_program__attach_uprobe_opts(program, pid, path.c_str(), offset, nullptr);
    self->Add(link, doing, log.Text());
  }
  return object;
}

Napi::Value UprobeLink::Detach(const Napi::CallbackInfo& info) {
  links_.clear();
  return info.Env().Undefined();
}
