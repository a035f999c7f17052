#pragma once

#include <napi.h>

// Trials of what this kernel can do. Each returns 0 when it worked, else the positive errno.

// tryCreateMap(type, keySize, valueSize, maxEntries)
Napi::Value TryCreateMap(const Napi::CallbackInfo& info);
// tryLoadProgram(instructions): loads them as a kprobe program, the type that uprobes use.
Napi::Value TryLoadProgram(const Napi::CallbackInfo& info);
// tryUprobeMulti(): a uprobe_multi link whose pid filter means a process, not a thread.
Napi::Value TryUprobeMulti(const Napi::CallbackInfo& info);
