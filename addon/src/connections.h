#pragma once

#include <napi.h>

// adoptConnections(pid, connections, cookies): puts each TCP connection that process `pid` has open, and that it did
// not accept from a listener of its own, into the map `connections` (cookie → socket) and its cookie into `cookies`
// (socket storage). Returns {adopted, failed, cookies}: `failed` counts those that the kernel did not hand out or take.
// Throws when the process can't be looked at.
Napi::Value AdoptConnections(const Napi::CallbackInfo& info);
