package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"weixiao/internal/directory"
	"weixiao/internal/directory/layers"
	"weixiao/internal/geo"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

func findingText(lang words.Lang, x geo.Finding) string { return directory.FindingText(lang, x) }

// layerLog are the acts about one version, newest first.
func (f *frame) layerLog(v layers.Version) ([]ui.Event, error) {
	acts, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]journal.Act, error) {
		return journal.History(tx, f.d.s.Pack.District, layers.Table.Kind, v.Name)
	})
	if err != nil {
		return nil, err
	}
	if err := f.actors(acts); err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		var b struct {
			Version int64
			Code    string
			Areas   int64
		}
		if err := a.Into(&b); err != nil {
			return nil, err
		}
		if b.Version != v.Number {
			continue
		}
		var parts []string
		for _, s := range []string{b.Code, a.Texts["reason"]} {
			if s != "" {
				parts = append(parts, s)
			}
		}
		out = append(out, ui.Event{Title: f.did(a), At: a.Time(), Note: strings.Join(parts, f.T("desk.log.comma"))})
	}
	return out, nil
}

// compareView is what two versions have not in common.
type compareView struct {
	Title, Back, BackLabel string
	Counts                 string
	With                   []ui.Choice
	Other                  string
	Lines                  []differenceView
	Next                   string
}

type differenceView struct {
	Tone, Kind, Code, Name string
	Picture                *geo.Picture
}

const differencesPerPage = 40

func (d *Desk) layerCompare(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.layers.title")
	v, err := f.layerOf()
	if err != nil {
		return err
	}
	in := r.URL.Query()
	with, err := strconv.ParseInt(in.Get("with"), 10, 64)
	if err != nil {
		if with = d.s.Layers.InForce(v.Name); with == v.Number {
			with = max(1, v.Number-1)
		}
	}
	x := &compareView{Back: layerHref(v.Name, v.Number), BackLabel: f.layerTitle(v.About) + f.T("word.separator") + f.T("desk.layers.version", v.Number),
		Other: strconv.FormatInt(with, 10), Title: f.T("desk.layers.compare.title", f.layerTitle(v.About), with, v.Number)}
	f.Title = x.Title
	var diff []layers.Difference
	err = d.s.DB.Read(r.Context(), func(tx *store.Tx) error {
		old, err := d.s.Layers.Get(tx, v.Name, with)
		if err != nil {
			return err
		}
		all, err := d.s.Layers.Versions(tx, v.Name, 0)
		if err != nil {
			return err
		}
		for _, o := range all {
			_, state := f.layerState(o.State)
			x.With = append(x.With, ui.Choice{Value: strconv.FormatInt(o.Number, 10), Label: f.T("desk.layers.version", o.Number) + f.T("word.separator") + state})
		}
		diff, err = d.s.Layers.Compare(tx, old, v)
		return err
	})
	if err != nil {
		return err
	}
	count := map[string]int{}
	after := in.Get("after")
	tone := map[string]string{"added": "good", "removed": "hot", "shape": "blue", "words": ""}
	for _, c := range diff {
		if count[c.Kind]++; c.Code <= after {
			continue
		}
		if len(x.Lines) == differencesPerPage {
			if x.Next == "" {
				x.Next = withQuery(r.URL.RequestURI(), "after", x.Lines[len(x.Lines)-1].Code)
			}
			continue
		}
		x.Lines = append(x.Lines, differenceView{tone[c.Kind], f.T("desk.layers.diff." + c.Kind), c.Code, differenceName(c), c.Picture()})
	}
	x.Counts = f.T("desk.layers.compare.counts", words.Args{"added": count["added"], "removed": count["removed"], "shape": count["shape"], "words": count["words"]})
	return f.render(w, http.StatusOK, comparePage(f, x))
}

// differenceName is the name of an area, the old one as well when it was another.
func differenceName(c layers.Difference) string {
	switch {
	case c.New == nil:
		return c.Old.Name
	case c.Old == nil || c.Old.Name == c.New.Name:
		return c.New.Name
	}
	return c.Old.Name + " → " + c.New.Name
}

func areaHref(v layers.Version, code string) string {
	return layerHref(v.Name, v.Number) + "/area?code=" + url.QueryEscape(code)
}
