#include "features.h"

#include <bpf/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "file_descriptor.h"
#include "libbpf_log.h"

namespace {

Napi::Value Outcome(Napi::Env env, int fd) {
  const int error = fd < 0 ? errno : 0;
  FileDescriptor close_it(fd);
  return Napi::Number::New(env, error);
}

int LoadKprobe(const void* instructions, size_t bytes, bpf_attach_type attach_type) {
  LIBBPF_OPTS(bpf_prog_load_opts, options);
  options.expected_attach_type = attach_type;
  return bpf_prog_load(BPF_PROG_TYPE_KPROBE, nullptr, "GPL", static_cast<const bpf_insn*>(instructions),
                       bytes / sizeof(bpf_insn), &options);
}

int CreateUprobeMultiLink(int program, int pid) {
  LIBBPF_OPTS(bpf_link_create_opts, options);
  const unsigned long offset = 0;
  options.uprobe_multi.path = "/";  // no regular file: a kernel that knows these links answers EBADF
  options.uprobe_multi.offsets = &offset;
  options.uprobe_multi.cnt = 1;
  options.uprobe_multi.pid = static_cast<__u32>(pid);
  return bpf_link_create(program, -1, BPF_TRACE_UPROBE_MULTI, &options);
}

// Numbers of system calls that older headers lack. The same on all architectures.
constexpr long kPidfdOpen = 434;
constexpr long kPidfdGetfd = 438;

int RefusalOf(const std::string& call) {
  const unsigned long no_such_flags = ~0ul;
  errno = 0;
  if (call == "bpf") syscall(SYS_bpf, -1, nullptr, 0);
  if (call == "perf_event_open") syscall(SYS_perf_event_open, nullptr, 0, -1, -1, no_such_flags);
  if (call == "pidfd_open") syscall(kPidfdOpen, 1, no_such_flags);
  if (call == "pidfd_getfd") syscall(kPidfdGetfd, -1, -1, no_such_flags);
  return errno;
}

}  // namespace

Napi::Value TryCreateMap(const Napi::CallbackInfo& info) {
  LibbpfLog silent;
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Uint32Value(); };
  return Outcome(info.Env(), bpf_map_create(static_cast<bpf_map_type>(number(0)), nullptr, number(1), number(2),
                                            number(3), nullptr));
}

Napi::Value TryLoadProgram(const Napi::CallbackInfo& info) {
  LibbpfLog silent;
  const auto bytes = info[0].As<Napi::Uint8Array>();
  return Outcome(info.Env(), LoadKprobe(bytes.Data(), bytes.ByteLength(), static_cast<bpf_attach_type>(0)));
}

// Before Linux 6.10 the filter matched one thread (commit 46ba0e49b642, "bpf: fix multi-uprobe PID filtering
// logic"); the same commit made a negative pid an EINVAL, before anything else is looked at.
Napi::Value TryUprobeMulti(const Napi::CallbackInfo& info) {
  LibbpfLog silent;
  const bpf_insn instructions[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = 0},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  FileDescriptor program(LoadKprobe(instructions, sizeof(instructions), BPF_TRACE_UPROBE_MULTI));
  if (!program.IsOpen()) return Napi::Number::New(info.Env(), errno);
  const auto refusal = [&](int pid) {
    FileDescriptor link(CreateUprobeMultiLink(program.Get(), pid));
    return link.IsOpen() ? 0 : errno;
  };
  const int without_filter = refusal(0);
  if (without_filter != EBADF) return Napi::Number::New(info.Env(), without_filter);
  return Napi::Number::New(info.Env(), refusal(-1) == EINVAL ? 0 : EOPNOTSUPP);
}

// The kernel asks for the right first, and then refuses a directory with EINVAL.
Napi::Value TryUprobe(const Napi::CallbackInfo& info) {
  unsigned type = 0;
  if (!(std::ifstream("/sys/bus/event_source/devices/uprobe/type") >> type)) {
    return Napi::Number::New(info.Env(), ENOENT);
  }
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = type;
  attributes.uprobe_path = reinterpret_cast<__u64>("/");
  FileDescriptor event(
      static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
  return Napi::Number::New(info.Env(), event.IsOpen() || errno == EINVAL ? 0 : errno);
}

Napi::Value TrySystemCall(const Napi::CallbackInfo& info) {
  const int refusal = RefusalOf(info[0].As<Napi::String>());
  return Napi::Number::New(info.Env(), refusal == EINVAL ? 0 : refusal);
}
