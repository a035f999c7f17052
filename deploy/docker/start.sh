#!/bin/sh
# Starts an application with the agent around it: signals and the exit code pass through. Where the agent isn't, or
# isn't wanted, the application starts alone.
agent=${OTEL_GO_AUTO_AGENT:-/opt/otel-go-auto/otel-go-auto}
if [ "${OTEL_GO_AUTO_INSTRUMENTATION_ENABLED:-true}" != false ] && [ -x "$agent" ]; then
  exec "$agent" run -- "$@"
fi
exec "$@"
