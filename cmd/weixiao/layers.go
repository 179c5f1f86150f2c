package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

func layerCommands() []command {
	return []command{
		{"list", "[options]", "layers in force, and the versions that may follow", runLayersList},
		{"check", "[options] FILE", "what is wrong with a file of polygons; nothing is stored", runLayersCheck},
		{"import", "[options] FILE", "check a file and store it as a new version; --publish REASON puts it in force", runLayersImport},
		{"export", "[options] LAYER FILE", "write a layer as GeoJSON, or as a shapefile when FILE ends in .zip", runLayersExport},
	}
}

func runLayers(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		for _, c := range layerCommands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:], out)
			}
		}
	}
	for _, c := range layerCommands() {
		fmt.Fprintf(os.Stderr, "usage: weixiao layers %s %s\n      %s\n", c.name, c.args, c.help)
	}
	return errUsage
}

func runLayersList(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("layers list")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	list, err := store.Get(ctx, a.DB, a.Layers.List)
	if err != nil {
		return err
	}
	for _, e := range list {
		fmt.Fprintf(out, "%s\t%s\tversion %d\t%d areas\t%s%s\n", e.Name, e.Kind, e.InForce, e.Areas, e.Source, inventedNote(e.MadeUp))
		for _, v := range e.Next {
			fmt.Fprintf(out, "%s\t%s\tversion %d\t%d areas\t%s\n", e.Name, e.Kind, v.Number, v.Areas, v.State)
		}
	}
	return nil
}

func inventedNote(b bool) string {
	if b {
		return " (made up)"
	}
	return ""
}

// bringing is what check and import share: the options that describe a file.
type bringing struct {
	about  geo.About
	crs    string
	fields geo.Fields
}

func (b *bringing) upload(file string) (layers.Upload, error) {
	up := layers.Upload{About: b.about}
	if b.crs != "" {
		system, err := geo.ParseSystem(b.crs)
		if err != nil {
			return up, fmt.Errorf("--crs %s: use cgcs2000, wgs84, gcj02 or bd09", b.crs)
		}
		up.System = &system
	}
	info, err := os.Stat(file)
	if err != nil {
		return up, err
	}
	if info.Size() > layers.MaxUpload {
		return up, bilingual("layers.read.large")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return up, err
	}
	if up.File, err = layers.Read(raw, b.fields); err != nil {
		if key := layers.ReadProblem(err); key != "" {
			return up, fmt.Errorf("%s: %w (%w)", file, bilingual(key), err)
		}
		return up, err
	}
	if up.System == nil && up.File.CRS == "" {
		return up, fmt.Errorf("%s does not say in which coordinate system it is: say so with --crs cgcs2000, wgs84, gcj02 or bd09", file)
	}
	// What the file says of itself holds where the command line is silent.
	for to, from := range map[*string]string{&up.Name: up.File.Name, &up.Kind: up.File.Kind, &up.Title: up.File.Title, &up.English: up.File.English,
		&up.Source: up.File.Source, &up.Licence: up.File.Licence, &up.Parent: up.File.Parent} {
		if *to == "" {
			*to = from
		}
	}
	up.MadeUp = up.MadeUp || up.File.MadeUp
	return up, nil
}

// bilingual is a message in both languages, as pack check prints problems.
func bilingual(key string) error {
	return errors.New(words.T(words.ZH, key) + " / " + words.T(words.EN, key))
}

func printFindings(out io.Writer, found []geo.Finding) {
	for _, f := range found {
		fmt.Fprintf(out, "%s: %s / %s", f.Level, directory.FindingText(words.ZH, f), directory.FindingText(words.EN, f))
		if f.At != (geo.Point{}) {
			fmt.Fprintf(out, " [%.6f,%.6f]", f.At.Lon, f.At.Lat)
		}
		fmt.Fprintln(out)
	}
}

