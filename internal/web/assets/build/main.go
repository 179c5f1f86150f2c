// Command build bundles the styles and scripts of internal/web/assets into dist.
// Run it from the root of the module after any change there:
//
//	go run ./internal/web/assets/build
//
// It needs nothing but Go: esbuild is used as a library, third-party sources are
// in the repository. Its test fails when dist is older than the sources, or when
// a bundle grows over its budget.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// Entry points, relative to the assets folder. Each makes one file in dist.
var entries = []string{
	"css/ui.css", "css/citizen.css", "css/desk.css", "css/screen.css", "css/field.css",
	"islands/htmx.ts", "islands/page.ts", "islands/desk.ts", "islands/live.ts",
	"islands/map.ts", "islands/map.css", "islands/layers.ts", "islands/field.ts", "islands/fieldworker.ts",
}

// copies go to dist as they are.
var copies = []string{"css/mark.svg"}

// licences goes to dist/licences.txt, in this order.
var licences = []string{"third_party/htmx/LICENSE", "third_party/leaflet/LICENSE"}

func main() {
	root := flag.String("assets", "internal/web/assets", "the assets folder")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, err := bundle(root)
	if err != nil {
		return err
	}
	dist := filepath.Join(root, "dist")
	old, err := os.ReadDir(dist)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range old {
		if _, keep := files[e.Name()]; !keep {
			if err := os.Remove(filepath.Join(dist, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dist, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// bundle makes all files of dist in memory, name to content.
func bundle(root string) (map[string][]byte, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	points := make([]string, len(entries))
	for i, e := range entries {
		points[i] = filepath.Join(abs, e)
	}
	res := api.Build(api.BuildOptions{
		EntryPoints:       points,
		AbsWorkingDir:     abs,
		Bundle:            true,
		Outdir:            filepath.Join(abs, "dist"),
		EntryNames:        "[name]",
		Format:            api.FormatIIFE,
		Target:            api.ES2018,
		Engines:           []api.Engine{{Name: api.EngineChrome, Version: "88"}, {Name: api.EngineSafari, Version: "15"}},
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		Loader:            map[string]api.Loader{".png": api.LoaderDataURL},
		LogLevel:          api.LogLevelSilent,
		TsconfigRaw:       `{"compilerOptions":{"strict":true}}`,
	})
	if len(res.Errors) > 0 {
		text := api.FormatMessages(res.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage})
		return nil, errors.New(strings.Join(text, "\n"))
	}
	out := map[string][]byte{}
	for _, f := range res.OutputFiles {
		out[filepath.Base(f.Path)] = f.Contents
	}
	for _, c := range copies {
		raw, err := os.ReadFile(filepath.Join(abs, c))
		if err != nil {
			return nil, err
		}
		out[filepath.Base(c)] = raw
	}
	var all []byte
	for _, l := range licences {
		raw, err := os.ReadFile(filepath.Join(abs, l))
		if err != nil {
			return nil, err
		}
		all = slices.Concat(all, []byte(filepath.Base(filepath.Dir(l))+"\n\n"), raw, []byte("\n\n"))
	}
	out["licences.txt"] = all
	return out, nil
}
