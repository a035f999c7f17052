// Package calls is a server whose handlers call a database in every way that database/sql has.
package calls

import (
	"database/sql"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
)

// Server answers requests with what the database says.
type Server struct {
	db          *sql.DB
	unreachable *sql.DB
	prepared    *sql.Stmt
	// For the first and the second parameter of a statement.
	first, second string
}

// Main runs a server over a driver until the process is killed. It says "listening ADDRESS h1" and "ready".
func Main(driver string) {
	dsn := flag.String("dsn", "", "data source name")
	unreachable := flag.String("unreachable", "", "data source name of a server that is not there")
	flag.Parse()
	s := &Server{db: open(driver, *dsn), unreachable: open(driver, *unreachable), first: "?", second: "?"}
	if driver == "postgres" || driver == "pgx" {
		s.first, s.second = "$1", "$2"
	}
	for _, text := range []string{
		"DROP TABLE IF EXISTS users",
		"CREATE TABLE users (id INTEGER, name VARCHAR(40))",
		"INSERT INTO users (id, name) VALUES (1, 'ann')",
	} {
		_, err := s.db.Exec(text)
		check(err)
	}
	var err error
	s.prepared, err = s.db.Prepare("SELECT name FROM users WHERE id = " + s.first)
	check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	check(http.Serve(listener, s.routes()))
}

func open(driver, dsn string) *sql.DB {
	db, err := sql.Open(driver, dsn)
	check(err)
	// SQLite's database in memory is one for each connection.
	if strings.HasPrefix(driver, "sqlite") {
		db.SetMaxOpenConns(1)
	}
	return db
}

func check(err error) {
	if err != nil {
		log.SetOutput(os.Stderr)
		log.Fatal(err)
	}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for path, call := range map[string]func(*http.Request) error{
		"/query":      s.query,
		"/queryrow":   s.queryRow,
		"/exec":       s.exec,
		"/ignored":    s.ignored,
		"/background": s.background,
		"/statements": s.statements,
		"/prepare":    s.prepare,
		"/prepared":   s.usePrepared,
		"/commit":     s.commit,
		"/rollback":   s.rollback,
		"/deferred":   s.deferred,
		"/txprepared": s.txPrepared,
		"/txgo":       s.txElsewhere,
		"/conn":       s.conn,
		"/ping":       s.ping,
		"/error":      s.error,
		"/cancelled":  s.cancelled,
		"/refused":    s.refused,
		"/fanout":     s.fanOut,
		"/interface":  s.throughInterface,
		"/long":       s.long,
		"/broken":     s.broken,
	} {
		call := call
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if err := call(r); err != nil {
				log.Print(r.URL.Path, ": ", err)
				w.WriteHeader(http.StatusInternalServerError)
			}
			fmt.Fprint(w, "ok")
		})
	}
	return mux
}
