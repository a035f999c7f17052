// Command shop is the API of a small online shop, the application that the demonstration traces. It is an ordinary
// program: nothing in it knows of tracing.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr())
	server := &http.Server{Handler: routes(newStore()), ErrorLog: log.New(os.Stderr, "shop: ", 0)}
	log.Fatal(server.Serve(l))
}

func routes(store *store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /products", func(w http.ResponseWriter, _ *http.Request) {
		pause(4, 12)
		reply(w, http.StatusOK, store.products)
	})
	mux.HandleFunc("GET /products/{sku}", func(w http.ResponseWriter, r *http.Request) {
		pause(1, 5)
		product, ok := store.product(r.PathValue("sku"))
		if !ok {
			http.Error(w, "no such product", http.StatusNotFound)
			return
		}
		reply(w, http.StatusOK, product)
	})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		pause(40, 160)
		reply(w, http.StatusOK, store.search(r.FormValue("q")))
	})
	mux.HandleFunc("POST /carts/{cart}/items", func(w http.ResponseWriter, r *http.Request) {
		pause(2, 8)
		var line line
		if err := json.NewDecoder(r.Body).Decode(&line); err != nil {
			http.Error(w, "not a line of a cart", http.StatusBadRequest)
			return
		}
		reply(w, http.StatusCreated, store.add(r.PathValue("cart"), line))
	})
	mux.HandleFunc("POST /carts/{cart}/checkout", func(w http.ResponseWriter, r *http.Request) {
		pause(80, 250)
		total, err := store.total(r.PathValue("cart"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		reply(w, http.StatusOK, map[string]int{"cents": total})
	})
	// A real bug: an order without a customer has nil here.
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		pause(3, 6)
		reply(w, http.StatusOK, map[string]string{"customer": store.orders[r.PathValue("id")].Name})
	})
	mux.HandleFunc("GET /cart", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/carts/mine", http.StatusSeeOther)
	})
	return mux
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// pause stands for the work of a database or another service.
func pause(least, most int) {
	time.Sleep(time.Duration(least*1000+rand.Intn((most-least)*1000)) * time.Microsecond)
}
