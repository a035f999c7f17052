// Command shop is the API of a small online shop and, with -warehouse-only, the warehouse that it asks for stock: the
// application that the demonstration traces. It is an ordinary program: nothing in it knows of tracing.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	warehouseOnly := flag.Bool("warehouse-only", false, "be the warehouse")
	warehouseURL := flag.String("warehouse", "", "URL of the warehouse")
	database := flag.String("database", "", "file of the shop's database")
	flag.Parse()

	handler := warehouseRoutes()
	if !*warehouseOnly {
		store, err := openStore(*database)
		if err != nil {
			log.Fatal(err)
		}
		handler = shopRoutes(&shop{store: store, warehouse: warehouse{*warehouseURL}})
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr())
	server := &http.Server{Handler: handler, ErrorLog: log.New(os.Stderr, "", 0)}
	log.Fatal(server.Serve(l))
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
