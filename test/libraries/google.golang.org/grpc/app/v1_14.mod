module grpcapp

go 1.19

require (
	github.com/soheilhy/cmux v0.1.5
	golang.org/x/net v0.23.0
	google.golang.org/grpc v1.14.0
	google.golang.org/protobuf v1.33.0
)

require (
	github.com/golang/glog v1.1.2 // indirect
	github.com/golang/protobuf v1.5.4 // indirect
	golang.org/x/sys v0.18.0 // indirect
	golang.org/x/text v0.14.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20231002182017-d307bd883b97 // indirect
)
