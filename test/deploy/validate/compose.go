package main

import (
	"context"

	"github.com/compose-spec/compose-go/v2/cli"
)

// readCompose loads a file as `docker compose config` does: schema, interpolation, references between services.
func readCompose(path string) (any, error) {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithOsEnv, cli.WithName("validate"))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}
