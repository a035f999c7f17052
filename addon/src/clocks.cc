#include "clocks.h"

#include <ctime>

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

struct Sample {
  timespec realtime;
  int64_t monotonic;    // in the middle of the two readings around `realtime`
  int64_t uncertainty;  // between them
};

int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec;
}

Sample Take() {
  Sample sample;
  const int64_t before = MonotonicNanos();
  clock_gettime(CLOCK_REALTIME, &sample.realtime);
  const int64_t after = MonotonicNanos();
  sample.uncertainty = after - before;
  sample.monotonic = before + sample.uncertainty / 2;
  return sample;
}

}  // namespace

// The best of three: a preempted one has a wide bracket.
Napi::Value Clocks(const Napi::CallbackInfo& info) {
  Sample best = Take();
  for (int i = 0; i < 2; ++i) {
    const Sample next = Take();
    if (next.uncertainty < best.uncertainty) best = next;
  }
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("realtimeSeconds", static_cast<double>(best.realtime.tv_sec));
  result.Set("realtimeNanos", static_cast<double>(best.realtime.tv_nsec));
  result.Set("monotonicSeconds", static_cast<double>(best.monotonic / kNanosPerSecond));
  result.Set("monotonicNanos", static_cast<double>(best.monotonic % kNanosPerSecond));
  result.Set("uncertaintyNanos", static_cast<double>(best.uncertainty));
  return result;
}
