package main

import (
	_ "github.com/lib/pq"

	"sqlcalls/calls"
)

func main() { calls.Main("postgres") }
