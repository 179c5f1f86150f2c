package approvals

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
)

// States of a file.
const (
	Open      = "open"
	Done      = "done"
	Withdrawn = "withdrawn"
)

// File is the approval of one project.
type File struct {
	record.Head
	Project string           `json:"project"`
	Name    string           `json:"name"` // of the project
	Firm    string           `json:"firm"` // code
	Street  string           `json:"street"`
	Class   string           `json:"class"`
	Code    string           `json:"project_code,omitempty"` // 投资项目统一代码
	MadeUp  bool             `json:"made_up,omitempty"`
	Planned []string         `json:"planned,omitempty"`    // stages whose items were listed
	Forms   map[string]Form  `json:"forms,omitempty"`      // by stage: handed in once, for all items
	Papers  map[string]Paper `json:"handed_in,omitempty"`  // by paper: handed in once, for all items
	Wanted  []string         `json:"wanted,omitempty"`     // papers of the items listed so far
	ByAgent []string         `json:"brought_by,omitempty"` // papers that an agent brought
}

// Form is the one form of a stage.
type Form struct {
	At      int64        `json:"at"` // µs UTC
	Answers form.Answers `json:"answers"`
}

// Paper is a paper that was handed in.
type Paper struct {
	At    int64 `json:"at"` // µs UTC, the first time
	Again int64 `json:"again,omitempty"`
}

// Stages in their order.
func Stages() []string { return []string{"land", "design", "build", "finish"} }

func in(stage string, f form.Field) form.Field {
	f.When, f.Values = "stage", []string{stage}
	return f
}

// stageFields are the one form of each stage.
var stageFields = []form.Field{
	{Name: "stage", Type: form.Choice, Required: true, Options: form.Options("land", "design", "build", "finish")},
	in("land", form.Field{Name: "land_use", Type: form.Line, Required: true, Max: 60}),
	in("land", form.Field{Name: "land_area", Type: form.Decimal, Places: 2, Required: true, Min: 1, Max: 100_000_000}),
	in("land", form.Field{Name: "investment", Type: form.Money, Required: true, Low: 10_000_000, High: 1_000_000_000_000}),
	in("land", form.Field{Name: "investment_sure", Type: form.Bool}),
	in("design", form.Field{Name: "floor_area", Type: form.Decimal, Places: 2, Required: true, Min: 1, Max: 1_000_000_000}),
	in("design", form.Field{Name: "storeys", Type: form.Int, Required: true, Min: 1, Max: 120}),
	in("build", form.Field{Name: "builder", Type: form.Line, Required: true, Max: 60}),
	in("build", form.Field{Name: "begins_on", Type: form.Date, Required: true}),
	in("build", form.Field{Name: "ends_on", Type: form.Date, Required: true}),
	in("finish", form.Field{Name: "finished_on", Type: form.Date, Required: true}),
	in("finish", form.Field{Name: "floor_built", Type: form.Decimal, Places: 2, Required: true, Min: 1, Max: 1_000_000_000}),
}

// FileTable is the way of a file.
var FileTable = flow.Table{
	Kind:   "approval_file",
	States: []flow.State{{Name: Open, Chip: "doing"}, {Name: Done, Chip: "done", End: true}, {Name: Withdrawn, Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "apply", To: Open, Who: theFirm, Form: form.Form{Name: "approval_apply", Fields: []form.Field{
			{Name: "project", Type: form.Choice, Required: true}, {Name: "project_code", Type: form.Line, Max: 24}}}},
		{Name: "plan", From: []string{Open}, Who: planners, Form: form.Form{Name: "approval_plan", Fields: []form.Field{{Name: "items", Type: form.Multi, Required: true, Max: 40}}}},
		{Name: "submit", From: []string{Open}, Who: theFirm, Form: form.Form{Name: "approval_submit", Fields: stageFields}},
		{Name: "hand_in", From: []string{Open}, Who: theFirm, Form: form.Form{Name: "approval_hand_in", Fields: []form.Field{{Name: "which_papers", Type: form.Multi, Required: true, Max: 40}}}},
		{Name: "bring", From: []string{Open}, Who: grants(agent, access.Department, access.Street), Form: form.Form{Name: "approval_bring", Fields: []form.Field{{Name: "which_papers", Type: form.Multi, Required: true, Max: 40}}}},
		{Name: "finish", From: []string{Open}, To: Done, Who: theHall, Form: form.Form{Name: "approval_finish", Fields: []form.Field{note}}},
		{Name: "withdraw", From: []string{Open}, To: Withdrawn, Who: theFirm, Form: form.Form{Name: "approval_withdraw", Fields: []form.Field{reason}}},
	},
}

