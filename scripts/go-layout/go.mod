module otel-go-auto/scripts/go-layout

go 1.26
