#include "ring_reader.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bpf_map.h"
#include "error.h"

namespace {

// Moving it costs some microseconds, once for about a thousand records.
constexpr size_t kMaxWindowBytes = 256 * 1024;
constexpr size_t kHeaderBytes = BPF_RINGBUF_HDR_SZ;

constexpr size_t RecordBytes(uint32_t length) { return (kHeaderBytes + length + 7) & ~size_t{7}; }

}  // namespace

Napi::Function RingReader::Define(Napi::Env env) {
  return DefineClass(env, "RingReader",
                     {
                         InstanceMethod<&RingReader::Drain>("drain"),
                         InstanceMethod<&RingReader::Pending>("pending"),
                         InstanceMethod<&RingReader::OnReady>("onReady"),
                         InstanceMethod<&RingReader::Close>("close"),
                     });
}

RingReader::RingReader(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<RingReader>(info), page_size_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
  const BpfMap* map = BpfMap::Unwrap(info[0].As<Napi::Object>());
  if (map->Info().type != BPF_MAP_TYPE_RINGBUF) throw Napi::TypeError::New(info.Env(), "not a ring buffer");
  ring_size_ = map->Info().max_entries;
  window_size_ = std::min(ring_size_, kMaxWindowBytes);  // both are powers of two
  map_.Reset(fcntl(map->Fd(), F_DUPFD_CLOEXEC, 0));
  if (!map_.IsOpen()) throw SystemError(info.Env(), "duplicate ring buffer descriptor", errno);

  const auto map_at = [&](size_t page, size_t bytes, int protection) {
    void* address = mmap(nullptr, bytes, protection, MAP_SHARED, map_.Get(), static_cast<off_t>(page * page_size_));
    if (address != MAP_FAILED) return address;
    const int error = errno;
    Unmap();
    throw SystemError(info.Env(), "map ring buffer", error);
  };
  consumer_ = static_cast<uint64_t*>(map_at(0, page_size_, PROT_READ | PROT_WRITE));
  producer_ = static_cast<const uint64_t*>(map_at(1, page_size_, PROT_READ));
  window_ = static_cast<uint8_t*>(map_at(2, window_size_, PROT_READ));
}

RingReader::~RingReader() {
  StopPolling();
  Unmap();
}

void RingReader::Unmap() {
  if (consumer_ != nullptr) munmap(consumer_, page_size_);
  if (producer_ != nullptr) munmap(const_cast<uint64_t*>(producer_), page_size_);
  if (window_ != nullptr) munmap(window_, window_size_);
  consumer_ = nullptr;
  producer_ = nullptr;
  window_ = nullptr;
}

void RingReader::RequireOpen(Napi::Env env) const {
  if (consumer_ == nullptr) throw Napi::Error::New(env, "ring buffer reader is closed");
}

// Acquire pairs with the kernel's release: the headers before this position are written.
uint64_t RingReader::ProducerPosition() const { return __atomic_load_n(producer_, __ATOMIC_ACQUIRE); }

// The byte at a position, readable up to the window's end. Moves the window when the byte is outside of it.
const uint8_t* RingReader::At(uint64_t position) {
  const size_t place = position & (ring_size_ - 1);
  const size_t start = place & ~(window_size_ - 1);
  if (start != window_start_) {
    const auto offset = static_cast<off_t>(2 * page_size_ + start);
    if (mmap(window_, window_size_, PROT_READ, MAP_SHARED | MAP_FIXED, map_.Get(), offset) == MAP_FAILED) {
      throw SystemError(Env(), "map ring buffer", errno);
    }
    window_start_ = start;
  }
  return window_ + (place - start);
}

// Copies payload bytes, piece by piece when they run over the end of the window or of the ring.
void RingReader::CopyOut(uint8_t* to, uint64_t position, size_t bytes) {
  while (bytes > 0) {
    const uint8_t* from = At(position);
    const size_t piece = std::min(bytes, static_cast<size_t>(window_ + window_size_ - from));
    memcpy(to, from, piece);
    to += piece;
    position += piece;
    bytes -= piece;
  }
}

// drain(into): copies whole records, each as u32 length, u32 zero, payload padded with zeroes to 8 bytes, and
// gives their place back to the kernel. { bytes, more }: `more` when `into` was too small for all of them.
Napi::Value RingReader::Drain(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env());
  auto into = info[0].As<Napi::Uint8Array>();
  const size_t capacity = into.ByteLength();

  // We alone write the consumer's position. The end is fixed here, so that a fast producer can't hold us.
  uint64_t position = __atomic_load_n(consumer_, __ATOMIC_RELAXED);
  const uint64_t end = ProducerPosition();
  size_t filled = 0;
  bool more = false;
  while (position < end) {
    // The kernel clears the busy bit last; acquire pairs with that, so the payload is complete when it is gone.
    const uint32_t header = __atomic_load_n(reinterpret_cast<const uint32_t*>(At(position)), __ATOMIC_ACQUIRE);
    if (header & BPF_RINGBUF_BUSY_BIT) break;
    const uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
    const size_t record = RecordBytes(length);
    if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
      if (record > capacity - filled) {
        more = true;
        break;
      }
      uint8_t* to = into.Data() + filled;
      const uint32_t prefix[2] = {length, 0};
      memcpy(to, prefix, kHeaderBytes);
      CopyOut(to + kHeaderBytes, position + kHeaderBytes, length);
      memset(to + kHeaderBytes + length, 0, record - kHeaderBytes - length);
      filled += record;
    }
    position += record;
  }
  // Release: our reads of the payloads are done before the kernel may write there again.
  __atomic_store_n(consumer_, position, __ATOMIC_RELEASE);
  if (more && filled == 0) throw Napi::RangeError::New(info.Env(), "buffer is smaller than one record");

  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("bytes", static_cast<double>(filled));
  result.Set("more", more);
  return result;
}

// pending(): bytes in the ring that wait to be drained, headers and unfinished records included.
Napi::Value RingReader::Pending(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env());
  return Napi::Number::New(info.Env(), static_cast<double>(ProducerPosition() - *consumer_));
}

// onReady(callback): calls it once for each wake-up (or several that came together) that a program sent with its
// record; records that come in without one don't call.
Napi::Value RingReader::OnReady(const Napi::CallbackInfo& info) {
  RequireOpen(info.Env());
  StopPolling();
  poll_ = EdgePoll::Start(info.Env(), map_.Get(), info[0].As<Napi::Function>(), "otel-go-auto:RingReader");
  return info.Env().Undefined();
}

void RingReader::StopPolling() {
  if (poll_ != nullptr) poll_->Stop();
  poll_ = nullptr;
}

Napi::Value RingReader::Close(const Napi::CallbackInfo& info) {
  StopPolling();
  Unmap();
  map_.Close();
  return info.Env().Undefined();
}