func (s *Approvals) fileKind() record.Kind[File, *File] {
	return record.Kind[File, *File]{
		Table: &FileTable, Letters: "SP",
		Keys: func(x *File) record.Keys {
			return record.Keys{Unit: s.o.Rules.Hall, Parent: x.Project, Of: x.Firm, Tag: x.Street, Title: x.Name}
		},
		Sees: func(sc access.Scope, x *File) bool { return sees(sc, x.Firm) },
		Relations: func(tx *store.Tx, sc access.Scope, x *File) ([]string, error) {
			if x.Firm == "" && sc.Firm() != "" { // the file it opens will be its own: see apply
				return []string{own}, nil
			}
			return s.about(tx, sc, x.Firm, x.ID, "", "")
		},
		Options: s.fileOptions,
		Plans: map[string]func(*record.Step[File, *File]) error{
			"apply": s.planApply, "plan": s.planPlan, "submit": s.planSubmit, "hand_in": s.planHandIn, "bring": s.planBring, "finish": s.planFinish, "withdraw": s.planWithdraw,
		},
	}
}

func (s *Approvals) fileOptions(tx *store.Tx, sc access.Scope, x *File, action, field string) ([]form.Option, bool, error) {
	var ids []string
	switch field {
	case "project":
		list, err := s.o.Projects(tx, sc.Firm())
		if err != nil {
			return nil, false, err
		}
		for _, p := range list {
			ids = append(ids, p.ID)
		}
	case "items":
		for _, it := range s.o.Rules.Items {
			if s.under(sc, s.o.Rules.Hall) || s.leads(sc, it.Stage) || sc.Can(access.System) {
				ids = append(ids, it.ID)
			}
		}
	case "which_papers":
		for _, p := range s.o.Rules.Papers {
			if slices.Contains(x.Wanted, p.ID) && (action != "bring" || !p.Signed) {
				ids = append(ids, p.ID)
			}
		}
	default:
		return nil, false, nil
	}
	return form.Options(ids...), true, nil
}

var projectCode = regexp.MustCompile(`^\d{4}-\d{6}-\d{2}-\d{2}-\d{6}$`)

func (s *Approvals) planApply(st *record.Step[File, *File]) error {
	x := st.X
	p, err := s.o.Project(st.Tx, x.Project)
	if err != nil {
		return err
	}
	if p.Firm != st.Scope.Firm() {
		return record.Fault("project", "choice")
	}
	if x.Code != "" && !projectCode.MatchString(x.Code) {
		return record.Fault("project_code", "project_code")
	}
	x.Name, x.Firm, x.Street, x.Class, x.MadeUp = p.Title, p.Firm, p.Street, p.Class, p.MadeUp
	before, err := s.filesOf(st.Tx, x.Project)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(y *File) bool { return y.State == Open }) {
		return record.Refuse("approval_file_open")
	}
	return nil
}

func (s *Approvals) filesOf(tx *store.Tx, project string) (out []*File, err error) {
	err = s.Files.Each(tx, record.Filter{Parent: project}, func(y *File) error { out = append(out, y); return nil })
	return out, err
}

