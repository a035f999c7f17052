package main

import (
	"errors"
	"strings"
	"sync"
)

type product struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Cents int    `json:"cents"`
}

type line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type customer struct{ Name string }

type store struct {
	products []product
	orders   map[string]*customer
	mu       sync.Mutex
	carts    map[string][]line
}

func newStore() *store {
	return &store{
		products: []product{
			{"espresso-cup", "Espresso cup", 890},
			{"tea-pot", "Tea pot", 4200},
			{"moka-pot", "Moka pot", 3150},
		},
		orders: map[string]*customer{"1001": {"Ada"}, "1002": nil},
		carts:  map[string][]line{},
	}
}

func (s *store) product(sku string) (product, bool) {
	for _, p := range s.products {
		if p.SKU == sku {
			return p, true
		}
	}
	return product{}, false
}

func (s *store) search(text string) []product {
	found := []product{}
	for _, p := range s.products {
		if strings.Contains(strings.ToLower(p.Name), strings.ToLower(text)) {
			found = append(found, p)
		}
	}
	return found
}

func (s *store) add(cart string, l line) []line {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carts[cart] = append(s.carts[cart], l)
	return s.carts[cart]
}

func (s *store) total(cart string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, l := range s.carts[cart] {
		p, ok := s.product(l.SKU)
		if !ok {
			return 0, errors.New("payment service is not reachable")
		}
		total += p.Cents * l.Quantity
	}
	return total, nil
}
