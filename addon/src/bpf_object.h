#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <string>

// One compiled BPF object: opened, given its constants and shared maps, loaded, attached.
class BpfObject : public Napi::ObjectWrap<BpfObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit BpfObject(const Napi::CallbackInfo& info);

 private:
  struct Closer {
    void operator()(bpf_object* object) const { bpf_object__close(object); }
  };

  Napi::Value Programs(const Napi::CallbackInfo& info);
  Napi::Value Maps(const Napi::CallbackInfo& info);
  Napi::Value SetAutoload(const Napi::CallbackInfo& info);
  Napi::Value SetAttachMulti(const Napi::CallbackInfo& info);
  Napi::Value SetGlobal(const Napi::CallbackInfo& info);
  Napi::Value SetMaxEntries(const Napi::CallbackInfo& info);
  Napi::Value SetMapFlags(const Napi::CallbackInfo& info);
  Napi::Value ShareMap(const Napi::CallbackInfo& info);
  Napi::Value Load(const Napi::CallbackInfo& info);
  Napi::Value Map(const Napi::CallbackInfo& info);
  Napi::Value AttachUprobe(const Napi::CallbackInfo& info);
  Napi::Value AttachCgroup(const Napi::CallbackInfo& info);
  Napi::Value AttachTracepoint(const Napi::CallbackInfo& info);
  Napi::Value AttachToMap(const Napi::CallbackInfo& info);
  Napi::Value RunStats(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  bpf_object* Object(Napi::Env env) const;
  bpf_program* FindProgram(const Napi::Value& name) const;
  bpf_map* FindMap(const Napi::Value& name) const;

  std::string name_;
  std::unique_ptr<bpf_object, Closer> object_;
};
