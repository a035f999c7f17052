/*
 * Preloaded into the agent: what the verifier says of each program that it takes goes to the file of $VERIFIER_LOG, a
 * line each: name, instructions looked at, stack of each function. Kernels before 5.16 tell it nowhere else.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* BPF_LOG_STATS of the kernel's bpf_verifier.h: these two lines alone. */
#define LOG_STATS 4
#define LOG_BYTES 65536
/* More than bpf_attr has on any kernel, whose size is the caller's. */
#define ATTR_BYTES 1024

union attr {
	char bytes[ATTR_BYTES];
	union bpf_attr bpf;
};

static void note(const char *program, const char *log)
{
	const char *path = getenv("VERIFIER_LOG");
	const char *processed = strstr(log, "processed ");
	const char *stack = strstr(log, "stack depth ");
	FILE *file;

	if (!path || !processed || !stack || !(file = fopen(path, "a")))
		return;
	stack += strlen("stack depth ");
	fprintf(file, "%s\t%d\t%.*s\n", program, atoi(processed + strlen("processed ")), (int)strcspn(stack, "\n"), stack);
	fclose(file);
}

/* libbpf makes its calls by this function of libc. */
long syscall(long number, ...)
{
	static char log[LOG_BYTES];
	static long (*real)(long, ...);
	union attr attr = {};
	long a[6], result;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (!real)
		real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	if (number != SYS_bpf || a[0] != BPF_PROG_LOAD || a[2] > ATTR_BYTES)
		return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	memcpy(&attr, (const void *)a[1], a[2]);
	if (!attr.bpf.log_level) {
		attr.bpf.log_level = LOG_STATS;
		attr.bpf.log_buf = (unsigned long)log;
		attr.bpf.log_size = sizeof(log);
		log[0] = 0;
		result = real(number, BPF_PROG_LOAD, &attr, a[2]);
		if (result >= 0) {
			note(attr.bpf.prog_name, log);
			return result;
		}
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
