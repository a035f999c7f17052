#include "memory.h"

#include <malloc.h>

namespace {

// glibc's own default. Left alone, it grows with each large block that is freed, up to 32 MiB (man 3 mallopt): payloads
// then lie between small blocks, and the memory of those that were sent stays with the process.
constexpr int kMapFromBytes = 128 * 1024;

}  // namespace

void ReturnFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, kMapFromBytes);
  mallopt(M_TRIM_THRESHOLD, kMapFromBytes);
}
