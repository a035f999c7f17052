// A server whose handlers make spans with OpenTelemetry's API around calls of SQL, HTTP, gRPC and Kafka, and within what
// such calls start elsewhere. What each path does is said at it.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"

	_ "github.com/lib/pq"
	"github.com/segmentio/kafka-go"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

var (
	dataSource = flag.String("database", "", "of PostgreSQL")
	broker     = flag.String("broker", "", "address of Kafka")
	topic      = flag.String("topic", "orders", "of Kafka, to be created")
)

var tracer = otel.Tracer("shop")

type caller struct {
	self     string
	database *sql.DB
	health   grpc_health_v1.HealthClient
	writer   *kafka.Writer
	handled  chan struct{}
}

func main() {
	flag.Parse()
	createTopic()
	listener := listen()
	c := &caller{
		self:    "http://" + listener.Addr().String(),
		health:  grpc_health_v1.NewHealthClient(dial(serveCalls())),
		writer:  &kafka.Writer{Addr: kafka.TCP(*broker), Topic: *topic, BatchSize: 1},
		handled: make(chan struct{}),
	}
	var err error
	if c.database, err = sql.Open("postgres", *dataSource); err != nil {
		log.Fatal(err)
	}
	go c.handleMessages()
	for path, do := range map[string]func(context.Context){
		"/callee":  func(context.Context) {},
		"/calls":   c.calls,
		"/workers": c.workers,
		"/message": c.message,
	} {
		http.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { do(r.Context()) })
	}
	http.Handle("/middleware", otelhttp.NewHandler(http.HandlerFunc(c.middleware), "handler"))
	fmt.Printf("listening %s h1\nready\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

func span(ctx context.Context, name string, do func(context.Context)) {
	ctx, span := tracer.Start(ctx, name)
	defer span.End()
	do(ctx)
}

// calls makes one of each kind in a span, and one of each in a span of its own below that.
func (c *caller) calls(ctx context.Context) {
	span(ctx, "outer", func(ctx context.Context) {
		for _, each := range c.each() {
			each.do(ctx)
			span(ctx, each.name, each.do)
		}
	})
}

// workers does the latter on goroutines of their own.
func (c *caller) workers(ctx context.Context) {
	span(ctx, "outer", func(ctx context.Context) {
		var group sync.WaitGroup
		for _, each := range c.each() {
			group.Add(1)
			go func() {
				defer group.Done()
				span(ctx, each.name, each.do)
			}()
		}
		group.Wait()
	})
}

type call struct {
	name string
	do   func(context.Context)
}

func (c *caller) each() []call {
	return []call{{"sql", c.query}, {"http", c.get}, {"grpc", c.check}}
}

func (c *caller) query(ctx context.Context) {
	var one int
	if err := c.database.QueryRowContext(ctx, "SELECT 1 FROM pg_class LIMIT 1").Scan(&one); err != nil {
		log.Fatal(err)
	}
}

func (c *caller) get(ctx context.Context) { c.getBy(ctx, http.DefaultClient) }

func (c *caller) getBy(ctx context.Context, client *http.Client) {
	request, err := http.NewRequestWithContext(ctx, "GET", c.self+"/callee", nil)
	if err != nil {
		log.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
}

func (c *caller) check(ctx context.Context) {
	if _, err := c.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err != nil {
		log.Fatal(err)
	}
}

var instrumented = &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}

// middleware traces this request, and the one that it makes.
func (c *caller) middleware(w http.ResponseWriter, r *http.Request) {
	trace.SpanFromContext(r.Context()).SetAttributes(attribute.String("order", "17"))
	c.getBy(r.Context(), instrumented)
	span(r.Context(), "own", c.query)
}

// message is sent in a span, and waited for until it was handled.
func (c *caller) message(ctx context.Context) {
	span(ctx, "publish", func(ctx context.Context) {
		if err := c.writer.WriteMessages(ctx, kafka.Message{Value: []byte("pack")}); err != nil {
			log.Fatal(err)
		}
	})
	<-c.handled
}

func createTopic() {
	connection, err := kafka.Dial("tcp", *broker)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	if err := connection.CreateTopics(kafka.TopicConfig{Topic: *topic, NumPartitions: 1, ReplicationFactor: 1}); err != nil {
		log.Fatal(err)
	}
}

// handleMessages has no context to tell whose child its spans are.
func (c *caller) handleMessages() {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{*broker}, Topic: *topic, GroupID: "packers"})
	for {
		message, err := reader.FetchMessage(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		span(context.Background(), "pack", c.query)
		if err := reader.CommitMessages(context.Background(), message); err != nil {
			log.Fatal(err)
		}
		c.handled <- struct{}{}
	}
}

// health answers in a span of its own.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (health) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	span(ctx, "answer", func(context.Context) {})
	return &grpc_health_v1.HealthCheckResponse{}, nil
}

func serveCalls() string {
	listener := listen()
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health{})
	go func() { log.Fatal(server.Serve(listener)) }()
	return listener.Addr().String()
}

func dial(address string) *grpc.ClientConn {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}
