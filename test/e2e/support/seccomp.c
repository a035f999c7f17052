// Runs a command under a seccomp filter, as container runtimes do: seccomp FILTER COMMAND…
// FILTER is a file of struct sock_filter.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static struct sock_filter filter[4096];
  const int file = argc > 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
  const ssize_t bytes = read(file, filter, sizeof(filter));
  const struct sock_fprog program = {
      .len = (unsigned short)(bytes / (ssize_t)sizeof(filter[0])),
      .filter = filter,
  };
  if (bytes <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
    perror("seccomp");
    return 127;
  }
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
