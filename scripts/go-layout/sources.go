package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sources imports packages from directories: a types.ImporterFrom.
type sources struct {
	goroot  string
	modules map[string]string
	// Where places are relative to, longest first.
	roots   []string
	context build.Context
	files   *token.FileSet
	sizes   types.Sizes
	// By directory; nil while a package is being checked.
	packages map[string]*types.Package
	declarations
	absent map[string]bool
}

var errAbsent = errors.New("no such package")

func newSources(asked request) (*sources, error) {
	minor, err := minorVersion(asked)
	if err != nil {
		return nil, err
	}
	experiments, err := defaultExperiments(asked.Goroot, asked.Goarch)
	if err != nil {
		return nil, err
	}
	context := build.Default
	context.GOROOT, context.GOPATH, context.GOOS, context.GOARCH = asked.Goroot, "", "linux", asked.Goarch
	context.CgoEnabled, context.Compiler, context.BuildTags = false, "gc", nil
	context.ReleaseTags = nil
	for i := 1; i <= minor; i++ {
		context.ReleaseTags = append(context.ReleaseTags, fmt.Sprintf("go1.%d", i))
	}
	context.ToolTags = toolTags(experiments, asked.Experiments)
	s := &sources{
		goroot:       asked.Goroot,
		modules:      asked.Modules,
		context:      context,
		files:        token.NewFileSet(),
		sizes:        types.SizesFor("gc", asked.Goarch),
		packages:     map[string]*types.Package{},
		declarations: newDeclarations(),
		absent:       map[string]bool{},
	}
	s.roots = append(slices.Collect(maps.Values(asked.Modules)), asked.Goroot)
	slices.SortFunc(s.roots, func(a, b string) int { return len(b) - len(a) })
	return s, nil
}

var versionConstant = regexp.MustCompile(`(?m)^const Version = (\d+)$`)

// minorVersion is 22 for "1.22.3", or what goroot's own sources say.
func minorVersion(asked request) (int, error) {
	if asked.GoVersion != "" {
		parts := strings.Split(asked.GoVersion, ".")
		if len(parts) < 2 || parts[0] != "1" {
			return 0, fmt.Errorf("no such version of Go: %q", asked.GoVersion)
		}
		return strconv.Atoi(parts[1])
	}
	path := filepath.Join(asked.Goroot, "src/internal/goversion/goversion.go")
	content, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	found := versionConstant.FindSubmatch(content)
	if found == nil {
		return 0, fmt.Errorf("%s: no version", path)
	}
	return strconv.Atoi(string(found[1]))
}

func (s *sources) Import(path string) (*types.Package, error) {
	return s.ImportFrom(path, "", 0)
}

// ImportFrom type-checks the declarations of a package. One with errors is given too: what is wrong in it is invalid.
func (s *sources) ImportFrom(path, from string, _ types.ImportMode) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	path, directory := s.find(path, from)
	pkg, known := s.packages[directory]
	if known {
		if pkg == nil {
			return nil, fmt.Errorf("%s imports itself", path)
		}
		return pkg, nil
	}
	files := s.parse(directory)
	if len(files) == 0 {
		s.absent[path] = true
		return nil, fmt.Errorf("%w: %s", errAbsent, path)
	}
	s.packages[directory] = nil
	config := types.Config{
		Importer:         s,
		Sizes:            s.sizes,
		IgnoreFuncBodies: true,
		Error:            func(error) {},
	}
	pkg, _ = config.Check(path, s.files, files, &s.Info)
	s.packages[directory] = pkg
	return pkg, nil
}

// find gives a package's full path and its directory, which may not be there. The standard library has copies of
// some modules, under paths of their own.
func (s *sources) find(path, from string) (string, string) {
	std := filepath.Join(s.goroot, "src")
	first, _, _ := strings.Cut(path, "/")
	if !strings.Contains(first, ".") {
		return path, filepath.Join(std, path)
	}
	if from == std || strings.HasPrefix(from, std+"/") {
		return "vendor/" + path, filepath.Join(std, "vendor", path)
	}
	best := ""
	for module := range s.modules {
		if len(module) > len(best) && (path == module || strings.HasPrefix(path, module+"/")) {
			best = module
		}
	}
	if best == "" {
		return path, ""
	}
	return path, filepath.Join(s.modules[best], strings.TrimPrefix(path, best))
}

// parse reads the files that the compiler would take.
func (s *sources) parse(directory string) []*ast.File {
	if directory == "" {
		return nil
	}
	// Its errors are of single files; the others' names are given all the same.
	found, _ := s.context.ImportDir(directory, 0)
	if found == nil {
		return nil
	}
	var files []*ast.File
	for _, name := range found.GoFiles {
		path := filepath.Join(directory, name)
		if file, _ := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution); file != nil {
			files = append(files, file)
			s.add(file)
		}
	}
	return files
}
