// A server with echo's router: groups with middleware, a wildcard, handlers that panic. It knows nothing of tracing.
//
// It prints one line a listener, "listening ADDRESS NAME", and "ready" after the last: h1 is the router itself, pre the
// same with a middleware before the router, timeout has it behind http.TimeoutHandler, on another goroutine, and
// mounted behind a ServeMux.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

func ok(c echo.Context) error { return c.String(http.StatusOK, "ok") }

func router() *echo.Echo {
	e := echo.New()
	e.Logger.SetOutput(nothing{})
	e.GET("/plain", ok)
	e.GET("/items/:id", ok)
	e.GET("/files/*", ok)
	e.GET("/missing/:id", func(c echo.Context) error { return c.String(http.StatusNotFound, "no such item") })
	e.GET("/panic/:id", func(echo.Context) error { panic("on purpose") })
	e.GET("/recovered/:id", func(echo.Context) error { panic("on purpose") }, middleware.Recover())
	group := e.Group("/api", func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return next(c) }
	})
	group.Group("/v1").Group("/users").POST("/:user/orders/:order", ok)
	return e
}

func withPre() *echo.Echo {
	e := router()
	e.Pre(middleware.RemoveTrailingSlash())
	return e
}

type nothing struct{}

func (nothing) Write(p []byte) (int, error) { return len(p), nil }

func serve(name string, handler http.Handler) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening", l.Addr(), name)
	go func() {
		server := http.Server{Handler: handler, ErrorLog: log.New(nothing{}, "", 0)}
		log.Fatal(server.Serve(l))
	}()
}

func main() {
	serve("h1", router())
	serve("pre", withPre())
	serve("timeout", http.TimeoutHandler(router(), time.Minute, ""))
	mux := http.NewServeMux()
	mux.Handle("/", router())
	serve("mounted", mux)
	fmt.Println("ready")
	select {}
}
