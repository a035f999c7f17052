#pragma once

#include <napi.h>

// clocks(): CLOCK_REALTIME and CLOCK_MONOTONIC (what BPF's ktime gives) of the same moment.
Napi::Value Clocks(const Napi::CallbackInfo& info);
