#include "libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdio>
#include <cstdlib>

namespace {
constexpr size_t kMaxBytes = 64 * 1024;
thread_local LibbpfLog* current = nullptr;
}  // namespace

struct LibbpfPrinter {
  static int Print(enum libbpf_print_level level, const char* format, va_list arguments) {
    if (level <= LIBBPF_WARN && current != nullptr) current->Append(format, arguments);
    return 0;
  }
};

void LibbpfLog::Install() { libbpf_set_print(LibbpfPrinter::Print); }

LibbpfLog::LibbpfLog() : outer_(current) { current = this; }

LibbpfLog::~LibbpfLog() { current = outer_; }

void LibbpfLog::Append(const char* format, va_list arguments) {
  char* message = nullptr;
  const int length = vasprintf(&message, format, arguments);
  if (length < 0) return;
  text_.append(message, static_cast<size_t>(length));
  free(message);
  if (text_.size() > kMaxBytes) text_.erase(0, text_.size() - kMaxBytes);
}
