// Command stack is asked for what takes stack, a line each, and answers with "ready": deep recursion, goroutines, a
// garbage collection, a child process, a signal.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
)

func main() {
	runtime.LockOSThread()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		work()
		syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		<-signals
		fmt.Println("ready", recurse(200_000))
	}
}

func work() {
	var group sync.WaitGroup
	for i := 0; i < 64; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			recurse(10_000)
			runtime.GC()
		}()
	}
	group.Wait()
	if err := exec.Command("/bin/true").Run(); err != nil {
		panic(err)
	}
}

//go:noinline
func recurse(depth int) int {
	var frame [8]int
	frame[depth%8] = depth
	if depth == 0 {
		buffer := make([]byte, 1<<16)
		return runtime.Stack(buffer, true)
	}
	return recurse(depth-1) + frame[0]&1
}
