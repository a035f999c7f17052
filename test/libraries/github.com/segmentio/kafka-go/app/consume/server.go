// Package consume reads messages as a job says, and handles each.
package consume

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"log"
	"net"
	"net/url"
	"strings"

	_ "github.com/lib/pq"

	"kafkaapp/params"
)

// Server takes jobs. Those who do them are, as in programs that do nothing else, no child of a request.
type Server struct {
	broker string
	db     *sql.DB
	jobs   chan task
}

type task struct {
	job
	answer chan result
}

// NewServer keeps what it handles in a database, unless there is none.
func NewServer(broker, dsn string) (*Server, error) {
	s := &Server{broker: broker, jobs: make(chan task)}
	if dsn != "" {
		db, err := sql.Open("postgres", dsn)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(8)
		db.SetMaxIdleConns(8)
		if _, err := db.Exec("CREATE TABLE IF NOT EXISTS messages (topic TEXT, number BIGINT)"); err != nil {
			return nil, err
		}
		s.db = db
	}
	go s.work()
	return s, nil
}

func (s *Server) work() {
	for t := range s.jobs {
		go func(t task) { t.answer <- t.do() }(t)
	}
}

// Serve takes a job a connection: a line like a URL's query. It answers with a line, which is a result.
func (s *Server) Serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go s.take(conn)
	}
}

func (s *Server) take(conn net.Conn) {
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return
	}
	values, err := url.ParseQuery(strings.TrimSpace(line))
	if err != nil {
		return
	}
	t := task{job{params.Params{Values: values}, s.broker, s.db}, make(chan result)}
	s.jobs <- t
	json.NewEncoder(conn).Encode(<-t.answer)
}
