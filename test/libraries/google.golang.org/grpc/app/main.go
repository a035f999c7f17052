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
	"strings"

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

func main() {
	isBack := flag.Bool("back", false, "be what is called")
	unix := flag.String("unix", "", "path of a unix socket to listen on as well")
	plain := flag.String("plain", "127.0.0.1:0", "address of the first listener")
	known := targets{}
	flag.Var(known, "target", "NAME=ADDRESS of what is called")
	flag.Parse()
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
