#pragma once

#include <napi.h>
#include <uv.h>

#include <cstdint>

#include "file_descriptor.h"

// Reads a BPF ring buffer. Has its own mapping in place of libbpf's, which maps the data twice: the kernel counts
// every mapped page as resident, so a ring of 8 MiB would cost 16 MiB of RSS.
//
// Layout and protocol: https://docs.kernel.org/bpf/ringbuf.html and kernel/bpf/ringbuf.c. Page 0 holds the
// consumer's position (ours to write), page 1 the producer's, then the data. Positions only grow; position modulo
// size is the place. A record is a u32 of length and flags, a u32 for the kernel, the payload, padding to 8.
class RingReader : public Napi::ObjectWrap<RingReader> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit RingReader(const Napi::CallbackInfo& info);
  ~RingReader() override;

 private:
  struct Poll;

  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value Pending(const Napi::CallbackInfo& info);
  Napi::Value OnReady(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void Unmap();
  void StopPolling();
  void CopyOut(uint8_t* to, uint64_t position, size_t bytes) const;

  size_t page_size_ = 0;
  size_t ring_size_ = 0;
  FileDescriptor map_;
  uint64_t* consumer_ = nullptr;
  const uint8_t* producer_page_ = nullptr;
  Poll* poll_ = nullptr;
};
