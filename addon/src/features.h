#pragma once

#include <napi.h>

// Trials of what this kernel can do. Each returns 0 when it worked, else the positive errno.

// tryCreateMap(type, keySize, valueSize, maxEntries)
Napi::Value TryCreateMap(const Napi::CallbackInfo& info);
// tryLoadProgram(instructions): loads them as a kprobe program, the type that uprobes use.
Napi::Value TryLoadProgram(const Napi::CallbackInfo& info);
// tryUprobeMulti(): a uprobe_multi link whose pid filter means a process, not a thread.
Napi::Value TryUprobeMulti(const Napi::CallbackInfo& info);
// tryUprobe(): a uprobe by a perf event, which asks for other rights than a uprobe_multi link.
Napi::Value TryUprobe(const Napi::CallbackInfo& info);
// trySystemCall(name): calls it with arguments that the kernel itself answers with EINVAL whoever asks (for bpf:
// whoever holds CAP_BPF). Any other answer comes from what stands before the kernel, as a seccomp filter does.
Napi::Value TrySystemCall(const Napi::CallbackInfo& info);
