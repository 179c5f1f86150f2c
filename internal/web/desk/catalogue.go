package desk

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/duties"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
	"weixiao/internal/worktime"
)

const cataloguePath = "/desk/admin/catalogue"

// versionsView lists the versions of the dispatch catalogue.
type versionsView struct {
	List  []dutyLine
	More  string
	Begin ui.FormView
}

// dutyLine is one version in a list.
type dutyLine struct {
	Number, State, Chip, Since, Note, By, Changed string
	Href, Compare                                 string
	InForce                                       bool
}

// versionView is one version: its rules, what is wrong with them, its dry run.
type versionView struct {
	V         duties.Version
	Line      dutyLine
	Edits     bool // a draft, and the user may change it
	Signs     bool
	Rules     []ruleLine
	Hidden    int // rules that the filter leaves out
	Matter    string
	Unit      string
	Units     []ui.Choice
	Sets      []setLine
	Findings  []findingLine
	Tested    *dryView
	Publish   ui.FormView
	Drop      ui.FormView
	Problem   string
	CanUpload bool
}

// ruleLine is one rule in words.
type ruleLine struct {
	ID, Unit, Assist, Result, Law, Reason string
	Conditions                            []string
	At                                    int
	Off, Last                             bool
	Faults                                []string
}

type setLine struct {
	ID, About, Questions, Href string
	Faults                     []string
	First, Last                bool // of all sets of the version
}

type findingLine struct{ ID, Text, Href string }

// dutyBook is the catalogue's versions.
func (f *frame) dutyBook() *duties.Book { return f.d.s.Cases.District().Duties }

func catalogueRoles() []string { return rolesOf(&duties.Table, "draft", "publish") }

func (d *Desk) versions(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	f.said(r)
	return f.showVersions(w, http.StatusOK, nil, nil)
}

const versionsPerPage = 30

func (f *frame) showVersions(w http.ResponseWriter, status int, raw form.Raw, faults form.Faults) error {
	below, _ := strconv.Atoi(f.r.URL.Query().Get("below"))
	list, err := store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) ([]duties.Version, error) { return f.dutyBook().List(tx, below, versionsPerPage) })
	if err != nil {
		return err
	}
	v := &versionsView{}
	var accounts []string
	for _, x := range list {
		accounts = append(accounts, x.Account)
	}
	if err := f.d.names.load(f.r.Context(), accounts...); err != nil {
		return err
	}
	for _, x := range list {
		v.List = append(v.List, f.dutyLine(x))
	}
	if len(list) == versionsPerPage {
		v.More = cataloguePath + "?below=" + strconv.Itoa(list[len(list)-1].Number)
	}
	act, err := duties.Table.Action("draft")
	if err != nil {
		return err
	}
	v.Begin = ui.FormView{Form: act.Form, Raw: raw, Faults: faults, Action: cataloguePath, Dense: true, Submit: f.T("desk.catalogue.begin")}
	f.Faulty = len(faults) > 0
	return f.render(w, status, versionsPage(f, v))
}

func (f *frame) dutyLine(x duties.Version) dutyLine {
	state, _ := duties.Table.State(x.State)
	l := dutyLine{Number: strconv.Itoa(x.Number), State: f.T("state.catalogue." + x.State), Chip: state.Chip, Href: cataloguePath + "/" + strconv.Itoa(x.Number),
		Since: "—", Changed: words.Exact(f.Lang, micro(x.Changed)), Note: x.Reason, InForce: f.dutyBook().Now().At(f.Now).Version() == x.Number, By: f.T("role.system")}
	if n := f.d.names.name(f.r.Context(), x.Account); x.Account != "" && n != "" {
		l.By = n
	}
	if x.State == duties.Published {
		l.Since = f.T("desk.catalogue.ever")
		if x.Begins > 0 {
			l.Since = words.Exact(f.Lang, micro(x.Begins))
		}
	}
	if x.Adopted != "" {
		l.Note = f.T("desk.catalogue.packs")
	}
	if x.Law != "" {
		l.Note = x.Law + f.T("word.separator") + l.Note
	}
	if x.BasedOn > 0 {
		l.Compare = l.Href + "/compare?with=" + strconv.Itoa(x.BasedOn)
	}
	return l
}

