package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/grpc"
)

type ordersService struct {
	db     *sql.DB
	stock  *grpc.ClientConn
	levels string
}

// Connections enough for all that is asked at once; more would be closed and opened again.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// order asks the database, watches the stock for a moment, and asks its other side.
func (o *ordersService) order(ctx context.Context, id string) (string, error) {
	var count int
	const query = "SELECT count(*) FROM pg_class WHERE relname = $1"
	if err := o.db.QueryRowContext(ctx, query, "order "+id).Scan(&count); err != nil {
		return "", err
	}
	if err := o.watch(ctx, id); err != nil {
		return "", err
	}
	return fmt.Sprint(count), o.level(ctx, id)
}

func (o *ordersService) watch(ctx context.Context, id string) error {
	desc := &grpc.StreamDesc{StreamName: "Watch", ClientStreams: true, ServerStreams: true}
	stream, err := o.stock.NewStream(ctx, desc, "/shop.v1.Stock/Watch")
	if err != nil {
		return err
	}
	for range 3 {
		if err := stream.SendMsg(text(id)); err != nil {
			return err
		}
		if err := stream.RecvMsg(text("")); err != nil {
			return err
		}
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	if err := stream.RecvMsg(text("")); err != io.EOF {
		return err
	}
	return nil
}

func (o *ordersService) level(ctx context.Context, id string) error {
	request, err := http.NewRequestWithContext(ctx, "GET", o.levels+"/level/"+id, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	io.Copy(io.Discard, response.Body)
	return response.Body.Close()
}
