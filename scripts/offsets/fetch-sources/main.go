// fetch-sources takes the Go files of a few packages out of a module's zip on a module proxy, and reads only those
// parts of it: a toolchain has 70 to 140 MB, of which layouts of net/http and runtime need 8. It reads one
// request from stdin and writes one answer to stdout, both JSON.
package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

type request struct {
	URL string `json:"url"`
	// What all names in the zip start with, for example "golang.org/x/net@v0.35.0/".
	Prefix string `json:"prefix"`
	// Directories below the prefix. Of each the Go files are taken that are no tests, and go.mod.
	Directories []string `json:"directories"`
	// Directory to write to.
	To string `json:"to"`
}

type answer struct {
	// False when the proxy does not have the zip.
	Published bool  `json:"published"`
	Files     int   `json:"files"`
	Bytes     int64 `json:"bytes"`
}

// A Go file of the largest packages has 1 MB; this is only against a zip that unpacks without end.
const maxFile = 64 << 20

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fetch-sources:", err)
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
	result, err := fetch(asked)
	if err != nil {
		return fmt.Errorf("%s: %w", asked.Prefix, err)
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func fetch(asked request) (answer, error) {
	remote, err := openRemote(asked.URL)
	if errors.Is(err, errNotPublished) {
		return answer{}, nil
	}
	if err != nil {
		return answer{}, err
	}
	defer remote.close()
	archive, err := zip.NewReader(remote, remote.size)
	if err != nil {
		return answer{}, err
	}
	wanted := map[string]bool{}
	for _, each := range asked.Directories {
		wanted[each] = true
	}
	result := answer{Published: true}
	for _, each := range archive.File {
		name, is := strings.CutPrefix(each.Name, asked.Prefix)
		if !is || !wanted[path.Dir(name)] || !isSource(path.Base(name)) {
			continue
		}
		if err := extract(each, filepath.Join(asked.To, filepath.FromSlash(name))); err != nil {
			return answer{}, err
		}
		result.Files++
	}
	result.Bytes = remote.read
	return result, nil
}

func isSource(name string) bool {
	return name == "go.mod" || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
}

func extract(from *zip.File, to string) error {
	if !filepath.IsLocal(from.Name) || from.UncompressedSize64 > maxFile {
		return fmt.Errorf("%s: not a file of a module", from.Name)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	content, err := from.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
