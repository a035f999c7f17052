#pragma once

#include <cstdarg>
#include <string>

// Collects what libbpf says on this thread during the life of the object, which includes the verifier's log of
// a program that failed to load. Keeps the last 64 KiB: the reason of a refusal stands at the log's end.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& Text() const { return text_; }

  // Silences libbpf's own printing to stderr; once, at the addon's start.
  static void Install();

 private:
  void Append(const char* format, va_list arguments);
  friend struct LibbpfPrinter;

  std::string text_;
  LibbpfLog* outer_;
};
