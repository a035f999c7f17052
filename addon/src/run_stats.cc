#include "run_stats.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "error.h"

Napi::Function RunStats::Define(Napi::Env env) {
  return DefineClass(env, "RunStats", {InstanceMethod<&RunStats::Close>("close")});
}

RunStats::RunStats(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RunStats>(info) {
  fd_.Reset(bpf_enable_stats(BPF_STATS_RUN_TIME));
  if (!fd_.IsOpen()) throw SystemError(info.Env(), "enable BPF run time statistics", errno);
}

Napi::Value RunStats::Close(const Napi::CallbackInfo& info) {
  fd_.Close();
  return info.Env().Undefined();
}
