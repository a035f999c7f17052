module app

go 1.17

require (
	go.opentelemetry.io/otel v0.20.0
	go.opentelemetry.io/otel/trace v0.20.0
)

require go.opentelemetry.io/otel/metric v0.20.0 // indirect
