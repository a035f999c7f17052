// Command app is the program that the tests of kafka-go trace. It knows nothing of tracing.
//
//	app -broker ADDRESS -db DSN -consumer ADDRESS
//
// It serves HTTP ("h1"), whose requests say what to write: see produce. It takes jobs ("jobs"), which say what to read:
// see consume; requests hand them on to the consumer, another process of the same program, or to its own. Without a
// database nothing is kept there.
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"kafkaapp/consume"
	"kafkaapp/produce"
)

func main() {
	broker := flag.String("broker", "", "address of the broker")
	dsn := flag.String("db", "", "data source name of a PostgreSQL database")
	consumer := flag.String("consumer", "", "where jobs are handed on to")
	host := flag.String("host", "127.0.0.1", "address to listen on")
	flag.Parse()
	jobs := listen(*host, "jobs")
	if *consumer == "" {
		*consumer = jobs.Addr().String()
	}
	server, err := consume.NewServer(*broker, *dsn)
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(jobs)
	h1 := listen(*host, "h1")
	fmt.Println("ready")
	log.Fatal(http.Serve(h1, produce.Handler(*broker, *consumer)))
}

func listen(host, mode string) net.Listener {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), mode)
	return l
}
