package main

import (
	"context"
	"database/sql"

	_ "modernc.org/sqlite"
)

type product struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Cents int    `json:"cents"`
}

type line struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
}

type store struct{ db *sql.DB }

const schema = `
CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT, cents INTEGER);
INSERT INTO products VALUES
	('espresso-cup', 'Espresso cup', 890), ('tea-pot', 'Tea pot', 4200), ('moka-pot', 'Moka pot', 3150);
CREATE TABLE cart_lines (cart TEXT, sku TEXT, quantity INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, cents INTEGER);`

func openStore(file string) (*store, error) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, err
	}
	// SQLite writes one at a time.
	db.SetMaxOpenConns(1)
	_, err = db.Exec(schema)
	return &store{db}, err
}

func (s *store) product(ctx context.Context, sku string) (p product, err error) {
	row := s.db.QueryRowContext(ctx, "SELECT sku, name, cents FROM products WHERE sku = ?", sku)
	return p, row.Scan(&p.SKU, &p.Name, &p.Cents)
}

func (s *store) search(ctx context.Context, text string) ([]product, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT sku, name, cents FROM products WHERE name LIKE ?", "%"+text+"%")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []product{}
	for rows.Next() {
		var p product
		if err := rows.Scan(&p.SKU, &p.Name, &p.Cents); err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

func (s *store) add(ctx context.Context, cart string, l line) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO cart_lines VALUES (?, ?, ?)", cart, l.SKU, l.Quantity)
	return err
}

func (s *store) lines(ctx context.Context, cart string) ([]line, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT sku, quantity FROM cart_lines WHERE cart = ?", cart)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []line
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.SKU, &l.Quantity); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// order turns a cart into an order, or leaves everything as it was.
func (s *store) order(ctx context.Context, cart string) (int64, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	result, err := tx.ExecContext(ctx, `INSERT INTO orders (cents)
		SELECT sum(quantity * cents) FROM cart_lines JOIN products USING (sku) WHERE cart = ?`, cart)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM cart_lines WHERE cart = ?", cart); err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	return result.LastInsertId()
}
