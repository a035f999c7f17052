#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <string>

// One program attached to a cgroup or a tracepoint by a link: the kernel takes it out when this process ends.
class ProgramLink : public Napi::ObjectWrap<ProgramLink> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object ToCgroup(Napi::Env env, bpf_program* program, const std::string& path);
  // The one that the program's section names.
  static Napi::Object ToTracepoint(Napi::Env env, bpf_program* program);

  explicit ProgramLink(const Napi::CallbackInfo& info);

 private:
  struct Destroyer {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };

  static Napi::Object Keep(Napi::Env env, bpf_link* link);
  Napi::Value Detach(const Napi::CallbackInfo& info);

  std::unique_ptr<bpf_link, Destroyer> link_;
};
