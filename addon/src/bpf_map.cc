#include "bpf_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <string>
#include <vector>

#include "error.h"
#include "instance_data.h"

namespace {

// The kernel copies as many bytes as the map says, whatever the length of the array that it is given.
uint8_t* RequireBytes(const Napi::Value& value, size_t bytes, const char* what) {
  auto array = value.As<Napi::Uint8Array>();
  if (array.ByteLength() == bytes) return array.Data();
  throw Napi::RangeError::New(value.Env(), std::string(what) + " has " + std::to_string(array.ByteLength()) +
                                               " bytes, not " + std::to_string(bytes));
}

}  // namespace

Napi::Function BpfMap::Define(Napi::Env env) {
  return DefineClass(env, "BpfMap",
                     {
                         InstanceAccessor<&BpfMap::GetInfo>("info"),
                         InstanceMethod<&BpfMap::Lookup>("lookup"),
                         InstanceMethod<&BpfMap::Update>("update"),
                         InstanceMethod<&BpfMap::Delete>("delete"),
                         InstanceMethod<&BpfMap::Keys>("keys"),
                         InstanceMethod<&BpfMap::Close>("close"),
                     });
}

Napi::Object BpfMap::Create(Napi::Env env, int fd) {
  return env.GetInstanceData<InstanceData>()->bpf_map.New({Napi::Number::New(env, fd)});
}

BpfMap::BpfMap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfMap>(info) {
  fd_.Reset(info[0].As<Napi::Number>().Int32Value());
  __u32 size = sizeof(info_);
  if (bpf_map_get_info_by_fd(fd_.Get(), &info_, &size) != 0) {
    throw SystemError(info.Env(), "read map info", errno);
  }
}

size_t BpfMap::LookupBytes() const {
  switch (info_.type) {
    case BPF_MAP_TYPE_PERCPU_HASH:
    case BPF_MAP_TYPE_PERCPU_ARRAY:
    case BPF_MAP_TYPE_LRU_PERCPU_HASH:
      return static_cast<size_t>((info_.value_size + 7) & ~7u) *
             static_cast<size_t>(libbpf_num_possible_cpus());
    default:
      return info_.value_size;
  }
}

Napi::Value BpfMap::GetInfo(const Napi::CallbackInfo& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("id", info_.id);
  result.Set("name", info_.name);
  result.Set("type", info_.type);
  result.Set("keySize", info_.key_size);
  result.Set("valueSize", info_.value_size);
  result.Set("maxEntries", info_.max_entries);
  result.Set("lookupBytes", LookupBytes());
  return result;
}

Napi::Value BpfMap::Lookup(const Napi::CallbackInfo& info) {
  const uint8_t* key = RequireBytes(info[0], info_.key_size, "map key");
  auto value = Napi::Buffer<uint8_t>::New(info.Env(), LookupBytes());
  if (bpf_map_lookup_elem(fd_.Get(), key, value.Data()) == 0) return value;
  if (errno == ENOENT) return info.Env().Undefined();
  throw SystemError(info.Env(), std::string("look up in map ") + info_.name, errno);
}

Napi::Value BpfMap::Update(const Napi::CallbackInfo& info) {
  const uint8_t* key = RequireBytes(info[0], info_.key_size, "map key");
  const uint8_t* value = RequireBytes(info[1], LookupBytes(), "map value");
  if (bpf_map_update_elem(fd_.Get(), key, value, BPF_ANY) != 0) {
    throw SystemError(info.Env(), std::string("update map ") + info_.name, errno);
  }
  return info.Env().Undefined();
}

Napi::Value BpfMap::Delete(const Napi::CallbackInfo& info) {
  const uint8_t* key = RequireBytes(info[0], info_.key_size, "map key");
  if (bpf_map_delete_elem(fd_.Get(), key) == 0) return Napi::Boolean::New(info.Env(), true);
  if (errno == ENOENT) return Napi::Boolean::New(info.Env(), false);
  throw SystemError(info.Env(), std::string("delete from map ") + info_.name, errno);
}

// keys(limit): at most `limit` keys. A key that disappears during the walk makes the kernel start again, so the
// limit also bounds the walk.
Napi::Value BpfMap::Keys(const Napi::CallbackInfo& info) {
  const uint32_t limit = info[0].As<Napi::Number>().Uint32Value();
  Napi::Array result = Napi::Array::New(info.Env());
  std::vector<uint8_t> key(info_.key_size), next(info_.key_size);
  const void* previous = nullptr;
  for (uint32_t count = 0; count < limit; ++count) {
    if (bpf_map_get_next_key(fd_.Get(), previous, next.data()) != 0) {
      if (errno == ENOENT) break;
      throw SystemError(info.Env(), std::string("walk map ") + info_.name, errno);
    }
    result.Set(count, Napi::Buffer<uint8_t>::Copy(info.Env(), next.data(), next.size()));
    key.swap(next);
    previous = key.data();
  }
  return result;
}

Napi::Value BpfMap::Close(const Napi::CallbackInfo& info) {
  fd_.Close();
  return info.Env().Undefined();
}
