#include "connections.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bpf_map.h"
#include "error.h"
#include "file_descriptor.h"

namespace {

// Also those of older headers. The numbers are the same on all architectures.
constexpr long kPidfdOpen = 434;
constexpr long kPidfdGetfd = 438;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

bool IsSocket(const std::string& link) {
  char text[16] = {};
  return readlink(link.c_str(), text, sizeof(text) - 1) > 0 && strncmp(text, "socket:", 7) == 0;
}

// Numbers of the process's descriptors that are sockets; those closed meanwhile are left out.
bool ListSockets(int pid, std::vector<int>& sockets) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  std::unique_ptr<DIR, CloseDirectory> directory(opendir(folder.c_str()));
  if (directory == nullptr) return false;
  while (const dirent* entry = readdir(directory.get())) {
    if (entry->d_name[0] == '.' || !IsSocket(folder + "/" + entry->d_name)) continue;
    sockets.push_back(atoi(entry->d_name));
  }
  return true;
}

template <typename T>
bool GetOption(int socket, int option, T& value) {
  socklen_t size = sizeof(value);
  return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && size == sizeof(value);
}

bool HasOption(int socket, int option, int wanted) {
  int value = 0;
  return GetOption(socket, option, value) && value == wanted;
}

bool IsInternet(int socket) {
  int domain = 0;
  return GetOption(socket, SO_DOMAIN, domain) && (domain == AF_INET || domain == AF_INET6);
}

bool IsTcp(int socket) {
  return IsInternet(socket) && HasOption(socket, SO_PROTOCOL, IPPROTO_TCP);
}

bool IsConnected(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

// 0: unknown
in_port_t LocalPort(int socket) {
  sockaddr_storage own{};
  socklen_t size = sizeof(own);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return own.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&own)->sin_port
                                  : reinterpret_cast<sockaddr_in6*>(&own)->sin6_port;
}

// The kernel's copy of a descriptor of another process, for as long as it is looked at.
class Borrowed : public FileDescriptor {
 public:
  Borrowed(int process, int descriptor)
      : FileDescriptor(static_cast<int>(syscall(kPidfdGetfd, process, descriptor, 0))) {}
};

struct Outcome {
  std::vector<uint64_t> adopted;
  uint32_t failed = 0;
};

void Adopt(int socket, int connections, int cookies, Outcome& outcome) {
  uint64_t cookie = 0;
  const __u32 value = static_cast<__u32>(socket);
  if (!GetOption(socket, SO_COOKIE, cookie) ||
      bpf_map_update_elem(cookies, &socket, &cookie, BPF_ANY) != 0 ||
      bpf_map_update_elem(connections, &cookie, &value, BPF_ANY) != 0) {
    ++outcome.failed;
    return;
  }
  outcome.adopted.push_back(cookie);
}

}  // namespace

Napi::Value AdoptConnections(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int pid = info[0].As<Napi::Number>().Int32Value();
  const int connections = BpfMap::Unwrap(info[1].As<Napi::Object>())->Fd();
  const int cookies = BpfMap::Unwrap(info[2].As<Napi::Object>())->Fd();
  FileDescriptor process(static_cast<int>(syscall(kPidfdOpen, pid, 0)));
  if (!process.IsOpen()) throw SystemError(env, "open process " + std::to_string(pid), errno);
  std::vector<int> sockets;
  if (!ListSockets(pid, sockets)) throw SystemError(env, "list the descriptors of the process", errno);

  Outcome outcome;
  std::set<in_port_t> listening;
  std::vector<int> connected;
  for (const int number : sockets) {
    const Borrowed socket(process.Get(), number);
    if (!socket.IsOpen()) {
      if (errno == EPERM || errno == ENOSYS) throw SystemError(env, "take a descriptor of the process", errno);
      continue;  // closed meanwhile
    }
    // Go listens with MPTCP since 1.24, and gets connections of plain TCP from it.
    if (IsInternet(socket.Get()) && HasOption(socket.Get(), SO_ACCEPTCONN, 1)) {
      listening.insert(LocalPort(socket.Get()));
    } else if (IsTcp(socket.Get()) && IsConnected(socket.Get())) {
      connected.push_back(number);
    }
  }
  for (const int number : connected) {
    const Borrowed socket(process.Get(), number);
    if (!socket.IsOpen() || !IsTcp(socket.Get()) || !IsConnected(socket.Get())) continue;
    if (listening.count(LocalPort(socket.Get())) == 0) Adopt(socket.Get(), connections, cookies, outcome);
  }

  Napi::Array adopted = Napi::Array::New(env, outcome.adopted.size());
  for (uint32_t i = 0; i < outcome.adopted.size(); ++i) {
    adopted.Set(i, Napi::BigInt::New(env, outcome.adopted[i]));
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("cookies", adopted);
  result.Set("failed", outcome.failed);
  return result;
}
