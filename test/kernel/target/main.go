// For each line "N" on stdin calls start(i) and end(i) for i in 0..N-1 on four goroutines, and answers "done N".
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"sync"
)

//go:noinline
func start(n int) int { return n + 1 }

//go:noinline
func end(n int) int { return n + 2 }

func main() {
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		count, err := strconv.Atoi(lines.Text())
		if err != nil {
			panic(err)
		}
		call(count)
		fmt.Println("done", count)
	}
}

func call(count int) {
	const workers = 4
	var group sync.WaitGroup
	for worker := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := worker; i < count; i += workers {
				start(i)
				end(i)
			}
		}()
	}
	group.Wait()
}
