// Command go-sampler answers what the Go SDK's own samplers decide: for each traceparent on stdin, one a line, it
// prints "1" or "0". A line of 32 hex digits is a trace id without a parent.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go-sampler SAMPLER RATIO")
	}
	ratio, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		log.Fatal(err)
	}
	sampler, ok := map[string]sdk.Sampler{
		"always_on":                sdk.AlwaysSample(),
		"always_off":               sdk.NeverSample(),
		"traceidratio":             sdk.TraceIDRatioBased(ratio),
		"parentbased_always_on":    sdk.ParentBased(sdk.AlwaysSample()),
		"parentbased_always_off":   sdk.ParentBased(sdk.NeverSample()),
		"parentbased_traceidratio": sdk.ParentBased(sdk.TraceIDRatioBased(ratio)),
	}[os.Args[1]]
	if !ok {
		log.Fatalf("unknown sampler %q", os.Args[1])
	}
	for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
		parent, id := parse(scanner.Text())
		decision := sampler.ShouldSample(sdk.SamplingParameters{ParentContext: parent, TraceID: id}).Decision
		if decision == sdk.RecordAndSample {
			fmt.Println("1")
		} else {
			fmt.Println("0")
		}
	}
}

func parse(line string) (context.Context, trace.TraceID) {
	if len(line) == 32 {
		id, err := trace.TraceIDFromHex(line)
		if err != nil {
			log.Fatal(err)
		}
		return context.Background(), id
	}
	carrier := propagation.MapCarrier{"traceparent": line}
	parent := propagation.TraceContext{}.Extract(context.Background(), carrier)
	span := trace.SpanContextFromContext(parent)
	if !span.IsValid() {
		log.Fatalf("not a traceparent: %q", line)
	}
	return parent, span.TraceID()
}
