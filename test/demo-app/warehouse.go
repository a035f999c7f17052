package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"time"
)

// warehouse is how the shop sees it.
type warehouse struct{ url string }

func (w warehouse) stock(ctx context.Context, sku string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/stock/"+sku, nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the warehouse has no %s", sku)
	}
	var level int
	return level, json.NewDecoder(response.Body).Decode(&level)
}

var levels = map[string]int{"espresso-cup": 12, "tea-pot": 3}

func warehouseRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stock/{sku}", func(w http.ResponseWriter, r *http.Request) {
		// Somebody walks along the shelves.
		time.Sleep(time.Duration(5+rand.Intn(30)) * time.Millisecond)
		level, ok := levels[r.PathValue("sku")]
		if !ok {
			http.Error(w, "not here", http.StatusNotFound)
			return
		}
		reply(w, http.StatusOK, level)
	})
	return mux
}
