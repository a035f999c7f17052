module app

go 1.17

require github.com/go-chi/chi/v5 v5.0.0
