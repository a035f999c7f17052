package calls

import (
	"context"
	"errors"
	"net/http"
)

func (s *Server) prepare(r *http.Request) error {
	ctx := r.Context()
	statement, err := s.db.PrepareContext(ctx, "SELECT name FROM users WHERE id = "+s.first)
	if err != nil {
		return err
	}
	defer statement.Close()
	if err := drain(statement.QueryContext(ctx, 1)); err != nil {
		return err
	}
	return scan(statement.QueryRow(1))
}

// A statement that no request has prepared.
func (s *Server) usePrepared(r *http.Request) error {
	return scan(s.prepared.QueryRowContext(r.Context(), 1))
}

func (s *Server) commit(r *http.Request) error {
	ctx := r.Context()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "UPDATE users SET name = 'eve' WHERE id = 77"); err != nil {
		return err
	}
	if err := scan(tx.QueryRow("SELECT name FROM users WHERE id = 1")); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *Server) rollback(r *http.Request) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if err := drain(tx.QueryContext(r.Context(), "SELECT name FROM users WHERE id = 1")); err != nil {
		return err
	}
	return tx.Rollback()
}

// A transaction that is given up by the Rollback that waits for that.
func (s *Server) deferred(r *http.Request) error {
	return failed(func() error {
		tx, err := s.db.BeginTx(r.Context(), nil)
		if err != nil {
			return nil
		}
		defer tx.Rollback()
		return errors.New("given up")
	}())
}

func (s *Server) txPrepared(r *http.Request) error {
	ctx := r.Context()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	statement, err := tx.PrepareContext(ctx, "DELETE FROM users WHERE id = "+s.first)
	if err != nil {
		return err
	}
	if _, err := statement.ExecContext(ctx, 77); err != nil {
		return err
	}
	return tx.Commit()
}

// A transaction that is committed on a goroutine which the request did not start.
func (s *Server) txElsewhere(r *http.Request) error {
	tx, err := s.db.BeginTx(r.Context(), nil)
	if err != nil {
		return err
	}
	done := make(chan error)
	elsewhere <- func() { done <- tx.Commit() }
	return <-done
}

var elsewhere = make(chan func())

func init() {
	go func() {
		for work := range elsewhere {
			work()
		}
	}()
}

func (s *Server) conn(r *http.Request) error {
	ctx := r.Context()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.PingContext(ctx); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "DELETE FROM users WHERE id = 77"); err != nil {
		return err
	}
	if err := scan(conn.QueryRowContext(context.Background(), "SELECT name FROM users WHERE id = 1")); err != nil {
		return err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return tx.Rollback()
}

// Its connections are closed by the server, which waits until they are: the next call finds that out, and is tried again with another one.
func (s *Server) broken(r *http.Request) error {
	conn, err := s.db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	text := "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
	if err := drain(conn.QueryContext(context.Background(), text)); err != nil {
		return err
	}
	return drain(s.db.QueryContext(r.Context(), "SELECT name FROM users WHERE id = 1"))
}
