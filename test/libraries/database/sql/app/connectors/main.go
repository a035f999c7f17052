// A server whose handlers each ask a database that is not there, through a connector of another kind.
package main

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/XSAM/otelsql"
	"github.com/go-sql-driver/mysql"
	pgx4 "github.com/jackc/pgx/v4"
	pgx4sql "github.com/jackc/pgx/v4/stdlib"
	pgx5 "github.com/jackc/pgx/v5"
	pgx5sql "github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
	mssql "github.com/microsoft/go-mssqldb"
	_ "github.com/sijms/go-ora/v2"
)

// The first argument is an address, "127.0.0.1:1".
func main() {
	address := os.Args[1]
	postgres := "postgres://u:p@" + address + "/shop?sslmode=disable"
	sqlServer := "sqlserver://u:p@" + address + "/instance?database=shop"
	handle("/pq", must(sql.Open("postgres", postgres)))
	handle("/pq-connector", sql.OpenDB(must(pq.NewConnector(postgres))))
	handle("/pgx4", sql.OpenDB(must[driver.Connector](new(pgx4sql.Driver).OpenConnector(postgres))))
	handle("/pgx4-config", pgx4sql.OpenDB(*must(pgx4.ParseConfig(postgres))))
	handle("/pgx5", sql.OpenDB(must[driver.Connector](new(pgx5sql.Driver).OpenConnector(postgres))))
	handle("/pgx5-config", pgx5sql.OpenDB(*must(pgx5.ParseConfig(postgres))))
	handle("/mysql", must(sql.Open("mysql", "u:p@tcp("+address+")/shop")))
	handle("/mssql", must(sql.Open("sqlserver", sqlServer)))
	handle("/mssql-connector", sql.OpenDB(must(mssql.NewConnector(sqlServer))))
	handle("/oracle", must(sql.Open("oracle", "oracle://u:p@"+address+"/shop")))
	config := must(mysql.ParseDSN("u:p@tcp(" + address + ")/shop"))
	handle("/otelsql", otelsql.OpenDB(must(mysql.NewConnector(config))))
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func handle(path string, db *sql.DB) {
	http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		rows, err := db.QueryContext(r.Context(), "SELECT name FROM users")
		if err == nil {
			rows.Close()
		}
		fmt.Fprint(w, "ok")
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
