// One service of three that work together: a gateway asks orders and stock at once, orders asks the database and stock.
//
//	service -role stock
//	service -role orders -database DSN -stock URL
//	service -role gateway -orders URL -stock URL
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	_ "github.com/lib/pq"
)

var (
	role     = flag.String("role", "", "gateway, orders or stock")
	orders   = flag.String("orders", "", "URL of the orders service")
	stock    = flag.String("stock", "", "URL of the stock service")
	database = flag.String("database", "", "data source name of a PostgreSQL server")
	db       *sql.DB
	// Connections enough for all that is asked at once; more would be closed and opened again.
	client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
)

func main() {
	flag.Parse()
	mux := http.NewServeMux()
	switch *role {
	case "gateway":
		mux.HandleFunc("GET /orders/{id}", gateway)
	case "orders":
		mux.HandleFunc("GET /lines/{id}", lines)
	case "stock":
		mux.HandleFunc("GET /level/{id}", level)
	default:
		log.Fatalf("no role %q", *role)
	}
	if *database != "" {
		var err error
		if db, err = sql.Open("postgres", *database); err != nil {
			log.Fatal(err)
		}
		db.SetMaxOpenConns(16)
		db.SetMaxIdleConns(16)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}

// gateway asks both services at once, each on a goroutine of its own, and stock a second time afterwards.
func gateway(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var group sync.WaitGroup
	answers := make([]string, 3)
	for i, url := range []string{*orders + "/lines/" + id, *stock + "/level/" + id} {
		group.Add(1)
		go func() {
			defer group.Done()
			answers[i] = get(r.Context(), url)
		}()
	}
	group.Wait()
	answers[2] = get(r.Context(), *stock+"/level/"+id)
	fmt.Fprintln(w, answers)
}

// lines asks the database, then stock, with a context made of the request's.
func lines(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	count := "no database"
	if db != nil {
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_class WHERE relname = $1", "order "+r.PathValue("id")).Scan(&count); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	fmt.Fprintln(w, count, get(ctx, *stock+"/level/"+r.PathValue("id")))
}

func level(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, r.PathValue("id"))
}

func get(ctx context.Context, url string) string {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode, len(body))
}
