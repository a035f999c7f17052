// A net/http server that can call any operation of many cloud services: as large as the largest Go programs, and of
// real code. The services are in services.go, which large-program.ts writes.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"reflect"
)

func handle(w http.ResponseWriter, r *http.Request) {
	newClient, ok := services[r.URL.Path[1:]]
	if !ok {
		fmt.Fprintln(w, len(services))
		return
	}
	client := newClient()
	// Any operation by its name: the linker has to keep them all.
	if operation := reflect.ValueOf(client).MethodByName(r.URL.Query().Get("operation")); operation.IsValid() {
		fmt.Fprintln(w, operation.Type())
	}
	fmt.Fprintf(w, "%T\n", client)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, "listening", listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(handle)))
}
