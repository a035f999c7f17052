// Greets somebody ten times a second.
package main

import (
	"fmt"
	"time"
)

// greet needs more stack than a new goroutine has: its stack check fails once, and then it starts again.
//
//go:noinline
func greet(name string) {
	var room [8192]byte
	copy(room[len(name):], name)
	fmt.Println("hello", string(room[len(name):2*len(name)]))
}

//go:noinline
func thank(name string) { fmt.Println("thank you", name) }

func main() {
	for i := 0; i < 600; i++ {
		done := make(chan struct{})
		go func() {
			greet("Ada")
			thank("Ada")
			close(done)
		}()
		<-done
		time.Sleep(100 * time.Millisecond)
	}
}
