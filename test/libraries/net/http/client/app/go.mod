module client

go 1.22

require golang.org/x/sync v0.3.0
