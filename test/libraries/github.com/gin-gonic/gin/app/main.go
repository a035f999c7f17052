// A server with gin's router: groups, a wildcard, redirects, handlers that panic. It knows nothing of tracing.
//
// It prints one line a listener, "listening ADDRESS NAME", and "ready" after the last: h1 is the router itself, timeout
// has it behind http.TimeoutHandler, on another goroutine, and mounted behind a ServeMux.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

func ok(c *gin.Context) { c.String(http.StatusOK, "ok") }

func router() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.GET("/panic/:id", func(*gin.Context) { panic("on purpose") })
	r.Use(gin.RecoveryWithWriter(nothing{}))
	r.GET("/plain", ok)
	r.GET("/items/:id", ok)
	r.GET("/files/*path", ok)
	r.GET("/missing/:id", func(c *gin.Context) { c.String(http.StatusNotFound, "no such item") })
	r.GET("/recovered/:id", func(*gin.Context) { panic("on purpose") })
	r.GET("/again/:id", func(c *gin.Context) {
		c.Request.URL.Path = "/items/7"
		r.HandleContext(c)
	})
	group := r.Group("/api", func(c *gin.Context) {
		if c.Query("stop") != "" {
			c.AbortWithStatus(http.StatusUnauthorized)
		}
	})
	group.Group("/v1").Group("/users").POST("/:user/orders/:order", ok)
	return r
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
	serve("timeout", http.TimeoutHandler(router(), time.Minute, ""))
	mux := http.NewServeMux()
	mux.Handle("/", router())
	serve("mounted", mux)
	fmt.Println("ready")
	select {}
}
