#pragma once

#include <napi.h>

#include "file_descriptor.h"

// While open, the kernel counts runs and run time of all BPF programs (BPF_ENABLE_STATS; kernel 5.8 and later).
class RunStats : public Napi::ObjectWrap<RunStats> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit RunStats(const Napi::CallbackInfo& info);

 private:
  Napi::Value Close(const Napi::CallbackInfo& info);

  FileDescriptor fd_;
};
