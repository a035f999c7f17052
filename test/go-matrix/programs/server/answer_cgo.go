//go:build cgo

package main

/*
#include <stdio.h>
#include <stdlib.h>

static char *number(int n) {
	char *text = malloc(16);
	if (text != NULL) {
		snprintf(text, 16, "%d", n);
	}
	return text;
}
*/
import "C"

import "unsafe"

func answer(n int) string {
	text := C.number(C.int(n))
	defer C.free(unsafe.Pointer(text))
	return C.GoString(text)
}
