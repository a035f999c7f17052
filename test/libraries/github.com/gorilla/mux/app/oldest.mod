module app

go 1.17

require github.com/gorilla/mux v1.8.0
