package main

import (
	_ "github.com/microsoft/go-mssqldb"

	"sqlcalls/calls"
)

func main() { calls.Main("sqlserver") }
