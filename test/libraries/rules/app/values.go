package main

import (
	"errors"
	"fmt"
	"os"
)

var errStock, errPrice = errors.New("out of stock"), errors.New("no price")

// Errors of types that begin with what they say, one that doesn't, and none.
//
//go:noinline
func wrapped(n int) error {
	switch n {
	case 0:
		return fmt.Errorf("order %d: %w", 7, errStock)
	case 1:
		return fmt.Errorf("%w, %w", errStock, errPrice)
	case 2:
		return errPrice
	case 3:
		return &refused{n}
	}
	return nil
}

type texter interface{ text() string }

// Tag has a method of its values; an interface has the pointer's, which the compiler makes.
type Tag string

func (t Tag) text() string { return "tag " + string(t) }

//go:noinline
func textOf(what texter) string { return what.text() }

func otherValues() {
	for n := 0; n < 5; n++ {
		fmt.Fprintln(os.Stderr, wrapped(n))
	}
	tag := Tag("b")
	fmt.Fprintln(os.Stderr, textOf(&tag))
}
