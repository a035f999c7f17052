#include "kernel_types.h"

#include <bpf/btf.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string>

#include "error.h"
#include "libbpf_log.h"

namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

constexpr int kMaxNesting = 8;

// Members of unnamed structs and unions count as the outer one's.
std::optional<uint32_t> FindField(const btf* types, const btf_type* type, const std::string& name, int nesting = 0) {
  if (type == nullptr || !btf_is_composite(type) || nesting > kMaxNesting) return std::nullopt;
  const btf_member* members = btf_members(type);
  for (uint32_t i = 0; i < btf_vlen(type); ++i) {
    const uint32_t offset = btf_member_bit_offset(type, i) / 8;
    const std::string own = btf__name_by_offset(types, members[i].name_off);
    if (own == name) return offset;
    if (!own.empty()) continue;
    const int inner = btf__resolve_type(types, members[i].type);
    if (inner < 0) continue;
    const auto found = FindField(types, btf__type_by_id(types, inner), name, nesting + 1);
    if (found) return offset + *found;
  }
  return std::nullopt;
}

}  // namespace

Napi::Value KernelFieldOffsets(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  LibbpfLog log;
  std::unique_ptr<btf, FreeBtf> types(btf__load_vmlinux_btf());
  if (types == nullptr) throw SystemError(env, "read the kernel's type information", errno, log.Text());
  const auto wanted = info[0].As<Napi::Array>();
  Napi::Array result = Napi::Array::New(env, wanted.Length());
  for (uint32_t i = 0; i < wanted.Length(); ++i) {
    const auto pair = wanted.Get(i).As<Napi::Array>();
    const std::string type = pair.Get(0u).As<Napi::String>();
    const int id = btf__find_by_name_kind(types.get(), type.c_str(), BTF_KIND_STRUCT);
    if (id < 0) continue;
    const auto offset = FindField(types.get(), btf__type_by_id(types.get(), id), pair.Get(1u).As<Napi::String>());
    if (offset) result.Set(i, *offset);
  }
  return result;
}
