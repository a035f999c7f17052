#include <bpf/libbpf.h>
#include <napi.h>

#include "bpf_map.h"
#include "bpf_object.h"
#include "program_link.h"
#include "child_process.h"
#include "clocks.h"
#include "connections.h"
#include "features.h"
#include "instance_data.h"
#include "kernel_types.h"
#include "libbpf_log.h"
#include "memory.h"
#include "process_end.h"
#include "ring_reader.h"
#include "run_stats.h"
#include "uprobe_link.h"

namespace {

Napi::Value PossibleCpus(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), libbpf_num_possible_cpus());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ReturnFreedMemory();
  LibbpfLog::Install();
  auto* data = new InstanceData;
  env.SetInstanceData(data);
  data->bpf_map = Napi::Persistent(BpfMap::Define(env));
  data->program_link = Napi::Persistent(ProgramLink::Define(env));
  data->uprobe_link = Napi::Persistent(UprobeLink::Define(env));

  exports.Set("BpfObject", BpfObject::Define(env));
  exports.Set("ChildProcess", ChildProcess::Define(env));
  exports.Set("ProcessEnd", ProcessEnd::Define(env));
  exports.Set("RingReader", RingReader::Define(env));
  exports.Set("RunStats", RunStats::Define(env));
  exports.Set("adoptConnections", Napi::Function::New<AdoptConnections>(env));
  exports.Set("clocks", Napi::Function::New<Clocks>(env));
  exports.Set("kernelFieldOffsets", Napi::Function::New<KernelFieldOffsets>(env));
  exports.Set("possibleCpus", Napi::Function::New<PossibleCpus>(env));
  exports.Set("reapChildren", Napi::Function::New<ReapChildren>(env));
  exports.Set("tryCreateMap", Napi::Function::New<TryCreateMap>(env));
  exports.Set("tryLoadProgram", Napi::Function::New<TryLoadProgram>(env));
  exports.Set("trySystemCall", Napi::Function::New<TrySystemCall>(env));
  exports.Set("tryUprobe", Napi::Function::New<TryUprobe>(env));
  exports.Set("tryUprobeMulti", Napi::Function::New<TryUprobeMulti>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(otel_go_auto, Init)
