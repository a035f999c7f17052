// Makes gRPC calls as it is told on standard input, one JSON line a job, and answers each job with a line; or, as
// "calls serve", answers them: each with what has arrived. A method's name is the 16 characters of its id, then what
// the test's probe passes on, see probe.bpf.c.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
)

// raw sends bytes as they are.
type raw struct{}

func (raw) Name() string { return "raw" }

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// arrived is what the server has seen of a call.
type arrived struct {
	Method   string
	Metadata metadata.MD
	Messages int
	Bytes    int
	Hash     string
}

func serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	s := grpc.NewServer(
		grpc.UnknownServiceHandler(answer),
		grpc.MaxRecvMsgSize(64<<20),
		grpc.InitialWindowSize(8<<20),
		grpc.InitialConnWindowSize(16<<20),
	)
	panic(s.Serve(l))
}

// answer reads all messages, then says what came. With "pong" in the metadata each message is answered at once.
func answer(_ any, stream grpc.ServerStream) error {
	a := arrived{}
	a.Method, _ = grpc.MethodFromServerStream(stream)
	a.Metadata, _ = metadata.FromIncomingContext(stream.Context())
	hash := sha256.New()
	for {
		var in []byte
		if err := stream.RecvMsg(&in); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		a.Messages++
		a.Bytes += len(in)
		hash.Write(in)
		if len(a.Metadata["pong"]) > 0 {
			if err := stream.SendMsg(&in); err != nil {
				return err
			}
		}
		if len(a.Metadata["slow"]) > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	a.Hash = hex.EncodeToString(hash.Sum(nil))
	out, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return stream.SendMsg(&out)
}

type job struct {
	Address string
	// Name of the connection; one that is new is dialled. With Fresh each call dials its own.
	Connection string
	Fresh      bool
	// Bytes of grpc's own buffer, and of the socket's; 0: as they are by themselves.
	WriteBuffer *int
	SendBuffer  int

	Count, Concurrency int
	// Behind the id.
	Flag, TraceState, Baggage string
	Metadata                  map[string]string
	// Pairs beside, whose values differ from call to call.
	Varied int
	// Of each message, bytes; Messages of a stream, 0: a unary call.
	Bytes, Messages int
	Pong            bool
	// Gives all that arrived.
	Tell bool
	// Calls until a line comes.
	UntilLine bool
}

type result struct {
	OK int
	// Calls whose traceparent is that of their id, that have none, and others.
	Carried, Bare int
	Wrong, Failed []string
	Arrived       []json.RawMessage
}

var (
	connections = map[string]*grpc.ClientConn{}
	calls       atomic.Uint64
	pattern     = []byte(strings.Repeat("0123456789abcdef", 4<<20/16))
)

func dial(j job) *grpc.ClientConn {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.CallContentSubtype("raw"), grpc.MaxCallSendMsgSize(64<<20)),
	}
	if j.WriteBuffer != nil {
		options = append(options, grpc.WithWriteBufferSize(*j.WriteBuffer))
	}
	if j.SendBuffer != 0 {
		options = append(options, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
				return c.Control(func(fd uintptr) {
					syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, j.SendBuffer)
				})
			}}
			return d.DialContext(ctx, "tcp", address)
		}))
	}
	c, err := grpc.NewClient("passthrough:///"+j.Address, options...)
	if err != nil {
		panic(err)
	}
	return c
}

func connection(j job) *grpc.ClientConn {
	name := j.Connection + j.Address
	if connections[name] == nil {
		connections[name] = dial(j)
	}
	return connections[name]
}

// traceparent is what the test's probe makes of an id.
func traceparent(id, flag string) string {
	flags := "01"
	if flag == "u" {
		flags = "00"
	}
	return fmt.Sprintf("00-%x-%x-%s", id, id[8:], flags)
}

