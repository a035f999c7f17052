#include "child_process.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "error.h"

extern char** environ;

namespace {

// Between fork and exec only what man 7 signal-safety lists may be called: other threads' locks are never given back.

constexpr long kCloseRange = 436;       // Linux 5.9; also of older headers
constexpr int kDescriptorsBefore = 65536;  // on older kernels: more than that are not closed
constexpr char kContinued = 1;

void ResetSignals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void DropInherited(const std::vector<int>& capabilities) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  if (syscall(SYS_capget, &header, data) != 0) return;
  for (const int number : capabilities) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, number, 0, 0);
    data[CAP_TO_INDEX(number)].inheritable &= ~CAP_TO_MASK(number);
  }
  syscall(SYS_capset, &header, data);
}

// Waits for a byte; false when the other side is gone.
bool WaitFor(int fd) {
  char byte = 0;
  ssize_t got;
  do got = read(fd, &byte, 1);
  while (got < 0 && errno == EINTR);
  return got == 1;
}

// The first of them that is `keep`, all others are closed.
void CloseAllBut(int keep) {
  const auto close_range = [](unsigned first, unsigned last) { return syscall(kCloseRange, first, last, 0); };
  const bool closed = (keep == 0 || close_range(0, keep - 1) == 0) && close_range(keep + 1, ~0U) == 0;
  if (closed) return;
  for (int fd = 0; fd < kDescriptorsBefore; ++fd) {
    if (fd != keep) close(fd);
  }
}

// Node marks what it was started with to be closed at exec.
void KeepStandardStreams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) fcntl(fd, F_SETFD, 0);
}

[[noreturn]] void Execute(const char* file, char* const* argv, const std::vector<int>& capabilities, int gate,
                          int error_pipe) {
  KeepStandardStreams();
  DropInherited(capabilities);
  ResetSignals();
  WaitFor(gate);
  execve(file, argv, environ);
  const int error = errno;
  (void)!write(error_pipe, &error, sizeof(error));
  _exit(127);
}

// After so long the child goes on in any case: a busy machine must not keep a service from starting.
void LetGoAfter(int milliseconds, int pipe, pid_t child) {
  pollfd ready{pipe, POLLIN, 0};
  if (poll(&ready, 1, milliseconds) == 0) kill(child, SIGCONT);
}

// The descriptors of a process that was killed are closed one after the other: the probe that stops the child may go
// after the pipe, so one SIGCONT could come too early.
[[noreturn]] void StandGuard(int pipe, pid_t child, int milliseconds) {
  CloseAllBut(pipe);
  LetGoAfter(milliseconds, pipe, child);
  if (!WaitFor(pipe)) {
    const timespec pause{0, 10'000'000};
    for (int i = 0; i < 300 && kill(child, SIGCONT) == 0; ++i) nanosleep(&pause, nullptr);
  }
  _exit(0);
}

// All signals are held back: a handler of this process must not run in the child, where it would write to our pipes.
pid_t ForkWithoutSignals() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  const int error = errno;
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

struct Pipe {
  FileDescriptor reader;
  FileDescriptor writer;

  explicit Pipe(Napi::Env env) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw SystemError(env, "make a pipe", errno);
    reader.Reset(ends[0]);
    writer.Reset(ends[1]);
  }
};

// Gives up ownership by duplicating: FileDescriptor can't be moved.
int Duplicate(Napi::Env env, const FileDescriptor& descriptor) {
  const int fd = fcntl(descriptor.Get(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) throw SystemError(env, "duplicate a descriptor", errno);
  return fd;
}

}  // namespace

Napi::Function ChildProcess::Define(Napi::Env env) {
  return DefineClass(env, "ChildProcess",
                     {
                         InstanceMethod<&ChildProcess::Pid>("pid"),
                         InstanceMethod<&ChildProcess::Guard>("guard"),
                         InstanceMethod<&ChildProcess::Release>("release"),
                         InstanceMethod<&ChildProcess::Continue>("continue"),
                         InstanceMethod<&ChildProcess::ExecError>("execError"),
                     });
}

ChildProcess::ChildProcess(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ChildProcess>(info) {
  const Napi::Env env = info.Env();
  const std::string file = info[0].As<Napi::String>();
  const auto words = info[1].As<Napi::Array>();
  const auto numbers = info[2].As<Napi::Array>();
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < words.Length(); ++i) {
    const auto bytes = words.Get(i).As<Napi::Uint8Array>();
    texts.emplace_back(reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength());
  }
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  std::vector<int> capabilities;
  for (uint32_t i = 0; i < numbers.Length(); ++i) capabilities.push_back(numbers.Get(i).As<Napi::Number>());

  Pipe gate(env);
  Pipe error(env);
  gate_.Reset(Duplicate(env, gate.writer));
  error_.Reset(Duplicate(env, error.reader));
  pid_ = ForkWithoutSignals();
  if (pid_ < 0) throw SystemError(env, "start a process", errno);
  if (pid_ == 0) {
    // Its own copies of the writing ends would keep it waiting for itself.
    gate.writer.Close();
    gate_.Close();
    Execute(file.c_str(), argv.data(), capabilities, gate.reader.Get(), error.writer.Get());
  }
}

Napi::Value ChildProcess::Pid(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), pid_); }

// guard(milliseconds)
Napi::Value ChildProcess::Guard(const Napi::CallbackInfo& info) {
  const int milliseconds = info[0].As<Napi::Number>();
  Pipe pipe(info.Env());
  guard_.Reset(Duplicate(info.Env(), pipe.writer));
  const pid_t guard = ForkWithoutSignals();
  if (guard < 0) throw SystemError(info.Env(), "start a process", errno);
  if (guard == 0) StandGuard(pipe.reader.Get(), pid_, milliseconds);
  return info.Env().Undefined();
}

Napi::Value ChildProcess::Release(const Napi::CallbackInfo& info) {
  gate_.Close();
  return info.Env().Undefined();
}

Napi::Value ChildProcess::Continue(const Napi::CallbackInfo& info) {
  gate_.Close();
  if (!guard_.IsOpen()) return info.Env().Undefined();
  kill(pid_, SIGCONT);
  (void)!write(guard_.Get(), &kContinued, 1);
  guard_.Close();
  return info.Env().Undefined();
}

Napi::Value ChildProcess::ExecError(const Napi::CallbackInfo& info) {
  int error = 0;
  if (read(error_.Get(), &error, sizeof(error)) != sizeof(error)) error = 0;
  return Napi::Number::New(info.Env(), error);
}

Napi::Value ReapChildren(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array ended = Napi::Array::New(env);
  int status = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    Napi::Object child = Napi::Object::New(env);
    child.Set("pid", pid);
    if (WIFEXITED(status)) child.Set("code", WEXITSTATUS(status));
    if (WIFSIGNALED(status)) child.Set("signal", WTERMSIG(status));
    ended.Set(ended.Length(), child);
  }
  return ended;
}
