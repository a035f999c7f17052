package main

import (
	_ "github.com/go-sql-driver/mysql"

	"sqlcalls/calls"
)

func main() { calls.Main("mysql") }
