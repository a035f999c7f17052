package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/grpc"
)

func reserve(_ context.Context, id string) (string, error) { return "reserved " + id, nil }

// watch answers each message until there are no more.
func watch(stream grpc.ServerStream) error {
	for {
		in := text("")
		if err := stream.RecvMsg(in); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(in); err != nil {
			return err
		}
	}
}

func level(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, r.PathValue("id")) }
