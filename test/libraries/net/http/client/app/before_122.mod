module client

go 1.18

require golang.org/x/sync v0.3.0
