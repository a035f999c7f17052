#pragma once

#include <napi.h>

#include <cstdint>

#include "edge_poll.h"
#include "file_descriptor.h"

// Reads a BPF ring buffer. In place of libbpf's mapping, which maps the data twice, it maps a window of the data
// and moves that along: the kernel counts every mapped page of a ring as resident, so a ring of 8 MiB would cost
// 16 MiB of RSS; this way it costs 256 KiB.
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
  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value Pending(const Napi::CallbackInfo& info);
  Napi::Value OnReady(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void RequireOpen(Napi::Env env) const;
  uint64_t ProducerPosition() const;
  const uint8_t* At(uint64_t position);
  void CopyOut(uint8_t* to, uint64_t position, size_t bytes);
  void Unmap();
  void StopPolling();

  size_t page_size_;
  size_t ring_size_;
  size_t window_size_;
  FileDescriptor map_;
  uint64_t* consumer_ = nullptr;
  const uint64_t* producer_ = nullptr;
  uint8_t* window_ = nullptr;
  size_t window_start_ = 0;  // place in the ring
  EdgePoll* poll_ = nullptr;
};
