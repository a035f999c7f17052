#pragma once

#include <linux/bpf.h>
#include <napi.h>

#include "file_descriptor.h"

// A loaded map. Holds its own descriptor, so it outlives the object that created it.
class BpfMap : public Napi::ObjectWrap<BpfMap> {
 public:
  static Napi::Function Define(Napi::Env env);
  // Takes over `fd`.
  static Napi::Object Create(Napi::Env env, int fd);

  explicit BpfMap(const Napi::CallbackInfo& info);

  int Fd() const { return fd_.Get(); }
  const bpf_map_info& Info() const { return info_; }

 private:
  Napi::Value GetInfo(const Napi::CallbackInfo& info);
  Napi::Value Lookup(const Napi::CallbackInfo& info);
  Napi::Value Update(const Napi::CallbackInfo& info);
  Napi::Value Delete(const Napi::CallbackInfo& info);
  Napi::Value Keys(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  // Bytes of what one lookup gives: one value, or one for each possible CPU, each padded to 8 bytes.
  size_t LookupBytes() const;

  FileDescriptor fd_;
  bpf_map_info info_{};
};
