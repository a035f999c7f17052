module sqlcalls

go 1.19

require (
	github.com/go-sql-driver/mysql v1.5.0
	github.com/jackc/pgx/v5 v5.0.0
	github.com/lib/pq v1.10.9
	github.com/mattn/go-sqlite3 v1.10.0
)

require (
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20221227161230-091c0ba34f0a // indirect
	golang.org/x/crypto v0.20.0 // indirect
	golang.org/x/text v0.14.0 // indirect
)
