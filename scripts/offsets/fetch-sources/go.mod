module otel-go-auto/scripts/offsets/fetch-sources

go 1.26
