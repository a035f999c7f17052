// Reads an answer to a scrape with the parsers that Prometheus itself uses, and says what it found: a line of JSON
// for each series on stdout. The argument is the answer's Content-Type. Of Prometheus' own format it also says on
// stderr what "promtool check metrics" complains of.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

type series struct {
	Type     string            `json:"type"`
	Help     string            `json:"help"`
	Unit     string            `json:"unit"`
	Labels   map[string]string `json:"labels"`
	Value    float64           `json:"value"`
	Exemplar *found            `json:"exemplar"`
}

type found struct {
	Labels map[string]string `json:"labels"`
	Value  float64           `json:"value"`
	// Milliseconds since the epoch.
	Time int64 `json:"time"`
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = read(text, os.Args[1])
	}
	if err == nil && strings.HasPrefix(os.Args[1], "text/plain") {
		err = lint(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(text []byte, contentType string) error {
	parser, err := textparse.New(text, contentType, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	var about series
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch entry {
		case textparse.EntryType:
			_, kind := parser.Type()
			about = series{Type: string(kind)}
		case textparse.EntryHelp:
			_, help := parser.Help()
			about.Help = string(help)
		case textparse.EntryUnit:
			_, unit := parser.Unit()
			about.Unit = string(unit)
		case textparse.EntrySeries:
			if err := out.Encode(one(parser, about)); err != nil {
				return err
			}
		}
	}
}

func one(parser textparse.Parser, about series) series {
	var all labels.Labels
	var example exemplar.Exemplar
	parser.Labels(&all)
	_, _, about.Value = parser.Series()
	about.Labels = all.Map()
	if parser.Exemplar(&example) {
		about.Exemplar = &found{example.Labels.Map(), example.Value, example.Ts}
	}
	return about
}

func lint(text []byte) error {
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	for _, problem := range problems {
		fmt.Fprintf(os.Stderr, "lint: %s: %s\n", problem.Metric, problem.Text)
	}
	return err
}