func call(c *grpc.ClientConn, j job, number uint64) (arrived, json.RawMessage, string, error) {
	id := fmt.Sprintf("%016x", number*0x9e3779b97f4a7c15)
	flag := j.Flag
	if flag == "" {
		flag = "s"
	}
	method := fmt.Sprintf("/%s%s%03d%03d%s%s/call", id, flag, len(j.TraceState), len(j.Baggage), j.TraceState, j.Baggage)
	ctx, cancel := context.WithTimeout(context.Background(), 120*time.Second)
	defer cancel()
	for name, value := range j.Metadata {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	for i := 0; i < j.Varied; i++ {
		ctx = metadata.AppendToOutgoingContext(ctx, fmt.Sprintf("x-varied-%d", i), fmt.Sprintf("%d-%s", i, id[:i%16]))
	}
	in, out := pattern[:j.Bytes], []byte{}
	var err error
	if j.Messages == 0 {
		err = c.Invoke(ctx, method, &in, &out)
	} else {
		out, err = stream(ctx, c, method, j, in)
	}
	a := arrived{}
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	if err == nil {
		err = check(a, j, method)
	}
	return a, out, traceparent(id, flag), err
}

func stream(ctx context.Context, c *grpc.ClientConn, method string, j job, in []byte) ([]byte, error) {
	if j.Pong {
		ctx = metadata.AppendToOutgoingContext(ctx, "pong", "1")
	}
	s, err := c.NewStream(ctx, &grpc.StreamDesc{StreamName: "call", ClientStreams: true, ServerStreams: true}, method)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i := 0; i < j.Messages; i++ {
		if err := s.SendMsg(&in); err != nil {
			return nil, err
		}
		if j.Pong {
			if err := s.RecvMsg(&out); err != nil || len(out) != len(in) {
				return nil, fmt.Errorf("answer %d: %w, %d bytes", i, err, len(out))
			}
		}
	}
	if err := s.CloseSend(); err != nil {
		return nil, err
	}
	if err := s.RecvMsg(&out); err != nil {
		return nil, err
	}
	if err := s.RecvMsg(&[]byte{}); err != io.EOF {
		return nil, fmt.Errorf("no end: %w", err)
	}
	return out, nil
}

// check compares what arrived with what was sent.
func check(a arrived, j job, method string) error {
	n := max(j.Messages, 1)
	hash := sha256.New()
	for i := 0; i < n; i++ {
		hash.Write(pattern[:j.Bytes])
	}
	if a.Method != method || a.Messages != n || a.Bytes != n*j.Bytes || a.Hash != hex.EncodeToString(hash.Sum(nil)) {
		return fmt.Errorf("%s: %d messages of %d bytes arrived", a.Method, a.Messages, a.Bytes)
	}
	for name, value := range j.Metadata {
		if got := a.Metadata.Get(name); len(got) == 0 || got[0] != value {
			return fmt.Errorf("%s: %q, not %q", name, got, value)
		}
	}
	for i := 0; i < j.Varied; i++ {
		if len(a.Metadata.Get(fmt.Sprintf("x-varied-%d", i))) != 1 {
			return fmt.Errorf("x-varied-%d", i)
		}
	}
	return nil
}

func (r *result) add(j job, a arrived, out json.RawMessage, want string, err error) {
	got := a.Metadata["traceparent"]
	switch {
	case err != nil:
		r.Failed = append(r.Failed, err.Error())
		return
	case len(got) == 0:
		r.Bare++
	case len(got) == 1 && got[0] == want:
		r.Carried++
	default:
		r.Wrong = append(r.Wrong, fmt.Sprint(got, want))
	}
	r.OK++
	if j.Tell {
		r.Arrived = append(r.Arrived, out)
	}
}

func run(j job, stop <-chan struct{}) result {
	var (
		r     result
		lock  sync.Mutex
		group sync.WaitGroup
		left  atomic.Int64
	)
	left.Store(int64(max(j.Count, 1)))
	shared := connection(j)
	for i := 0; i < max(j.Concurrency, 1); i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j.UntilLine || left.Add(-1) >= 0 {
				select {
				case <-stop:
					return
				default:
				}
				c := shared
				if j.Fresh {
					c = dial(j)
				}
				a, out, want, err := call(c, j, calls.Add(1))
				if j.Fresh {
					c.Close()
				}
				lock.Lock()
				r.add(j, a, out, want, err)
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	return r
}

func main() {
	encoding.RegisterCodec(raw{})
	if len(os.Args) > 1 {
		serve()
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	fmt.Println("ready")
	for lines.Scan() {
		var j job
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			panic(err)
		}
		stop, done := make(chan struct{}), make(chan result)
		go func() { done <- run(j, stop) }()
		if j.UntilLine {
			lines.Scan()
			close(stop)
		}
		out.Encode(<-done)
	}
}
