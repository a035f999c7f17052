package main

import (
	_ "github.com/mattn/go-sqlite3"

	"sqlcalls/calls"
)

func main() { calls.Main("sqlite3") }
