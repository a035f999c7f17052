package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// defaultExperiments reads which experiments this version of Go has on by default from the function that decides it:
// https://github.com/golang/go/blob/go1.26.0/src/internal/buildcfg/exp.go#L69
// That is a composite literal goexperiment.Flags whose values are true or a variable of the architecture.
func defaultExperiments(goroot, goarch string) ([]string, error) {
	path := filepath.Join(goroot, "src/internal/buildcfg/exp.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	index := slices.IndexFunc(file.Decls, func(each ast.Decl) bool {
		function, is := each.(*ast.FuncDecl)
		return is && function.Name.Name == "ParseGOEXPERIMENT"
	})
	if index < 0 {
		return nil, fmt.Errorf("%s: no ParseGOEXPERIMENT", path)
	}
	decide := file.Decls[index].(*ast.FuncDecl).Body
	var names []string
	for _, each := range baseline(decide) {
		name, value := each.Key.(*ast.Ident).Name, each.Value
		on, err := evaluate(decide, value, goarch)
		if err != nil {
			return nil, fmt.Errorf("%s: experiment %s: %w", path, name, err)
		}
		if on {
			names = append(names, strings.ToLower(name))
		}
	}
	if len(names) == 0 && goarch == "amd64" {
		return nil, fmt.Errorf("%s: no default experiments", path)
	}
	return names, nil
}

// baseline gives the literal's pairs.
func baseline(decide *ast.BlockStmt) (pairs []*ast.KeyValueExpr) {
	for node := range ast.Preorder(decide) {
		literal, is := node.(*ast.CompositeLit)
		if !is || len(literal.Elts) == 0 || len(pairs) > 0 {
			continue
		}
		if kind, is := literal.Type.(*ast.SelectorExpr); !is || kind.Sel.Name != "Flags" {
			continue
		}
		for _, each := range literal.Elts {
			pairs = append(pairs, each.(*ast.KeyValueExpr))
		}
	}
	return pairs
}

// evaluate knows constant expressions over goos and goarch, variables that hold one, and variables that a case of
// a switch over goarch sets.
func evaluate(decide *ast.BlockStmt, value ast.Expr, goarch string) (bool, error) {
	name, is := value.(*ast.Ident)
	if !is || name.Name == "true" || name.Name == "false" {
		return evaluateConstant(value, goarch)
	}
	var found []ast.Expr
	for node := range ast.Preorder(decide) {
		switch node := node.(type) {
		case *ast.CaseClause:
			if !slices.ContainsFunc(node.List, func(each ast.Expr) bool { return isText(each, goarch) }) {
				node.Body = nil
			}
		case *ast.AssignStmt:
			if target, is := node.Lhs[0].(*ast.Ident); is && target.Name == name.Name {
				found = append(found, node.Rhs[0])
			}
		}
	}
	if len(found) == 0 {
		return false, nil
	}
	return evaluateConstant(found[len(found)-1], goarch)
}

func isText(expression ast.Expr, text string) bool {
	literal, is := expression.(*ast.BasicLit)
	return is && literal.Value == `"`+text+`"`
}

func evaluateConstant(expression ast.Expr, goarch string) (bool, error) {
	scope := types.NewPackage("experiments", "experiments")
	for name, value := range map[string]string{"goos": "linux", "goarch": goarch} {
		kind := types.Typ[types.UntypedString]
		scope.Scope().Insert(types.NewConst(token.NoPos, scope, name, kind, constant.MakeString(value)))
	}
	result, err := types.Eval(token.NewFileSet(), scope, token.NoPos, types.ExprString(expression))
	if err != nil {
		return false, err
	}
	if result.Value == nil || result.Value.Kind() != constant.Bool {
		return false, errors.New("its default is no constant")
	}
	return constant.BoolVal(result.Value), nil
}

// toolTags names build tags: the defaults, with each change "x" added and each "nox" taken away.
func toolTags(defaults, changes []string) []string {
	names := slices.Clone(defaults)
	for _, change := range changes {
		off, is := strings.CutPrefix(change, "no")
		if is {
			names = slices.DeleteFunc(names, func(each string) bool { return each == off })
		} else {
			names = append(names, change)
		}
	}
	for i, name := range names {
		names[i] = "goexperiment." + name
	}
	return names
}
