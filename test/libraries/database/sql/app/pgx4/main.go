package main

import (
	_ "github.com/jackc/pgx/v4/stdlib"

	"sqlcalls/calls"
)

func main() { calls.Main("pgx") }
