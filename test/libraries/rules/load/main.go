// A server whose requests call functions that rules name: /ten ten of them within each other, /chaos on goroutines that
// return, panic or end in the middle.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync"
)

//go:noinline
func step(n int) int {
	if n <= 1 {
		return n
	}
	below := step(n - 1)
	// Its place for a probe: what follows straight to the end has none.
	if below > 1000 {
		return n
	}
	return below + 1
}

// Fails at its innermost call, in one of the ways of a goroutine.
//
//go:noinline
func fail(n, way int) int {
	if n > 1 {
		return fail(n-1, way) + 1
	}
	switch way {
	case 1, 2:
		panic("failed")
	case 3:
		runtime.Goexit()
	}
	return step(2)
}

//go:noinline
func guarded(n, way int) (result int) {
	defer func() {
		if recover() != nil {
			result = -1
		}
	}()
	return fail(n, way)
}

// Way 0 returns, 1 panics and goes on behind it, 2 panics and ends there, 3 ends without a panic.
func chaos(way int, wait *sync.WaitGroup) {
	defer wait.Done()
	defer func() { recover() }()
	if way == 2 {
		fail(3, way)
	}
	guarded(3, way)
	if way == 1 {
		guarded(2, 0)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/ten", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, step(10)) })
	http.HandleFunc("/chaos", func(w http.ResponseWriter, r *http.Request) {
		fan, _ := strconv.Atoi(r.URL.Query().Get("fan"))
		var wait sync.WaitGroup
		wait.Add(4 * fan)
		for i := 0; i < 4*fan; i++ {
			go chaos(i%4, &wait)
		}
		wait.Wait()
	})
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
