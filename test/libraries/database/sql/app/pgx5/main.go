package main

import (
	_ "github.com/jackc/pgx/v5/stdlib"

	"sqlcalls/calls"
)

func main() { calls.Main("pgx") }