// bring opens the district and reads the file of a command.
func bring(ctx context.Context, name string, args []string) (a *app.App, up layers.Upload, publish string, err error) {
	fset, cfg := flags("layers " + name)
	var b bringing
	fset.StringVar(&b.about.Name, "layer", "", "name of the layer, such as communities; else as the file says")
	fset.StringVar(&b.about.Kind, "kind", "", "of a new layer: district, town, community, grid, unit_grid, management_grid, evaluation_grid, contractor")
	fset.StringVar(&b.about.Title, "title", "", "Chinese title of the layer")
	fset.StringVar(&b.about.English, "english", "", "English title of the layer")
	fset.StringVar(&b.about.Parent, "parent", "", "of a new layer: the layer its areas lie in; else the first of the kind above")
	fset.StringVar(&b.about.Source, "source", "", "who measured or drew it")
	fset.StringVar(&b.about.Licence, "licence", "", "under which licence")
	fset.BoolVar(&b.about.MadeUp, "made-up", false, "these are not real borders")
	fset.StringVar(&b.crs, "crs", "", "coordinate system: cgcs2000, wgs84, gcj02, bd09; else as the file says")
	fset.StringVar(&b.fields.Code, "code", "", "name of the column with the codes, if it is an unusual one")
	fset.StringVar(&b.fields.Name, "name", "", "name of the column with the names, if it is an unusual one")
	fset.StringVar(&publish, "publish", "", "put the version in force, for this reason")
	c, err := parse(fset, cfg, args)
	if err != nil {
		return nil, up, "", err
	}
	if fset.NArg() != 1 {
		fmt.Fprintf(os.Stderr, "usage: weixiao layers %s [options] FILE   (one file, after the options)\n", name)
		return nil, up, "", errUsage
	}
	if up, err = b.upload(fset.Arg(0)); err != nil {
		return nil, up, "", err
	}
	a, err = app.Open(ctx, c, app.Options{})
	return a, up, publish, err
}

func runLayersCheck(ctx context.Context, args []string, out io.Writer) (err error) {
	a, up, _, err := bring(ctx, "check", args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	found, err := a.Layers.Try(ctx, up)
	printFindings(out, found)
	if errors.Is(err, layers.ErrFindings) {
		return errFailed
	}
	if err == nil {
		fmt.Fprintf(out, "%d areas can be imported\n", len(up.File.Features))
	}
	return explained(err)
}

func runLayersImport(ctx context.Context, args []string, out io.Writer) (err error) {
	a, up, publish, err := bring(ctx, "import", args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	sc := access.SystemScope(a.Pack.District, "import of a file of polygons")
	v, found, err := a.Layers.Import(ctx, sc, up)
	printFindings(out, found)
	if errors.Is(err, layers.ErrFindings) {
		fmt.Fprintln(out, "nothing was imported")
		return errFailed
	}
	if err != nil {
		return explained(err)
	}
	fmt.Fprintf(out, "%s version %d: %d areas, checked\n", v.Name, v.Number, v.Areas)
	if publish == "" {
		return nil
	}
	if _, err := a.Layers.Publish(ctx, sc, v.Name, v.Number, publish); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s version %d is in force\n", v.Name, v.Number)
	return nil
}

// explained turns faults of the options into words.
func explained(err error) error {
	faults, ok := errors.AsType[form.Faults](err)
	if !ok {
		return err
	}
	var all []string
	for _, f := range faults {
		label := words.Args{"label": "--" + f.Field}
		all = append(all, "--"+f.Field+": "+words.T(words.ZH, "fault."+f.Code, label)+" / "+words.T(words.EN, "fault."+f.Code, label))
	}
	return errors.New(strings.Join(all, "\n"))
}

func runLayersExport(ctx context.Context, args []string, out io.Writer) (err error) {
	fset, cfg := flags("layers export")
	version := fset.Int64("version", 0, "number of the version; 0: the one in force")
	a, err := open(ctx, fset, cfg, args, nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if fset.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: weixiao layers export [options] LAYER FILE   (FILE: .geojson or .zip)")
		return errUsage
	}
	name, file := fset.Arg(0), fset.Arg(1)
	if *version == 0 {
		if *version = a.Layers.InForce(name); *version == 0 {
			return fmt.Errorf("there is no layer %s; weixiao layers list shows them", name)
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	n, err := a.Layers.Export(ctx, f, name, *version, strings.HasSuffix(strings.ToLower(file), ".zip"))
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	fmt.Fprintln(out, name+" version "+strconv.FormatInt(*version, 10)+": "+strconv.Itoa(n)+" areas in "+file)
	return nil
}
