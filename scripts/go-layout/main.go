// go-layout says where the compiler puts the fields of structs, and what constants are, from Go sources alone:
// it type-checks declarations as the compiler does and builds nothing. It reads one request from stdin and writes
// one answer to stdout, both JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	// Directory whose src/ holds the standard library, or the part of it that is needed.
	Goroot string `json:"goroot"`
	Goarch string `json:"goarch"`
	// Version of Go whose build constraints count, for example "1.19"; that of goroot when empty.
	GoVersion string `json:"goversion"`
	// Changes to the default experiments of goroot, for example "noswissmap".
	Experiments []string `json:"experiments"`
	// Module path → directory.
	Modules map[string]string `json:"modules"`
	// Full names, for example "net/http.Request" and "internal/abi.Pointer".
	Structs   []string `json:"structs"`
	Constants []string `json:"constants"`
}

type answer struct {
	Structs   map[string]structLayout  `json:"structs"`
	Constants map[string]constantValue `json:"constants"`
	// Names that the sources don't have.
	Missing []string `json:"missing"`
	// Structs that exist but hold types which can't be known, most often for want of a package.
	Unresolved []string `json:"unresolved"`
	// Packages that are imported and not there: those that the unresolved structs depend on, if it can be told.
	Absent []string `json:"absent"`
}

type place struct {
	// Relative to goroot or to the module's directory.
	File string `json:"file"`
	Line int    `json:"line"`
}

type structLayout struct {
	place
	Size   int64            `json:"size"`
	Fields map[string]field `json:"fields"`
}

type field struct {
	place
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
}

type constantValue struct {
	place
	Value string `json:"value"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "go-layout:", err)
		os.Exit(1)
	}
}

func run() error {
	var asked request
	in := json.NewDecoder(os.Stdin)
	in.DisallowUnknownFields()
	if err := in.Decode(&asked); err != nil {
		return fmt.Errorf("the request: %w", err)
	}
	sources, err := newSources(asked)
	if err != nil {
		return err
	}
	result, err := look(sources, asked)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
