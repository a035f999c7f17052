#pragma once

// Has the C library give freed memory back. Call once, at the start.
void ReturnFreedMemory();
