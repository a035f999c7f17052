#pragma once

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <string>

// Where the initial value of a global variable lies; `data` is null when there is none of that name.
struct GlobalVariable {
  void* data = nullptr;
  size_t size = 0;
};

// Looks through the variables of .rodata, .data and .bss. Valid until the object is loaded.
inline GlobalVariable FindGlobalVariable(bpf_object* object, const std::string& name) {
  const btf* types = bpf_object__btf(object);
  bpf_map* map;
  bpf_object__for_each_map(map, object) {
    size_t section_size = 0;
    char* section_data = static_cast<char*>(bpf_map__initial_value(map, &section_size));
    if (!bpf_map__is_internal(map) || section_data == nullptr) continue;
    // libbpf gives these maps the BTF DATASEC of their ELF section as their value's type.
    const btf_type* section = btf__type_by_id(types, bpf_map__btf_value_type_id(map));
    if (section == nullptr || !btf_is_datasec(section)) continue;
    const btf_var_secinfo* variables = btf_var_secinfos(section);
    for (int i = 0; i < btf_vlen(section); ++i) {
      const btf_type* variable = btf__type_by_id(types, variables[i].type);
      if (name != btf__name_by_offset(types, variable->name_off)) continue;
      if (variables[i].offset + static_cast<size_t>(variables[i].size) > section_size) return {};
      return {section_data + variables[i].offset, variables[i].size};
    }
  }
  return {};
}