// beginDraft begins a draft from the newest published version.
func (d *Desk) beginDraft(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	if err := r.ParseForm(); err != nil {
		return err
	}
	act, err := duties.Table.Action("draft")
	if err != nil {
		return err
	}
	raw := rawOf(act.Form, r)
	answers, err := act.Form.Check(raw)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		return f.showVersions(w, http.StatusUnprocessableEntity, raw, faults)
	}
	var v duties.Version
	err = d.s.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		v, err = f.dutyBook().Draft(tx, f.sc, 0, answers.Str("reason"), d.s.Clock())
		return err
	})
	if errors.Is(err, duties.ErrDrafts) {
		return f.showVersions(w, http.StatusConflict, raw, form.Faults{{Field: "reason", Code: "many", N: 20, Of: 20}})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, cataloguePath+"/"+strconv.Itoa(v.Number))
}

// dutyVersion reads the version of the address.
func (f *frame) dutyVersion() (duties.Version, error) {
	n, err := strconv.Atoi(f.r.PathValue("number"))
	if err != nil {
		return duties.Version{}, store.ErrNotFound
	}
	return store.Get(f.r.Context(), f.d.s.DB, func(tx *store.Tx) (duties.Version, error) { return f.dutyBook().Get(tx, n) })
}

func (d *Desk) version(w http.ResponseWriter, r *http.Request) error {
	f := d.page(r, "desk.catalogue.title")
	f.said(r)
	return f.showVersion(w, http.StatusOK, &versionView{})
}

// showVersion fills in a version and draws it.
func (f *frame) showVersion(w http.ResponseWriter, status int, v *versionView) error {
	x, err := f.dutyVersion()
	if err != nil {
		return err
	}
	if err := f.d.names.load(f.r.Context(), x.Account); err != nil {
		return err
	}
	v.V, v.Line = x, f.dutyLine(x)
	f.Title = f.T("desk.catalogue.version", x.Number)
	who := flow.Actor{Roles: f.sc.Roles()}
	may := func(action string) bool {
		_, err := duties.Table.Permit(action, flow.Position{State: x.State}, who)
		return err == nil
	}
	v.Edits, v.Signs = may("edit"), may("publish")
	since := x.Since
	if x.State == duties.Draft {
		since = f.Now.In(worktime.Zone).Format(time.DateOnly)
		_, err := f.dutyBook().Try(x, since)
		for _, ft := range duties.FaultsOf(err) {
			l := findingLine{ID: ft.ID, Text: f.either(ft.ZH, ft.EN)}
			switch ft.List {
			case "rules":
				l.Href = "#rule-" + ft.ID
			case "questions":
				l.Href = f.setHref(v.Line.Number, ft.ID)
			}
			v.Findings = append(v.Findings, l)
		}
	}
	f.ruleLines(v, f.dutyBook().Base().Restore(x.Number, x.Content, since))
	if v.Tested, err = f.lastRun(x); err != nil {
		return err
	}
	f.dutyForms(v)
	return f.render(w, status, versionPage(f, v))
}

