// Greets somebody ten times a second.
package main

import (
	"fmt"
	"time"
)

//go:noinline
func greet(name string) { fmt.Println("hello", name) }

//go:noinline
func thank(name string) { fmt.Println("thank you", name) }

func main() {
	for range 600 {
		greet("Ada")
		thank("Ada")
		time.Sleep(100 * time.Millisecond)
	}
}
