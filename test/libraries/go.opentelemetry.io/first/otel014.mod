module app

go 1.16

require go.opentelemetry.io/otel v0.14.0
