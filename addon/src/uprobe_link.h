#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <string>
#include <vector>

// One program attached at one or more offsets of one file, in one process. Destroying it detaches.
class UprobeLink : public Napi::ObjectWrap<UprobeLink> {
 public:
  static Napi::Function Define(Napi::Env env);
  // Attaches with one uprobe_multi link when the program was loaded for it, else with one perf event an offset.
  // Throws, and leaves nothing attached, when one of the offsets fails.
  static Napi::Object Attach(Napi::Env env, bpf_program* program, pid_t pid, const std::string& path,
                             const std::vector<unsigned long>& offsets);

  explicit UprobeLink(const Napi::CallbackInfo& info);

 private:
  struct Destroyer {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };

  Napi::Value Detach(const Napi::CallbackInfo& info);
  void Add(bpf_link* link, const std::string& doing, const std::string& log);

  std::vector<std::unique_ptr<bpf_link, Destroyer>> links_;
};
