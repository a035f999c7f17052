// Command app is the program that the tests of gRPC trace: one end or the other. It knows nothing of tracing.
//
//	app -back                       serves gRPC on many listeners, see back
//	app -target NAME=ADDRESS …      serves HTTP ("h1"), and calls those for each request, see front
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"grpcapp/back"
	"grpcapp/front"
)

type targets map[string]string

func (t targets) String() string { return fmt.Sprint(map[string]string(t)) }

func (t targets) Set(text string) error {
	parts := strings.SplitN(text, "=", 2)
	if len(parts) != 2 {
		return fmt.Errorf("not NAME=ADDRESS")
	}
	t[parts[0]] = parts[1]
	return nil
}

// writeProfile says "profiled" when it is done.
func writeProfile(path string) {
	file, err := os.Create(path)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		log.Fatal(err)
	}
	time.AfterFunc(5*time.Second, func() {
		pprof.StopCPUProfile()
		file.Close()
		fmt.Println("profiled")
	})
}

func main() {
	isBack := flag.Bool("back", false, "be what is called")
	unix := flag.String("unix", "", "path of a unix socket to listen on as well")
	plain := flag.String("plain", "127.0.0.1:0", "address of the first listener")
	profile := flag.String("profile", "", "file for what the CPU does in the first seconds")
	known := targets{}
	flag.Var(known, "target", "NAME=ADDRESS of what is called")
	flag.Parse()
	if *profile != "" {
		writeProfile(*profile)
	}
	var err error
	if *isBack {
		err = back.Serve(*plain, *unix)
	} else {
		err = front.Serve(known)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ready")
	select {}
}
