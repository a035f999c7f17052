#pragma once

#include <napi.h>

// Constructors of the classes that C++ itself makes instances of.
struct InstanceData {
  Napi::FunctionReference bpf_map;
  Napi::FunctionReference program_link;
  Napi::FunctionReference uprobe_link;
};
