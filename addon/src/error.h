#pragma once

#include <napi.h>

#include <string>

// A JavaScript Error for a failed system call: `message` is "<doing>: <text of the errno>", `errno` its
// positive number, `log` what libbpf and the verifier said (may be empty).
Napi::Error SystemError(Napi::Env env, const std::string& doing, int error, const std::string& log = {});
