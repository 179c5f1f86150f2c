package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weixiao/internal/app"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/words"
)

// TestNothingIsAskedInVain keeps the program and the Jiangyuan pack free of what the national rule against formalism bars, and of
// anything near to it that nobody explained.
func TestNothingIsAskedInVain(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	list := formalism.Inspect(app.Asked(p), nil)
	if len(list) < 400 {
		t.Errorf("only %d things are looked at", len(list))
	}
	for _, e := range formalism.Unsettled(list) {
		t.Errorf("%s (%s): %s %s. Change it, or write down why it stays: formalism.explained.%s.%s in the message catalogues, formalism.yaml for a pack",
			e.ID, e.Name.EN, e.Verdict, words.T(words.EN, "formalism.why."+e.Why, e.Note.EN), strings.TrimPrefix(e.ID, "form."), e.Rule)
	}
	for _, e := range list {
		if e.Why == "" || !words.Has("formalism.why."+e.Why) || e.Rule != "" && !words.Has("formalism.rule."+e.Rule) || e.Shape != "" && !words.Has("formalism.shape."+e.Shape) ||
			e.Demand != "" && !words.Has("formalism.demand."+e.Demand) || !words.Has("formalism.thing."+e.Kind) || e.Name.ZH == "" {
			t.Errorf("%+v cannot be put into words", e)
		}
		if strings.HasPrefix(e.ID, "form.") && e.Kind == formalism.KindField && e.Name.ZH == e.Name.EN {
			t.Errorf("%s has no label", e.ID)
		}
	}
}

// TestEveryTableIsLookedAt finds flow tables in the code that are not handed to the guard.
func TestEveryTableIsLookedAt(t *testing.T) {
	known := map[string]bool{}
	for _, x := range app.Tables() {
		known[x.Kind] = true
	}
	kinds := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			ast.Inspect(g, func(n ast.Node) bool {
				lit, ok := n.(*ast.CompositeLit)
				if !ok {
					return true
				}
				if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Table" {
					return true
				}
				for _, e := range lit.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Kind" {
						if s, ok := kv.Value.(*ast.BasicLit); ok {
							kind, err := strconv.Unquote(s.Value)
							if err != nil || !known[kind] {
								t.Errorf("%s: the table %s is not in app.Tables", name, s.Value)
							}
							kinds++
						}
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil || kinds < 15 {
		t.Error(kinds, err)
	}
}

// TestExplanationsHold finds explanations of the program that explain nothing any more.
func TestExplanationsHold(t *testing.T) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, e := range formalism.Inspect(app.Asked(p), nil) {
		if e.Verdict == formalism.Explained {
			used = append(used, "formalism.explained."+strings.TrimPrefix(e.ID, "form.")+"."+e.Rule)
		}
	}
	for _, k := range words.Keys("formalism.explained.") {
		if !slices.Contains(used, k) {
			t.Errorf("%s explains nothing any more: remove it", k)
		}
	}
}
