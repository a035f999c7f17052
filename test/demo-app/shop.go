package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
)

type shop struct {
	store     *store
	warehouse warehouse
}

func shopRoutes(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /products/{sku}", s.product)
	mux.HandleFunc("GET /search", s.search)
	mux.HandleFunc("POST /carts/{cart}/items", s.add)
	mux.HandleFunc("POST /carts/{cart}/checkout", s.checkout)
	mux.HandleFunc("GET /orders/{id}", s.order)
	return mux
}

func (s *shop) product(w http.ResponseWriter, r *http.Request) {
	product, err := s.store.product(r.Context(), r.PathValue("sku"))
	if errors.Is(err, sql.ErrNoRows) {
		http.Error(w, "no such product", http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	stock, err := s.warehouse.stock(r.Context(), product.SKU)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	reply(w, http.StatusOK, map[string]any{"product": product, "stock": stock})
}

func (s *shop) search(w http.ResponseWriter, r *http.Request) {
	found, err := s.store.search(r.Context(), r.FormValue("q"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, http.StatusOK, found)
}

func (s *shop) add(w http.ResponseWriter, r *http.Request) {
	var line line
	if err := json.NewDecoder(r.Body).Decode(&line); err != nil {
		http.Error(w, "not a line of a cart", http.StatusBadRequest)
		return
	}
	if err := s.store.add(r.Context(), r.PathValue("cart"), line); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, http.StatusCreated, line)
}

// checkout asks the warehouse for all lines at once, then turns the cart into an order.
func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	lines, err := s.store.lines(r.Context(), r.PathValue("cart"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	var group sync.WaitGroup
	missing := make([]error, len(lines))
	for i, line := range lines {
		group.Add(1)
		go func() {
			defer group.Done()
			_, missing[i] = s.warehouse.stock(r.Context(), line.SKU)
		}()
	}
	group.Wait()
	if err := errors.Join(missing...); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	id, err := s.store.order(r.Context(), r.PathValue("cart"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, http.StatusOK, map[string]int64{"order": id})
}

// A real bug: an order without a customer has nil here.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	customers := map[string]*struct{ Name string }{"1001": {"Ada"}, "1002": nil}
	reply(w, http.StatusOK, map[string]string{"customer": customers[r.PathValue("id")].Name})
}