// ruleLines puts the rules into words, those that the filter leaves.
func (f *frame) ruleLines(v *versionView, c *catalogue.Catalogue) {
	v.Matter, v.Unit = f.r.URL.Query().Get("matter"), f.r.URL.Query().Get("unit")
	v.Units = append(f.expressions(), f.d.finder.handling(f.Lang)...)
	for i, r := range v.V.Content.Rules {
		if v.Unit != "" && r.Unit != v.Unit && !slices.Contains(r.Assist, v.Unit) || v.Matter != "" && !f.aboutMatter(c, r, v.Matter) {
			v.Hidden++
			continue
		}
		l := ruleLine{ID: r.ID, At: i + 1, Off: r.Off, Last: i == len(v.V.Content.Rules)-1, Unit: f.expression(r.Unit), Law: r.Law, Reason: f.either(r.ReasonZH, r.ReasonEN)}
		for _, g := range c.Conditions(r) {
			l.Conditions = append(l.Conditions, f.either(g.ZH, g.EN))
		}
		if len(l.Conditions) == 0 {
			l.Conditions = []string{f.T("desk.catalogue.always")}
		}
		var names []string
		for _, a := range r.Assist {
			names = append(names, f.expression(a))
		}
		l.Assist = join(f, names)
		var results []string
		if r.Limit != "" {
			results = append(results, f.profile(r.Limit))
		}
		if r.Public != "" {
			results = append(results, f.T("desk.catalogue.public."+r.Public))
		}
		if len(r.Ask) > 0 {
			results = append(results, f.T("desk.catalogue.asks", strings.Join(r.Ask, ", ")))
		}
		l.Result = strings.Join(results, f.T("word.separator"))
		for _, ft := range v.Findings {
			if ft.ID == r.ID && ft.Href != "" {
				l.Faults = append(l.Faults, ft.Text)
			}
		}
		v.Rules = append(v.Rules, l)
	}
	for i, s := range v.V.Content.Questions {
		if v.Matter != "" && !f.aboutMatter(c, catalogue.Rule{Matters: s.Matters, Groups: s.Groups}, v.Matter) {
			continue
		}
		x := setLine{ID: s.ID, About: f.aboutSet(c, s), Href: f.setHref(v.Line.Number, s.ID), First: i == 0, Last: i == len(v.V.Content.Questions)-1}
		var qs []string
		for _, q := range s.Fields {
			qs = append(qs, f.either(q.ZH, q.EN))
		}
		x.Questions = strings.Join(qs, f.T("word.separator"))
		for _, ft := range v.Findings {
			if ft.ID == s.ID && ft.Href == x.Href {
				x.Faults = append(x.Faults, ft.Text)
			}
		}
		v.Sets = append(v.Sets, x)
	}
}

// aboutMatter reports whether a rule can be about a matter that is named by key or
// by part of its name.
func (f *frame) aboutMatter(c *catalogue.Catalogue, r catalogue.Rule, said string) bool {
	if m, ok := c.Matter(said); ok {
		return len(r.Matters)+len(r.Groups) == 0 || slices.Contains(r.Matters, m.Key) || slices.Contains(r.Groups, m.Group)
	}
	said = strings.ToLower(said)
	return slices.ContainsFunc(r.Matters, func(key string) bool {
		m, _ := c.Matter(key)
		return strings.Contains(m.Name, said) || strings.Contains(strings.ToLower(m.English), said)
	})
}

// expression is a unit expression in words.
func (f *frame) expression(e string) string {
	for _, c := range f.expressions() {
		if c.Value == e {
			return c.Label
		}
	}
	return f.unit(e)
}

// expressions are the unit expressions that are no unit.
func (f *frame) expressions() []ui.Choice {
	var out []ui.Choice
	for _, x := range []string{catalogue.AtStreet, catalogue.AtCommunity, catalogue.AtDuty} {
		out = append(out, ui.Choice{Value: x, Label: f.T("desk.catalogue.expr." + x[1:])})
	}
	return out
}

// dutyForms are the forms below a draft.
func (f *frame) dutyForms(v *versionView) {
	one := func(was ui.FormView, action string) ui.FormView {
		act, err := duties.Table.Action(action)
		if err != nil {
			panic(err) // a form of an action that does not exist
		}
		was.Form, was.Dense, was.Submit = act.Form, true, f.T("action.catalogue."+action)
		was.Action = cataloguePath + "/" + v.Line.Number + "/" + action
		was.Hidden = []ui.Hidden{{Name: "_revision", Value: strconv.FormatInt(v.V.Revision, 10)}}
		return was
	}
	v.Publish, v.Drop = one(v.Publish, "publish"), one(v.Drop, "drop")
	v.Drop.Look = "danger"
}

