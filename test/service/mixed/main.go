// One service of three that work together over HTTP, gRPC and a database. It knows nothing of tracing.
//
//	mixed -role stock
//	mixed -role orders -database DSN -stock ADDRESS -levels URL
//	mixed -role gateway -orders ADDRESS -stock ADDRESS
//
// It prints one line a listener, "listening ADDRESS MODE", and "ready" after the last: "h1" is HTTP's, "grpc" is gRPC's.
package main

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	_ "github.com/lib/pq"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

var (
	role     = flag.String("role", "", "gateway, orders or stock")
	orders   = flag.String("orders", "", "address of the orders service")
	stock    = flag.String("stock", "", "address of the stock service")
	levels   = flag.String("levels", "", "URL of the stock service's other side")
	database = flag.String("database", "", "data source name of a PostgreSQL server")
)

func main() {
	flag.Parse()
	switch *role {
	case "gateway":
		g := &gateway{orders: dial(*orders), stock: dial(*stock)}
		mux := http.NewServeMux()
		mux.HandleFunc("GET /orders/{id}", g.order)
		go http.Serve(listen("h1"), mux)
	case "orders":
		db, err := sql.Open("postgres", *database)
		check(err)
		db.SetMaxOpenConns(16)
		db.SetMaxIdleConns(16)
		o := &ordersService{db: db, stock: dial(*stock), levels: *levels}
		go serve(listen("grpc"), "shop.v1.Orders", unary("Order", o.order), grpc.StreamDesc{})
	case "stock":
		mux := http.NewServeMux()
		mux.HandleFunc("GET /level/{id}", level)
		go http.Serve(listen("h1"), mux)
		go serve(listen("grpc"), "shop.v1.Stock", unary("Reserve", reserve), stream("Watch", watch))
	default:
		log.Fatalf("no role %q", *role)
	}
	fmt.Println("ready")
	select {}
}

func listen(mode string) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Println("listening", listener.Addr(), mode)
	return listener
}

func dial(address string) *grpc.ClientConn {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	return connection
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
