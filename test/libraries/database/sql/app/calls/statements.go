package calls

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"sync"
)

func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

func scan(row *sql.Row) error {
	var name string
	return row.Scan(&name)
}

func (s *Server) query(r *http.Request) error {
	return drain(s.db.QueryContext(r.Context(), "SELECT name FROM users WHERE id = 1"))
}

func (s *Server) queryRow(r *http.Request) error {
	return scan(s.db.QueryRowContext(r.Context(), "SELECT name FROM users WHERE id = "+s.first, 1))
}

func (s *Server) exec(r *http.Request) error {
	text := "INSERT INTO users (id, name) VALUES (" + s.first + ", " + s.second + ")"
	_, err := s.db.ExecContext(r.Context(), text, 2, "bob")
	return err
}

// A caller that does not care for results.
func (s *Server) ignored(r *http.Request) error {
	s.db.ExecContext(r.Context(), "DELETE FROM users WHERE id = 77")
	return nil
}

// The methods without a context, in a handler.
func (s *Server) background(*http.Request) error {
	if err := s.db.Ping(); err != nil {
		return err
	}
	if _, err := s.db.Exec("DELETE FROM users WHERE id = 77"); err != nil {
		return err
	}
	return scan(s.db.QueryRow("SELECT name FROM users WHERE id = 1"))
}

func (s *Server) statements(r *http.Request) error {
	for _, text := range []string{
		"WITH a AS (SELECT id FROM users) SELECT id FROM a",
		"UPDATE users SET name = 'secret' WHERE id = 77",
		"-- of users\nSELECT COUNT(*) FROM users",
	} {
		if err := drain(s.db.QueryContext(r.Context(), text)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) long(r *http.Request) error {
	text := "SELECT name FROM users WHERE name = '" + strings.Repeat("secret ", 400) + "'"
	return drain(s.db.QueryContext(r.Context(), text))
}

func (s *Server) error(r *http.Request) error {
	_, err := s.db.ExecContext(r.Context(), "SELECT name FROM nowhere")
	return failed(err)
}

func (s *Server) cancelled(r *http.Request) error {
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	_, err := s.db.ExecContext(ctx, "DELETE FROM users WHERE id = 77")
	return failed(err)
}

func (s *Server) refused(r *http.Request) error {
	if err := failed(s.unreachable.PingContext(r.Context())); err != nil {
		return err
	}
	return failed(drain(s.unreachable.QueryContext(r.Context(), "SELECT name FROM users")))
}

func failed(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return nil
}

func (s *Server) ping(r *http.Request) error {
	return s.db.PingContext(r.Context())
}

// Goroutines that a request starts, half of which use its context.
func (s *Server) fanOut(r *http.Request) error {
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		ctx := r.Context()
		if i%2 == 1 {
			ctx = context.Background()
		}
		group.Add(1)
		go func() {
			defer group.Done()
			drain(s.db.QueryContext(ctx, "SELECT name FROM users WHERE id = 1"))
		}()
	}
	group.Wait()
	return nil
}

type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

func ask(ctx context.Context, q querier) error {
	if _, err := q.ExecContext(ctx, "DELETE FROM users WHERE id = 77"); err != nil {
		return err
	}
	return drain(q.QueryContext(ctx, "SELECT name FROM users WHERE id = 1"))
}

// As generated code calls: a DB, then a Tx, through an interface.
func (s *Server) throughInterface(r *http.Request) error {
	if err := ask(r.Context(), s.db); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(r.Context(), nil)
	if err != nil {
		return err
	}
	if err := ask(r.Context(), tx); err != nil {
		return err
	}
	return tx.Commit()
}
