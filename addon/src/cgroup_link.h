#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <string>

// One program attached to one cgroup by a link: the kernel takes it out when this process ends.
class CgroupLink : public Napi::ObjectWrap<CgroupLink> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object Attach(Napi::Env env, bpf_program* program, const std::string& path);

  explicit CgroupLink(const Napi::CallbackInfo& info);

 private:
  struct Destroyer {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };

  Napi::Value Detach(const Napi::CallbackInfo& info);

  std::unique_ptr<bpf_link, Destroyer> link_;
};
