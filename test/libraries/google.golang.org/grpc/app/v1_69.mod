module grpcapp

go 1.23

toolchain go1.23.12

require (
	github.com/soheilhy/cmux v0.1.5
	golang.org/x/net v0.35.0
	google.golang.org/grpc v1.69.4
	google.golang.org/protobuf v1.36.10
)

require (
	golang.org/x/sys v0.30.0 // indirect
	golang.org/x/text v0.22.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20241015192408-796eee8c2d53 // indirect
)
