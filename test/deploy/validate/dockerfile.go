package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type step struct {
	Instruction string   `json:"instruction"`
	Arguments   []string `json:"arguments"`
	Flags       []string `json:"flags"`
	// It is written as words in brackets.
	Exec bool `json:"exec"`
}

// readDockerfile gives the instructions in their order. A warning of the linter counts as an error.
func readDockerfile(path string) (any, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	tree, err := parser.Parse(file)
	if err != nil {
		return nil, err
	}
	var found []error
	warn := func(rule, description, url, message string, ranges []parser.Range) {
		found = append(found, fmt.Errorf("line %d: %s: %s", ranges[0].Start.Line, rule, message))
	}
	if _, _, err := instructions.Parse(tree.AST, linter.New(&linter.Config{Warn: warn})); err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return nil, errors.Join(found...)
	}
	steps := []step{}
	for _, node := range tree.AST.Children {
		one := step{Instruction: node.Value, Arguments: []string{}, Flags: node.Flags, Exec: node.Attributes["json"]}
		for words := node.Next; words != nil; words = words.Next {
			one.Arguments = append(one.Arguments, words.Value)
		}
		steps = append(steps, one)
	}
	return steps, nil
}
