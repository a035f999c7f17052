// Checks files of deploy/ with the libraries of those who read them: the compose-go of Docker Compose, the types of
// Kubernetes and of the OpenTelemetry operator with unknown fields refused, BuildKit's parser and linter.
//
//	validate compose FILE…      each file's model, as JSON
//	validate kubernetes FILE…   each file's objects, as JSON
//	validate dockerfile FILE…   each file's stages, as JSON
//
// What is wrong goes to stderr, and the exit code is 1.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var readers = map[string]func(path string) (any, error){
	"compose":    readCompose,
	"kubernetes": readKubernetes,
	"dockerfile": readDockerfile,
}

func main() {
	read, known := readers[os.Args[1]]
	if !known {
		fail(fmt.Errorf("unknown kind %q", os.Args[1]))
	}
	result := []any{}
	for _, path := range os.Args[2:] {
		one, err := read(path)
		if err != nil {
			fail(fmt.Errorf("%s: %w", path, err))
		}
		result = append(result, one)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
