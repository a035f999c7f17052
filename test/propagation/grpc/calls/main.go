// Makes gRPC calls as it is told on standard input, one JSON line a job, and answers each job with a line; or, as
// "calls serve", answers them: each with what has arrived. A method's name is the 16 characters of its id, then what
// the test's probe passes on, see probe.bpf.c.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/grpc/encoding"
)

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

// raw sends bytes as they are.
type raw struct{}

func (raw) Name() string { return "raw" }

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
