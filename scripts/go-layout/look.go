package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
)

func look(from *sources, asked request) (answer, error) {
	sizes := types.SizesFor("gc", asked.Goarch)
	if sizes == nil {
		return answer{}, fmt.Errorf("no such architecture: %q", asked.Goarch)
	}
	result := answer{
		Structs:    map[string]structLayout{},
		Constants:  map[string]constantValue{},
		Missing:    []string{},
		Unresolved: []string{},
	}
	needed := map[string]bool{}
	for _, name := range asked.Structs {
		found, is := from.lookUp(name).(*types.TypeName)
		var of *types.Struct
		if is {
			of, is = found.Type().Underlying().(*types.Struct)
		}
		switch {
		case !is:
			result.Missing = append(result.Missing, name)
		case !hasLayout(of):
			result.Unresolved = append(result.Unresolved, name)
			from.needs(from.definitions[found.Pos()], from.absent, needed, map[ast.Expr]bool{})
		default:
			result.Structs[name] = layoutOf(from, sizes, found, of)
		}
	}
	for _, name := range asked.Constants {
		found, is := from.lookUp(name).(*types.Const)
		if is && found.Val().Kind() != constant.Unknown {
			result.Constants[name] = constantValue{from.place(found), text(found.Val())}
		} else {
			result.Missing = append(result.Missing, name)
		}
	}
	if len(needed) == 0 {
		needed = from.absent
	}
	result.Absent = slices.AppendSeq([]string{}, maps.Keys(needed))
	slices.Sort(result.Absent)
	return result, nil
}

// lookUp finds "net/http.Request"; nil when there is no such package or name.
func (s *sources) lookUp(name string) types.Object {
	dot := strings.LastIndex(name, ".")
	if dot <= strings.LastIndex(name, "/") {
		return nil
	}
	pkg, err := s.ImportFrom(name[:dot], "", 0)
	if err != nil {
		return nil
	}
	return pkg.Scope().Lookup(name[dot+1:])
}

func layoutOf(from *sources, sizes types.Sizes, name types.Object, of *types.Struct) structLayout {
	all := slices.Collect(of.Fields())
	result := structLayout{from.place(name), sizes.Sizeof(of), map[string]field{}}
	for i, offset := range sizes.Offsetsof(all) {
		each := all[i]
		if each.Name() == "_" {
			continue
		}
		described := types.TypeString(each.Type(), (*types.Package).Path)
		result.Fields[each.Name()] = field{from.place(each), offset, sizes.Sizeof(each.Type()), described}
	}
	return result
}

// hasLayout is false for types whose size depends on something unknown: a type that could not be checked, or a
// type parameter. What a pointer or a slice holds doesn't matter.
func hasLayout(t types.Type) bool {
	if _, generic := types.Unalias(t).(*types.TypeParam); generic {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.Array:
		return t.Len() >= 0 && hasLayout(t.Elem())
	case *types.Struct:
		for each := range t.Fields() {
			if !hasLayout(each.Type()) {
				return false
			}
		}
	}
	return true
}

func text(value constant.Value) string {
	if value.Kind() == constant.String {
		return constant.StringVal(value)
	}
	return value.ExactString()
}

func (s *sources) place(of types.Object) place {
	at := s.files.Position(of.Pos())
	for _, root := range s.roots {
		if rest, inside := strings.CutPrefix(at.Filename, root+"/"); inside {
			return place{path.Clean(rest), at.Line}
		}
	}
	return place{at.Filename, at.Line}
}
