#pragma once

#include <napi.h>

// kernelFieldOffsets([["task_struct", "files"], …]): where each field is in its struct, in bytes, from the running
// kernel's own type information. Undefined in place of one that it doesn't have. Throws when there is no such
// information (CONFIG_DEBUG_INFO_BTF, /sys/kernel/btf/vmlinux).
Napi::Value KernelFieldOffsets(const Napi::CallbackInfo& info);
