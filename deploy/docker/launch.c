// Starts the agent in the image, which runs as a user other than root.
//
// A container's runtime gives added capabilities to root alone: another user only may get them, from a file that has
// them. This file has them ("permitted", not "effective": else the kernel would refuse to start it as soon as one of
// them wasn't added). What the runtime allows of them is handed on to Node as ambient capabilities, so that all threads
// of it have them, and the dynamic loader and OpenSSL don't distrust their environment.
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOME "/opt/otel-go-auto/"

static void hand_on_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2];
  if (syscall(SYS_capget, &header, sets)) return;
  for (int i = 0; i < 2; i++) sets[i].inheritable = sets[i].permitted;
  if (syscall(SYS_capset, &header, sets)) return;
  for (int capability = 0; capability < 64; capability++)
    if (sets[capability / 32].permitted & 1u << capability % 32)
      prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

int main(int argc, char **argv) {
  // Root has what it was given, and its children get the same.
  if (geteuid() != 0) hand_on_capabilities();
  char *words[] = {HOME "node", NODE_FLAGS, HOME "bin/otel-go-auto"};
  const int count = sizeof words / sizeof *words;
  char *command[count + argc];
  memcpy(command, words, sizeof words);
  memcpy(command + count, argv + 1, argc * sizeof *argv);  // with the NULL at its end
  execv(command[0], command);
  fprintf(stderr, "otel-go-auto: %s: %s\n", command[0], strerror(errno));
  return 1;
}
