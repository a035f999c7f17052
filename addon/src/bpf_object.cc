#include "bpf_object.h"

#include <bpf/bpf.h>
#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "bpf_map.h"
#include "program_link.h"
#include "error.h"
#include "global_variable.h"
#include "libbpf_log.h"
#include "uprobe_link.h"

Napi::Function BpfObject::Define(Napi::Env env) {
  return DefineClass(env, "BpfObject",
                     {
                         InstanceMethod<&BpfObject::Programs>("programs"),
                         InstanceMethod<&BpfObject::Maps>("maps"),
                         InstanceMethod<&BpfObject::SetAutoload>("setAutoload"),
                         InstanceMethod<&BpfObject::SetAttachMulti>("setAttachMulti"),
                         InstanceMethod<&BpfObject::SetGlobal>("setGlobal"),
                         InstanceMethod<&BpfObject::SetMaxEntries>("setMaxEntries"),
                         InstanceMethod<&BpfObject::SetMapFlags>("setMapFlags"),
                         InstanceMethod<&BpfObject::ShareMap>("shareMap"),
                         InstanceMethod<&BpfObject::Load>("load"),
                         InstanceMethod<&BpfObject::Map>("map"),
                         InstanceMethod<&BpfObject::AttachUprobe>("attachUprobe"),
                         InstanceMethod<&BpfObject::AttachCgroup>("attachCgroup"),
                         InstanceMethod<&BpfObject::AttachTracepoint>("attachTracepoint"),
                         InstanceMethod<&BpfObject::AttachToMap>("attachToMap"),
                         InstanceMethod<&BpfObject::RunStats>("runStats"),
                         InstanceMethod<&BpfObject::Close>("close"),
                     });
}

// new BpfObject(bytes, name): libbpf copies what it needs out of `bytes` before it returns.
BpfObject::BpfObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfObject>(info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  name_ = info[1].As<Napi::String>().Utf8Value();
  LIBBPF_OPTS(bpf_object_open_opts, options);
  options.object_name = name_.c_str();
  LibbpfLog log;
  object_.reset(bpf_object__open_mem(bytes.Data(), bytes.ByteLength(), &options));
  if (!object_) throw SystemError(info.Env(), "open BPF object " + name_, errno, log.Text());
}

bpf_object* BpfObject::Object(Napi::Env env) const {
  if (!object_) throw Napi::Error::New(env, "BPF object " + name_ + " is closed");
  return object_.get();
}

bpf_program* BpfObject::FindProgram(const Napi::Value& name) const {
  const std::string text = name.As<Napi::String>();
  bpf_program* program = bpf_object__find_program_by_name(Object(name.Env()), text.c_str());
  if (program == nullptr) throw Napi::Error::New(name.Env(), name_ + " has no program " + text);
  return program;
}

bpf_map* BpfObject::FindMap(const Napi::Value& name) const {
  const std::string text = name.As<Napi::String>();
  bpf_map* map = bpf_object__find_map_by_name(Object(name.Env()), text.c_str());
  if (map == nullptr) throw Napi::Error::New(name.Env(), name_ + " has no map " + text);
  return map;
}

Napi::Value BpfObject::Programs(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  bpf_program* program;
  bpf_object__for_each_program(program, Object(info.Env())) {
    result.Set(result.Length(), bpf_program__name(program));
  }
  return result;
}

// The maps that the source declares; those of global variables are left out.
Napi::Value BpfObject::Maps(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  bpf_map* map;
  bpf_object__for_each_map(map, Object(info.Env())) {
    if (bpf_map__is_internal(map)) continue;
    Napi::Object definition = Napi::Object::New(info.Env());
    definition.Set("name", bpf_map__name(map));
    definition.Set("type", static_cast<uint32_t>(bpf_map__type(map)));
    definition.Set("keySize", bpf_map__key_size(map));
    definition.Set("valueSize", bpf_map__value_size(map));
    definition.Set("maxEntries", bpf_map__max_entries(map));
    result.Set(result.Length(), definition);
  }
  return result;
}

Napi::Value BpfObject::SetAutoload(const Napi::CallbackInfo& info) {
  bpf_program* program = FindProgram(info[0]);
  const int error = bpf_program__set_autoload(program, info[1].As<Napi::Boolean>());
  if (error != 0) throw SystemError(info.Env(), "set autoload", error);
  return info.Env().Undefined();
}

Napi::Value BpfObject::SetAttachMulti(const Napi::CallbackInfo& info) {
  bpf_program* program = FindProgram(info[0]);
  const bool multi = info[1].As<Napi::Boolean>();
  const int error = bpf_program__set_expected_attach_type(
      program, multi ? BPF_TRACE_UPROBE_MULTI : static_cast<bpf_attach_type>(0));
  if (error != 0) throw SystemError(info.Env(), "set attach type", error);
  return info.Env().Undefined();
}

