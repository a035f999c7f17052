package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// declarations tells, for the packages that were checked, what names stand for.
type declarations struct {
	types.Info
	// By the position of the name: a type's definition, a constant's value.
	definitions map[token.Pos]ast.Expr
	parsed      *[]*ast.File
}

func newDeclarations() declarations {
	uses := types.Info{Uses: map[*ast.Ident]types.Object{}}
	return declarations{uses, map[token.Pos]ast.Expr{}, new([]*ast.File)}
}

func (d declarations) add(file *ast.File) {
	*d.parsed = append(*d.parsed, file)
	for _, declared := range file.Decls {
		general, is := declared.(*ast.GenDecl)
		if !is {
			continue
		}
		for _, spec := range general.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				d.definitions[spec.Name.Pos()] = spec.Type
			case *ast.ValueSpec:
				for i, value := range spec.Values {
					d.definitions[spec.Names[min(i, len(spec.Names)-1)].Pos()] = value
				}
			}
		}
	}
}

// needs adds the paths of absent packages that the layout of a type depends on: those that its definition names,
// but not behind a slice, map, channel, function or interface, whose size is the same for all. A pointer has one size
// too, but is no valid type without the one that it points to.
func (d declarations) needs(definition ast.Expr, absent, found map[string]bool, seen map[ast.Expr]bool) {
	if definition == nil || seen[definition] {
		return
	}
	seen[definition] = true
	ast.Inspect(definition, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncType, *ast.MapType, *ast.ChanType, *ast.InterfaceType:
			return false
		case *ast.StarExpr:
			if target, is := node.X.(*ast.SelectorExpr); is {
				d.needsPackage(target.X, absent, found)
			}
			return false
		case *ast.ArrayType:
			return node.Len != nil
		case *ast.Ident:
			d.needsPackage(node, absent, found)
			switch used := d.Uses[node].(type) {
			case *types.TypeName, *types.Const:
				d.needs(d.definitions[used.Pos()], absent, found, seen)
			}
		}
		return true
	})
}

func (d declarations) needsPackage(name ast.Expr, absent, found map[string]bool) {
	identifier, is := name.(*ast.Ident)
	if !is {
		return
	}
	switch used := d.Uses[identifier].(type) {
	case *types.PkgName:
		markAbsent(used.Imported().Path(), absent, found)
	case nil:
		// An absent package is taken to be called as the last part of its path; "go-redis/v9" is called redis.
		for _, path := range d.importsAt(identifier.Pos()) {
			if strings.Contains(path, identifier.Name) {
				markAbsent(path, absent, found)
			}
		}
	}
}

func markAbsent(path string, absent, found map[string]bool) {
	// The standard library's copies of modules are imported without the beginning of their path.
	for _, each := range []string{path, "vendor/" + path} {
		if absent[each] {
			found[each] = true
		}
	}
}

// importsAt gives the paths that the file of a position imports.
func (d declarations) importsAt(at token.Pos) (paths []string) {
	for _, file := range *d.parsed {
		if at < file.FileStart || at >= file.FileEnd {
			continue
		}
		for _, each := range file.Imports {
			paths = append(paths, strings.Trim(each.Path.Value, `"`))
		}
	}
	return paths
}
