// Calls functions of all shapes that rules may name. Each line on stdin makes one round of calls; "done" follows it.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
)

type Customer struct {
	Name string
	VIP  bool
	Note *string
}

type base struct{ Region string }

type Order struct {
	base
	ID       string
	Customer *Customer
	Items    []string
	Tags     map[string]int
	Price    float64
	Weight   float32
	small    int8
	raw      []byte
	Err      error
}

type Point struct {
	X, Y int16
	Name string
}

type Big struct {
	Head  string
	Cells [4]int64
	Tail  uint32
}

type OrderService struct{ Place_ string }

type refused struct{ code int }

func (r *refused) Error() string { return "refused" }

//go:noinline
func (s *OrderService) Place(ctx context.Context, order *Order, n int) (string, error) {
	if n == 1 {
		return "", errors.New("secret of a customer")
	}
	if n == 2 {
		return "", &refused{n}
	}
	return "placed-" + order.ID, nil
}

//go:noinline
func (p Point) Move(by int16, label string) Point {
	return Point{p.X + by, p.Y - by, label + p.Name}
}

// More than fits in registers, and of all sizes.
//
//go:noinline
func Wide(a int8, b uint16, c int32, d uint64, e bool, f string, g []byte, h uintptr, i int64, j string, k float64, l int32) int64 {
	return int64(a) + int64(b) + int64(c) + int64(d) + int64(len(f)+len(g)) + int64(h) + i + int64(len(j)) + int64(k) + int64(l)
}

//go:noinline
func Stacked(big Big, n int) (Big, int) {
	big.Head += "!"
	big.Cells[2] = int64(n)
	big.Tail++
	return big, n * 2
}

//go:noinline
func Map[T, U any](in []T, f func(T) U) []U {
	var out []U
	for _, each := range in {
		out = append(out, f(each))
	}
	return out
}

type List[T any] struct{ items []T }

//go:noinline
func (l *List[T]) Push(item T) int {
	l.items = append(l.items, item)
	return len(l.items)
}

//go:noinline
func Depth(n int) int {
	if n == 0 {
		return 0
	}
	return Depth(n-1) + 1
}

//go:noinline
func Risky(n int) int {
	var order *Order
	if n > 0 {
		return len(order.ID)
	}
	return n
}

func guarded(n int) (result int) {
	defer func() {
		if recover() != nil {
			result = -1
		}
	}()
	return Risky(n)
}

//go:noinline
func inner(n int) error {
	if n%2 == 1 {
		return &refused{n}
	}
	return nil
}

//go:noinline
func outer(n int) error { return inner(n) }

type Store interface{ Save(id string) error }
type disk struct{ count int }

//go:noinline
func (d *disk) Save(id string) error {
	d.count++
	return nil
}

//go:noinline
func saveAll(store Store, ids ...string) (failed int) {
	for _, id := range ids {
		if store.Save(id) != nil {
			failed++
		}
	}
	return failed
}

//go:noinline
func describe(what any, err error) string { return fmt.Sprint(what, err) }

var sink int

//go:noinline
func leaf(n int) int { return n + sink }

//go:noinline
func worker(id int) {
	defer group.Done()
	step(id)
}

//go:noinline
func step(id int) int { return Depth(id%3) + id }

//go:noinline
func bytes(raw []byte) int { return len(raw) }

func tiny(n int) int { return n + 1 }

var group sync.WaitGroup

func round(service *OrderService, store Store) {
	note := "fragile"
	order := &Order{
		base:     base{"north"},
		ID:       "o-1",
		Customer: &Customer{Name: "Ada", VIP: true, Note: &note},
		Items:    []string{"a", "b"},
		Tags:     map[string]int{"x": 1, "y": 2, "z": 3},
		Price:    1.5,
		Weight:   0.25,
		small:    -7,
		raw:      []byte("raw"),
		Err:      &refused{1},
	}
	for n := 0; n < 3; n++ {
		answer, err := service.Place(context.Background(), order, n)
		fmt.Fprintln(os.Stderr, answer, err)
	}
	answer, err := service.Place(context.Background(), &Order{ID: "empty"}, 3)
	fmt.Fprintln(os.Stderr, answer, err)
	moved := Point{3, 4, "p"}.Move(-5, "to-")
	fmt.Fprintln(os.Stderr, moved.X, moved.Name)
	sink += int(Wide(-8, 65535, -70000, 1<<40, true, "six", []byte("seven"), 0x77, -9, "ten", 2.5, -12)) * 0
	big, twice := Stacked(Big{"head", [4]int64{1, 2, 3, 4}, 9}, 21)
	fmt.Fprintln(os.Stderr, big.Head, big.Cells, big.Tail, twice)
	words := Map([]int{1, 2}, func(n int) string { return fmt.Sprint("w", n) })
	lengths := Map(words, func(word string) int { return len(word) })
	fmt.Fprintln(os.Stderr, words, lengths, tiny(len(words)))
	list := &List[string]{}
	fmt.Fprintln(os.Stderr, list.Push("one")+list.Push("two"))
	fmt.Fprintln(os.Stderr, Depth(3))
	fmt.Fprintln(os.Stderr, guarded(1), guarded(0))
	if err := outer(1); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err := outer(2); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Fprintln(os.Stderr, saveAll(store, "s-1", "s-2", "s-3"))
	fmt.Fprintln(os.Stderr, describe("what", order.Err), describe(7, nil))
	sink += leaf(11) * 0
	fmt.Fprintln(os.Stderr, bytes([]byte("some bytes")))
	otherValues()
	group.Add(8)
	for id := 0; id < 8; id++ {
		go worker(id)
	}
	group.Wait()
}

func main() {
	debug.SetGCPercent(20)
	service, store := &OrderService{}, &disk{}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		round(service, store)
		fmt.Println("done")
	}
}