// setGlobal(variable, bytes): the initial value of a global variable, constants included. Before load() only.
Napi::Value BpfObject::SetGlobal(const Napi::CallbackInfo& info) {
  const std::string name = info[0].As<Napi::String>();
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const GlobalVariable variable = FindGlobalVariable(Object(info.Env()), name);
  if (variable.data == nullptr) throw Napi::Error::New(info.Env(), name_ + " has no global variable " + name);
  if (variable.size != bytes.ByteLength()) {
    throw Napi::RangeError::New(info.Env(), name_ + "'s global variable " + name + " has " +
                                                std::to_string(variable.size) + " bytes, not " +
                                                std::to_string(bytes.ByteLength()));
  }
  memcpy(variable.data, bytes.Data(), variable.size);
  return info.Env().Undefined();
}

Napi::Value BpfObject::SetMaxEntries(const Napi::CallbackInfo& info) {
  const int error = bpf_map__set_max_entries(FindMap(info[0]), info[1].As<Napi::Number>().Uint32Value());
  if (error != 0) throw SystemError(info.Env(), "set size of a map", error);
  return info.Env().Undefined();
}

Napi::Value BpfObject::SetMapFlags(const Napi::CallbackInfo& info) {
  const int error = bpf_map__set_map_flags(FindMap(info[0]), info[1].As<Napi::Number>().Uint32Value());
  if (error != 0) throw SystemError(info.Env(), "set flags of a map", error);
  return info.Env().Undefined();
}

// shareMap(name, map): this object uses `map`, which another object created, in place of a map of its own.
Napi::Value BpfObject::ShareMap(const Napi::CallbackInfo& info) {
  const int error = bpf_map__reuse_fd(FindMap(info[0]), BpfMap::Unwrap(info[1].As<Napi::Object>())->Fd());
  if (error != 0) throw SystemError(info.Env(), "share map " + info[0].As<Napi::String>().Utf8Value(), error);
  return info.Env().Undefined();
}

// libbpf loads without a log, and loads again with one when the verifier refuses.
Napi::Value BpfObject::Load(const Napi::CallbackInfo& info) {
  bpf_object* object = Object(info.Env());
  LibbpfLog log;
  const int error = bpf_object__load(object);
  if (error != 0) throw SystemError(info.Env(), "load BPF object " + name_, error, log.Text());
  return info.Env().Undefined();
}

Napi::Value BpfObject::Map(const Napi::CallbackInfo& info) {
  const int fd = fcntl(bpf_map__fd(FindMap(info[0])), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) throw SystemError(info.Env(), "duplicate map descriptor", errno);
  return BpfMap::Create(info.Env(), fd);
}

// attachUprobe(program, pid, path, offsets)
Napi::Value BpfObject::AttachUprobe(const Napi::CallbackInfo& info) {
  const auto array = info[3].As<Napi::Array>();
  std::vector<unsigned long> offsets;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    offsets.push_back(static_cast<unsigned long>(array.Get(i).As<Napi::Number>().Int64Value()));
  }
  return UprobeLink::Attach(info.Env(), FindProgram(info[0]), info[1].As<Napi::Number>().Int32Value(),
                            info[2].As<Napi::String>(), offsets);
}

// attachCgroup(program, path)
Napi::Value BpfObject::AttachCgroup(const Napi::CallbackInfo& info) {
  return ProgramLink::ToCgroup(info.Env(), FindProgram(info[0]), info[1].As<Napi::String>());
}

// attachTracepoint(program): to the one that its section names.
Napi::Value BpfObject::AttachTracepoint(const Napi::CallbackInfo& info) {
  return ProgramLink::ToTracepoint(info.Env(), FindProgram(info[0]));
}

// attachToMap(program, map): for programs that run for the sockets in a map. It lasts as long as the map.
Napi::Value BpfObject::AttachToMap(const Napi::CallbackInfo& info) {
  const bpf_program* program = FindProgram(info[0]);
  const int map = bpf_map__fd(FindMap(info[1]));
  if (bpf_prog_attach(bpf_program__fd(program), map, bpf_program__expected_attach_type(program), 0) != 0) {
    throw SystemError(info.Env(), std::string("attach ") + bpf_program__name(program) + " to a map", errno);
  }
  return info.Env().Undefined();
}

Napi::Value BpfObject::RunStats(const Napi::CallbackInfo& info) {
  bpf_prog_info program{};
  __u32 size = sizeof(program);
  if (bpf_prog_get_info_by_fd(bpf_program__fd(FindProgram(info[0])), &program, &size) != 0) {
    throw SystemError(info.Env(), "read program info", errno);
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("id", program.id);
  result.Set("runs", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(program.run_cnt)));
  result.Set("nanoseconds", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(program.run_time_ns)));
  result.Set("recursionMisses", Napi::BigInt::New(info.Env(), static_cast<uint64_t>(program.recursion_misses)));
  result.Set("jitedBytes", program.jited_prog_len);
  result.Set("verifiedInstructions", program.verified_insns);
  return result;
}

Napi::Value BpfObject::Close(const Napi::CallbackInfo& info) {
  object_.reset();
  return info.Env().Undefined();
}
