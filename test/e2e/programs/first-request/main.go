// A server whose first request comes before anything else: it asks itself. It says which signals it gets.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	code := flag.Int("exit", 0, "exit code at SIGTERM")
	once := flag.Bool("once", false, "end after the first request")
	workers := flag.Int("workers", 0, "children that run this program too, once")
	flag.Parse()

	signals := make(chan os.Signal, 100)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGALRM, syscall.SIGTERM, syscall.SIGCONT, syscall.SIGPWR, syscall.SIGWINCH)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	go http.Serve(listener, nil)
	response, err := http.Get("http://" + listener.Addr().String() + "/first")
	check(err)
	_, err = io.ReadAll(response.Body)
	check(err)
	response.Body.Close()
	for i := 0; i < *workers; i++ {
		worker := exec.Command("/proc/self/exe", "-exit", "0")
		worker.Stdout = os.Stdout
		check(worker.Start())
		defer worker.Process.Kill()
	}
	fmt.Printf("listening %s h1\npid %d\nready\n", listener.Addr(), os.Getpid())
	if *once {
		os.Exit(*code)
	}
	for s := range signals {
		fmt.Printf("signal %d\n", s.(syscall.Signal))
		if s == syscall.SIGTERM {
			os.Exit(*code)
		}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}
