package main

import (
	"fmt"
	"net/http"
	"sync"

	"google.golang.org/grpc"
)

type gateway struct{ orders, stock *grpc.ClientConn }

// order asks both services at once, each on a goroutine of its own.
func (g *gateway) order(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, call := range []func() error{
		func() error { return g.orders.Invoke(r.Context(), "/shop.v1.Orders/Order", text(id), text("")) },
		func() error { return g.stock.Invoke(r.Context(), "/shop.v1.Stock/Reserve", text(id), text("")) },
	} {
		group.Add(1)
		go func() {
			defer group.Done()
			errs[i] = call()
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	fmt.Fprintln(w, id)
}
