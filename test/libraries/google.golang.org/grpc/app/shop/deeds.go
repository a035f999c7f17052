package shop

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// do: error CODE, details, wrapped, plain-error, slow, sleep MS, panic, goexit, flaky, meet N (as many others at the same time),
// forward NAME (a call of its own, of a method that is called so); anything else is fine.
func (s *shop) do(ctx context.Context, what string) error {
	words := strings.Fields(what)
	if len(words) == 0 {
		return nil
	}
	number := 0
	if len(words) > 1 {
		number, _ = strconv.Atoi(words[1])
	}
	switch words[0] {
	case "error":
		return status.Error(codes.Code(number), "no such thing")
	case "details":
		st, err := status.New(codes.FailedPrecondition, "look at the details").WithDetails(&Text{Value: "a detail"})
		if err != nil {
			return err
		}
		return st.Err()
	case "wrapped":
		return fmt.Errorf("around: %w", status.Error(codes.NotFound, "within"))
	case "plain-error":
		return fmt.Errorf("not a status")
	case "slow":
		<-ctx.Done()
		return ctx.Err()
	case "sleep":
		time.Sleep(time.Duration(number) * time.Millisecond)
	case "goexit":
		runtime.Goexit()
	case "panic":
		panic("as asked")
	case "flaky":
		if md, _ := metadata.FromIncomingContext(ctx); len(md["grpc-previous-rpc-attempts"]) == 0 {
			return status.Error(codes.Unavailable, "the first time")
		}
	case "meet":
		s.meeting.wait(ctx, number)
	case "forward":
		return s.call(ctx, words[1])
	}
	return nil
}
