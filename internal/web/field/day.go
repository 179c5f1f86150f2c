package field

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/files"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/text/pinyin"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// day is everything a phone needs until it next has a signal.
type day struct {
	Account string             `json:"account"` // id: whose queue may be sent
	Name    string             `json:"name"`
	Unit    string             `json:"unit"`
	Lang    words.Lang         `json:"lang"`
	At      int64              `json:"at"` // ms, our clock
	Version string             `json:"version"`
	Tasks   []Task             `json:"tasks"`
	Actions map[string]*action `json:"actions"`
	Lists   []list             `json:"lists"`
	Matters []matter           `json:"matters"`
	Area    []area             `json:"area"`
	Phone   string             `json:"phone"`
	// Excepted are the exceptions from the rule against formalism that concern the caller.
	Excepted []web.Exception `json:"excepted,omitempty"`
}

type list struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// matter is one thing that can be found: its name, pinyin initials, and the words
// that speak of it.
type matter struct {
	Key   string   `json:"key"`
	Name  string   `json:"name"`
	Find  string   `json:"find"`
	Words []string `json:"words,omitempty"`
}

// area is a grid or community around the caller, so that the phone can name the place
// it is at.
type area struct {
	Name  string       `json:"name"`
	Rings [][][2]int32 `json:"rings"` // lon, lat in 1e-5 degrees: about a metre
}

// action is an Action with its form in words.
type action struct {
	Kind   string  `json:"kind"`
	Name   string  `json:"name"`
	Label  string  `json:"label"`
	Icon   string  `json:"icon,omitempty"`
	Look   string  `json:"look,omitempty"`
	Photos int     `json:"photos,omitempty"`
	Before bool    `json:"before,omitempty"`
	Adds   bool    `json:"adds,omitempty"`
	Fresh  bool    `json:"fresh,omitempty"`
	Fields []field `json:"fields"`
}

type field struct {
	Name     string      `json:"name"`
	Type     form.Type   `json:"type"`
	Label    string      `json:"label"`
	Hint     string      `json:"hint,omitempty"`
	Required bool        `json:"required,omitempty"`
	Max      int         `json:"max,omitempty"`
	Min      int         `json:"min,omitempty"`
	Options  []ui.Choice `json:"options,omitempty"`
	When     string      `json:"when,omitempty"`
	Values   []string    `json:"values,omitempty"`
}

// spell puts an action's form into words.
func spell(lang words.Lang, a Action) *action {
	out := &action{Kind: a.Kind, Name: a.Name, Label: a.Label, Icon: a.Icon, Look: a.Look, Photos: a.Photos, Before: a.Before, Adds: a.Adds, Fresh: a.Fresh, Fields: []field{}}
	if out.Label == "" {
		out.Label = words.T(lang, "action."+a.Kind+"."+a.Name)
	}
	for _, fd := range a.Form.Fields {
		x := field{Name: fd.Name, Type: fd.Type, Label: ui.FieldLabel(lang, a.Form.Name, fd.Name), Required: fd.Required, Max: fd.Max, Min: fd.Min, When: fd.When, Values: fd.Values}
		for _, key := range []string{"hint." + a.Form.Name + "." + fd.Name, "hint." + fd.Name} {
			if words.Has(key) {
				x.Hint = words.T(lang, key)
				break
			}
		}
		x.Options = a.Choices[fd.Name]
		for _, o := range fd.Options {
			if a.Choices[fd.Name] != nil {
				break
			}
			x.Options = append(x.Options, ui.Choice{Value: o.Value, Label: ui.OptionLabel(lang, a.Form.Name, fd.Name, o.Value)})
		}
		out.Fields = append(out.Fields, x)
	}
	return out
}

// day answers what there is to do today. It names no person: people in need are masked.
func (f *Field) day(w http.ResponseWriter, r *http.Request) error {
	c := f.caller(r)
	out, err := f.today(r.Context(), c)
	if err != nil {
		return err
	}
	return writeJSON(w, r, http.StatusOK, out)
}

