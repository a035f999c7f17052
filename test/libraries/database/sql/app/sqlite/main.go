package main

import (
	_ "modernc.org/sqlite"

	"sqlcalls/calls"
)

func main() { calls.Main("sqlite") }
