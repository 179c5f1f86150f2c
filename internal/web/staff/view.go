package staff

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"weixiao/internal/files"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

type said struct{ Label, Text string }

type paper struct{ Href, Name, Note string }

type recordView struct {
	Title, Back, BackLabel string
	Number, Chip, State    string
	Facts                  []ui.Pair
	Said                   []said
	Clocks                 []ui.Clock
	Buttons                []ui.Button
	Photos                 []ui.Photo
	Papers                 []paper
	More                   templ.Component
	Log                    []ui.Event
}

func (f *Frame) exact(µs int64) string { return words.Exact(f.Lang, time.UnixMicro(µs)) }

// due is the chip of a record's next deadline; nil when no clock of it runs.
func (p *Pages[T, P]) due(f *Frame, h *record.Head) (*ui.Due, error) {
	if len(h.Clocks) == 0 {
		return nil, nil
	}
	list, err := p.clocks(f, h)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].Due, nil
}

// clocks are the running clocks of a record, the next to run out first.
func (p *Pages[T, P]) clocks(f *Frame, h *record.Head) ([]ui.Clock, error) {
	type running struct {
		ui.Clock
		at time.Time
	}
	var list []running
	err := f.Site.DB.Read(f.R.Context(), func(tx *store.Tx) error {
		for _, name := range slices.Sorted(maps.Keys(h.Clocks)) {
			k := h.Clocks[name]
			if !k.Running() {
				continue
			}
			due, err := p.Book.Engine().Deadline(tx, k)
			if err != nil {
				return err
			}
			start := time.UnixMicro(k.Start)
			x := running{ui.Clock{Label: f.T("clock." + p.kind() + "." + name), Due: f.Due(due.At, start, k.Held(), nil), Used: -1}, due.At}
			if !k.Held() && due.At.After(start) {
				x.Used = int(100 * f.Now.Sub(start) / due.At.Sub(start))
			}
			list = append(list, x)
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b running) int {
		if a.at.IsZero() != b.at.IsZero() {
			if a.at.IsZero() {
				return 1
			}
			return -1
		}
		return a.at.Compare(b.at)
	})
	out := make([]ui.Clock, 0, len(list))
	for i, x := range list {
		x.Main = i == 0
		out = append(out, x.Clock)
	}
	return out, err
}

func (p *Pages[T, P]) view(w http.ResponseWriter, f *Frame) error {
	p.done(f)
	x, err := p.Book.View(f.R.Context(), f.Scope, f.R.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := p.recordView(f, x)
	if err != nil {
		return err
	}
	return f.Render(w, http.StatusOK, recordPage(f, v))
}

func (p *Pages[T, P]) recordView(f *Frame, x *record.View[P]) (*recordView, error) {
	v := &recordView{Title: p.name(f, x.X, x.Keys), Back: p.Path, BackLabel: f.T(p.Title), Number: x.Head.ID}
	if v.Title == "" {
		v.Title = x.Head.ID
	}
	f.Title = v.Title
	v.Chip, v.State = f.State(p.Book.Table(), x.Head.State)
	var err error
	if p.Facts != nil {
		if v.Facts, err = p.Facts(f, x); err != nil {
			return nil, err
		}
	}
	for _, name := range p.Said {
		if s := x.Said(name); s != "" {
			v.Said = append(v.Said, said{p.label(f, name), s})
		}
	}
	if v.Clocks, err = p.clocks(f, x.Head); err != nil {
		return nil, err
	}
	for _, a := range x.Actions {
		v.Buttons = append(v.Buttons, ui.Button{Label: f.T("action." + p.kind() + "." + a.Name), Look: p.look(a.Name), Href: p.Href(x.Head.ID) + "/do/" + a.Name, Attrs: templ.Attributes{"data-action": a.Name}})
	}
	if p.Buttons != nil {
		v.Buttons = append(v.Buttons, p.Buttons(f, x)...)
	}
	if err := p.files(f, x.Head, v); err != nil {
		return nil, err
	}
	if p.More != nil {
		if v.More, err = p.More(f, x); err != nil {
			return nil, err
		}
	}
	v.Log, err = f.Events(p.Book.Table(), x.Acts, func(action, field, value string) string {
		if p.Choices != nil {
			list, _ := p.Choices(f, x.X, action, field)
			for _, c := range list {
				if c.Value == value {
					return c.Label
				}
			}
		}
		return value
	})
	return v, err
}

func (p *Pages[T, P]) look(action string) string {
	switch {
	case slices.Contains(p.Danger, action):
		return "danger"
	case slices.Contains(p.Main, action):
		return "p"
	}
	return ""
}

// label is the label of a field, by the first form of the table that has it.
func (p *Pages[T, P]) label(f *Frame, field string) string {
	for _, a := range p.Book.Table().Actions {
		if _, ok := a.Form.Field(field); ok {
			return ui.FieldLabel(f.Lang, a.Form.Name, field)
		}
	}
	return ui.FieldLabel(f.Lang, "", field)
}

func (p *Pages[T, P]) files(f *Frame, h *record.Head, v *recordView) error {
	list, err := store.Get(f.R.Context(), f.Site.DB, func(tx *store.Tx) ([]files.File, error) {
		return files.Of(tx, f.Site.Pack.District, p.kind(), h.ID)
	})
	if err != nil {
		return err
	}
	for _, x := range list {
		href, note := p.Href(h.ID)+"/files/"+x.ID, f.Moment(time.UnixMicro(x.Created))
		if x.Kind == files.KindPhoto {
			v.Photos = append(v.Photos, ui.Photo{Src: href + "?small=1", Href: href, Alt: f.T("desk.photo.alt", len(v.Photos)+1, note), Note: note})
			continue
		}
		v.Papers = append(v.Papers, paper{href, x.Name, note})
	}
	return nil
}

// file sends a photo or paper to whoever may read its record.
func (p *Pages[T, P]) file(w http.ResponseWriter, f *Frame) error {
	x, err := store.Get(f.R.Context(), f.Site.DB, func(tx *store.Tx) (files.File, error) {
		x, err := files.Get(tx, f.Site.Pack.District, f.R.PathValue("file"))
		if err != nil {
			return x, err
		}
		if x.SubjectKind != p.kind() || x.Subject != f.R.PathValue("id") {
			return x, store.ErrNotFound
		}
		_, err = p.Book.Get(tx, f.Scope, x.Subject)
		return x, err
	})
	if err != nil {
		return err
	}
	return f.Site.Files.Serve(w, f.R, x, f.R.URL.Query().Get("small") == "1")
}

// Events are the acts of a record as sentences, newest first, with what was answered and said. label names members that
// only the pack or the record knows; nil: their values.
func (f *Frame) Events(t *flow.Table, acts []journal.Act, label func(action, field, value string) string) ([]ui.Event, error) {
	var ids []string
	for _, a := range acts {
		ids = append(ids, a.Actor.Account)
	}
	if f.Names != nil {
		if _, err := f.Names(f.R.Context(), ids...); err != nil {
			return nil, err
		}
	}
	var out []ui.Event
	for _, a := range slices.Backward(acts) {
		out = append(out, ui.Event{Title: f.T("desk.log.did", f.By(a.Actor), f.did(t, a)), At: a.Time(), Note: f.told(t, a, label)})
	}
	return out, nil
}

func (f *Frame) did(t *flow.Table, a journal.Act) string {
	for _, key := range []string{"did." + t.Kind + "." + a.Action, "action." + t.Kind + "." + a.Action, "staff.did." + a.Action} {
		if words.Has(key) {
			return f.T(key)
		}
	}
	return a.Action
}

// By is who did something: a name with the unit, or what somebody without an account is called.
func (f *Frame) By(a journal.Actor) string {
	name := f.Name(a.Account)
	if name == "" {
		name = f.T("role.system")
		if words.Has("role." + a.Capacity) {
			name = f.T("role." + a.Capacity)
		}
	}
	if unit := f.Unit(a.Unit); unit != "" && a.Account != "" {
		return f.T("desk.log.person", name, unit)
	}
	return name
}

// told is what an act says: its answers and words, each under its label.
func (f *Frame) told(t *flow.Table, a journal.Act, label func(action, field, value string) string) string {
	answers := record.Said(a)
	if a.Action == record.Recounted {
		return f.T("staff.recounted", f.dueWords(answers.Int("due_before")), f.dueWords(answers.Int("due_after")))
	}
	act, err := t.Action(a.Action)
	if err != nil {
		return ""
	}
	s := ""
	for _, fd := range act.Form.Fields {
		var value string
		switch {
		case (fd.Type == form.Choice || fd.Type == form.Multi) && len(fd.Options) == 0:
			list := answers.List(fd.Name)
			if s := answers.Str(fd.Name); s != "" {
				list = []string{s}
			}
			for i, s := range list {
				if label != nil {
					list[i] = label(a.Action, fd.Name, s)
				}
			}
			value = strings.Join(list, f.T("word.list.comma"))
		default:
			value = ui.Said(f.Page, act.Form.Name, fd, answers, f.Unit)
		}
		if v, ok := a.Texts[fd.Name]; ok {
			value = v
		}
		if value == "" {
			continue
		}
		if s != "" {
			s += f.T("desk.log.comma")
		}
		s += ui.FieldLabel(f.Lang, act.Form.Name, fd.Name) + f.T("word.colon") + value
	}
	return s
}

func (f *Frame) dueWords(µs int64) string {
	if µs == record.NoDue || µs == 0 {
		return "—"
	}
	return f.exact(µs)
}