// planPlan lists items: each becomes a record of its own, and the papers it wants join the set of its stage.
func (s *Approvals) planPlan(st *record.Step[File, *File]) error {
	x := st.X
	have, err := s.itemsIn(st.Tx, x.ID)
	if err != nil {
		return err
	}
	for _, id := range st.Answers.List("items") {
		it, _ := s.o.Rules.Item(id)
		for _, y := range have {
			if y.Code == id && !y.dead() {
				return record.Refuse("approval_item_listed", it.ZH)
			}
		}
		if _, err := s.Items.OpenIn(st.Tx, st.Scope, "list", record.Input{At: st.At}, func(y *Item) {
			y.File, y.Firm, y.Project, y.Name = x.ID, x.Firm, x.Project, x.Name
			y.Code, y.Stage, y.Unit, y.Promised, y.Legal, y.MadeUp = it.ID, it.Stage, it.Unit, int64(it.Promised), int64(it.Legal), it.MadeUp || x.MadeUp
		}); err != nil {
			return err
		}
		x.Planned = joined(x.Planned, it.Stage)
		x.Wanted = joined(x.Wanted, it.Papers...)
	}
	return nil
}

func joined(list []string, more ...string) []string {
	out := append(slices.Clone(list), more...)
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *Approvals) planSubmit(st *record.Step[File, *File]) error {
	x, stage := st.X, st.Answers.Str("stage")
	if !slices.Contains(x.Planned, stage) {
		return record.Refuse("approval_stage_unplanned")
	}
	if _, twice := x.Forms[stage]; twice {
		return record.Refuse("approval_form_once")
	}
	if from, to := st.Answers.Str("begins_on"), st.Answers.Str("ends_on"); to < from {
		return record.Fault("ends_on", "before_start")
	}
	answers := maps.Clone(st.Answers)
	delete(answers, "stage")
	delete(answers, "investment_sure")
	x.Forms = maps.Clone(x.Forms)
	if x.Forms == nil {
		x.Forms = map[string]Form{}
	}
	x.Forms[stage] = Form{At: st.At.UnixMicro(), Answers: answers}
	return nil
}

// took notes papers, and keeps the promises that were about them.
func (s *Approvals) took(st *record.Step[File, *File]) error {
	x := st.X
	x.Papers = maps.Clone(x.Papers)
	if x.Papers == nil {
		x.Papers = map[string]Paper{}
	}
	for _, id := range st.Answers.List("which_papers") {
		p, again := x.Papers[id]
		if again {
			p.Again = st.At.UnixMicro()
		} else {
			p.At = st.At.UnixMicro()
		}
		x.Papers[id] = p
	}
	return s.keepPromises(st.Tx, st.Scope.District(), x, st.At)
}

func (s *Approvals) planHandIn(st *record.Step[File, *File]) error { return s.took(st) }

func (s *Approvals) planBring(st *record.Step[File, *File]) error {
	st.X.ByAgent = joined(st.X.ByAgent, st.Answers.List("which_papers")...)
	return s.took(st)
}

func (s *Approvals) planFinish(st *record.Step[File, *File]) error {
	list, err := s.itemsIn(st.Tx, st.X.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 || slices.ContainsFunc(list, func(y *Item) bool { return !y.ended() }) {
		return record.Refuse("approval_items_open")
	}
	return nil
}

// planWithdraw takes back every item that is not at its end.
func (s *Approvals) planWithdraw(st *record.Step[File, *File]) error {
	list, err := s.itemsIn(st.Tx, st.X.ID)
	if err != nil {
		return err
	}
	for _, y := range list {
		if y.ended() || y.State == Decided {
			continue
		}
		if _, err := s.Items.ActIn(st.Tx, st.Scope, y.ID, "withdraw", record.Input{At: st.At, Raw: record.Raw("reason", st.Texts["reason"])}); err != nil {
			return err
		}
	}
	return nil
}

// FileAct does an action to a file. A paper that needs the firm's signature is refused from an agent in so many words.
func (s *Approvals) FileAct(ctx context.Context, sc access.Scope, id, action string, in record.Input) (x *File, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		x, err = s.FileActIn(tx, sc, id, action, in)
		return err
	})
	return x, err
}

// FileActIn is FileAct in a transaction.
func (s *Approvals) FileActIn(tx *store.Tx, sc access.Scope, id, action string, in record.Input) (*File, error) {
	x, err := s.Files.ActIn(tx, sc, id, action, in)
	if err != nil && action == "bring" {
		for _, p := range in.Raw["which_papers"] {
			if q, ok := s.o.Rules.Paper(p); ok && q.Signed {
				return nil, record.Fault("which_papers", "signature")
			}
		}
	}
	return x, err
}