// finishDraft publishes or drops a draft.
func (d *Desk) finishDraft(action string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := d.page(r, "desk.catalogue.title")
		if err := r.ParseForm(); err != nil {
			return err
		}
		x, err := f.dutyVersion()
		if err != nil {
			return err
		}
		act, err := duties.Table.Permit(action, flow.Position{State: x.State}, flow.Actor{Roles: f.sc.Roles()})
		if err != nil {
			return err
		}
		raw := rawOf(act.Form, r)
		v := &versionView{}
		view := &v.Publish
		if action == "drop" {
			view = &v.Drop
		}
		view.Raw = raw
		answers, err := act.Form.Check(raw)
		if faults, ok := errors.AsType[form.Faults](err); ok {
			view.Faults, f.Faulty = faults, true
			return f.showVersion(w, http.StatusUnprocessableEntity, v)
		}
		revision, _ := strconv.ParseInt(r.PostFormValue("_revision"), 10, 64)
		err = d.s.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if action == "drop" {
				_, err = f.dutyBook().Drop(tx, f.sc, x.Number, answers.Str("reason"), d.s.Clock())
				return err
			}
			_, err = f.dutyBook().Publish(tx, f.sc, x.Number, revision, duties.Terms{Since: answers.Str("since"), Law: answers.Str("law"), Reason: answers.Str("reason")}, d.s.Clock())
			return err
		})
		if err != nil {
			return f.dutyProblem(w, v, err)
		}
		return web.SeeOther(w, r, cataloguePath+"?done=catalogue."+action)
	}
}

// dutyProblem shows a version again with why something was not done, or passes on an
// error that is nobody's input.
func (f *frame) dutyProblem(w http.ResponseWriter, v *versionView, err error) error {
	f.Faulty = true
	status := http.StatusUnprocessableEntity
	earlier, late := errors.AsType[*duties.EarlierError](err)
	switch why := f.refusal(err); {
	case len(duties.FaultsOf(err)) > 0:
		v.Problem = f.T("desk.catalogue.faulty", len(duties.FaultsOf(err)))
	case late:
		v.Problem = f.T("desk.catalogue.earlier", words.Args{"n": earlier.Number, "since": earlier.Since})
	case why != "" && why != unknownRefusal:
		v.Problem, status = why, statusOf(err)
	default:
		return err
	}
	return f.showVersion(w, status, v)
}

// dropView is the form that gives a draft up; its field has an id of its own beside
// that of publishing.
func dropView(v *versionView) ui.FormView {
	out := v.Drop
	out.ID = "drop"
	return out
}

// registerCatalogue adds the pages of the dispatch catalogue.
func (d *Desk) registerCatalogue(rt *access.Router) {
	reads := access.Rule{Roles: catalogueRoles()}
	edits := access.Rule{Roles: rolesOf(&duties.Table, "edit")}
	one := cataloguePath + "/{number}"
	rt.Handle("GET "+cataloguePath, reads, d.versions)
	rt.Handle("POST "+cataloguePath, access.Rule{Roles: rolesOf(&duties.Table, "draft")}, d.beginDraft)
	rt.Handle("POST /desk/cases/{number}/rule", edits, d.ruleOfCase)
	rt.Handle("GET "+cataloguePath+"/draft", edits, d.newestDraft)
	rt.Handle("POST "+cataloguePath+"/draft", edits, d.ruleOfProposal)
	rt.Handle("GET "+one, reads, d.version)
	rt.Handle("GET "+one+"/compare", reads, d.compareDuties)
	rt.Handle("GET "+one+"/export", reads, d.exportDuties)
	rt.Handle("GET "+one+"/rule", edits, d.rulePage)
	rt.Handle("POST "+one+"/rule", edits, d.saveRule)
	rt.Handle("GET "+one+"/questions", reads, d.setPage)
	rt.Handle("POST "+one+"/questions", edits, d.saveSet)
	rt.Handle("POST "+one+"/questions/edit", edits, d.orderSet)
	rt.Handle("GET "+one+"/question", edits, d.questionPage)
	rt.Handle("POST "+one+"/question", edits, d.saveQuestion)
	rt.Handle("POST "+one+"/edit", edits, d.editDraft)
	rt.Handle("POST "+one+"/load", edits, d.loadDuties)
	rt.Handle("GET "+one+"/run", reads, d.runPart)
	rt.Handle("POST "+one+"/run", edits, d.askRun)
	rt.Handle("POST "+one+"/run/cancel", edits, d.cancelRun)
	rt.Handle("GET "+one+"/run.xlsx", reads, d.runExport)
	rt.Handle("POST "+one+"/publish", access.Rule{Roles: rolesOf(&duties.Table, "publish")}, d.finishDraft("publish"))
	rt.Handle("POST "+one+"/drop", access.Rule{Roles: rolesOf(&duties.Table, "drop")}, d.finishDraft("drop"))
}
