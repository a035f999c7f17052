module client

go 1.17

require golang.org/x/sync v0.3.0