func (f *Field) today(ctx context.Context, c Caller) (*day, error) {
	out := &day{Account: c.Account, Name: c.Name, Unit: f.s.UnitName(c.Lang, c.Unit), Lang: c.Lang, At: c.Now.UnixMilli(), Version: f.shell.version,
		Tasks: []Task{}, Actions: map[string]*action{}, Lists: []list{}, Matters: f.matters(c), Area: f.area(c), Phone: f.s.Phone}
	for _, p := range f.providers {
		tasks, actions, err := p.Tasks(ctx, c)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			t.Link = c.link(t.Link)
			out.Tasks = append(out.Tasks, t)
		}
		for _, a := range actions {
			out.Actions[a.Kind+"."+a.Name] = spell(c.Lang, a)
		}
	}
	for _, l := range f.lists {
		items, err := l.List(ctx, c)
		if err != nil {
			return nil, err
		}
		if len(items) > 0 {
			out.Lists = append(out.Lists, list{l.Name(), c.T("fieldwork.list." + l.Name()), items})
		}
	}
	var err error
	out.Excepted, err = f.s.Exceptions(ctx, c.Scope, c.Lang)
	return out, err
}

// matters are what can be found outside: the district's own matters, not the 400 of
// the national lists.
func (f *Field) matters(c Caller) []matter {
	out := []matter{}
	for _, m := range f.s.Pack.Catalogue.Matters(catalogue.KindRequest) {
		if m.Deleted {
			continue
		}
		name := m.Name
		if c.Lang == words.EN && m.English != "" {
			name = m.English
		}
		said := m.Keywords
		if c.Lang == words.EN {
			said = append(slices.Clone(said), strings.Fields(strings.ToLower(m.English))...)
		}
		out = append(out, matter{m.Key, name, pinyin.Initials(m.Name), said})
	}
	return out
}

// area are the grids of the caller's community or street; of somebody who works for
// the whole district its communities.
func (f *Field) area(c Caller) []area {
	out := []area{}
	at, ok := f.s.Pack.Directory.OfPlace(c.Unit)
	layer, has := f.s.Layers.Atlas().OfKind("grid")
	if !ok || !has || at.Street.ID == "" {
		return out
	}
	under := at.Street.ID
	if at.Community.ID != "" {
		under = at.Community.ID
	}
	for _, g := range f.s.Pack.Directory.Grids(under) {
		shape, ok := layer.Shape(g.ID)
		if !ok {
			continue
		}
		a := area{Name: f.gridName(c, g)}
		for _, polygon := range shape.Polygons {
			if len(polygon) > 0 {
				a.Rings = append(a.Rings, rough(polygon[0]))
			}
		}
		out = append(out, a)
	}
	return out
}

func (f *Field) gridName(c Caller, g directory.Grid) string {
	return f.s.UnitName(c.Lang, g.Community) + c.T("word.separator") + g.Name
}

// rough is a ring in whole hundred-thousandths of a degree.
func rough(ring orb.Ring) [][2]int32 {
	var out [][2]int32
	for _, p := range ring {
		q := [2]int32{int32(math.Round(p[0] * 1e5)), int32(math.Round(p[1] * 1e5))}
		if len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	return out
}

// photosOf fills in the pictures of tasks of a kind, the oldest first: it shows how it was.
func photosOf(ctx context.Context, s *web.Site, c Caller, kind string, tasks []Task) error {
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		for i := range tasks {
			list, err := files.Of(tx, c.District, kind, tasks[i].Subject)
			if err != nil {
				return err
			}
			for _, x := range list {
				if x.Kind == files.KindPhoto && len(tasks[i].Photos) < maxPhotos {
					tasks[i].Photos = append(tasks[i].Photos, Photo{ID: x.ID, Note: words.Moment(c.Lang, c.Now, time.UnixMicro(x.Created))})
				}
			}
		}
		return nil
	})
}

// photo sends a picture of a task to whoever may read its record.
func (f *Field) photo(w http.ResponseWriter, r *http.Request) error {
	x, err := store.Get(r.Context(), f.s.DB, func(tx *store.Tx) (files.File, error) { return files.Get(tx, f.s.Pack.District, r.PathValue("id")) })
	if err != nil {
		return err
	}
	c := f.caller(r)
	if err := f.mayRead(r.Context(), c, x); err != nil {
		return err
	}
	return f.s.Files.Serve(w, r, x, r.URL.Query().Get("small") == "1")
}

func (f *Field) mayRead(ctx context.Context, c Caller, x files.File) error {
	kind := x.SubjectKind
	if kind == rounds.KindFix {
		kind = rounds.Table.Kind
	}
	if s, ok := f.kinds[kind].(Sharer); ok && x.Kind == files.KindPhoto {
		return s.MayRead(ctx, c, x.Subject)
	}
	return store.ErrNotFound
}
