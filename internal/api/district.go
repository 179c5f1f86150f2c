package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/web"
	"weixiao/internal/words"
)

type (
	// Unit is an organisation of the district.
	Unit struct {
		ID       string `json:"id"`
		Parent   string `json:"parent,omitempty"`
		Name     string `json:"name"`
		Short    string `json:"short,omitempty"`
		English  string `json:"english,omitempty"`
		Kind     string `json:"kind"`
		Code     string `json:"code,omitempty" doc:"statistical code"`
		Function string `json:"function,omitempty"`
		Phone    string `json:"phone,omitempty"`
		Handles  bool   `json:"handles_cases"`
		MadeUp   bool   `json:"made_up,omitempty" doc:"an assumption of the pack"`
	}
	// Matter is one thing people can ask for.
	Matter struct {
		Key      string `json:"key"`
		Code     string `json:"code"`
		Kind     string `json:"kind" enum:"request,component,matter"`
		Name     string `json:"name"`
		Official string `json:"official,omitempty"`
		English  string `json:"english,omitempty"`
		Group    *Named `json:"group,omitempty"`
		Type     string `json:"type"`
		Profile  string `json:"profile,omitempty"`
		Reply    string `json:"reply,omitempty" doc:"limit of the answer"`
		Urgency  string `json:"urgency,omitempty"`
		Public   bool   `json:"public" doc:"cases may be read by everybody, without persons"`
		Law      string `json:"law,omitempty"`
	}
	// Proposal is a matter that a sentence may be about, and who would lead.
	Proposal struct {
		Matter Named    `json:"matter"`
		Score  float64  `json:"score" doc:"comparable within one answer only"`
		Words  []string `json:"words" doc:"the words that matched"`
		Reason string   `json:"reason"`
		Unit   Decision `json:"unit"`
	}
	// Decision names the unit that leads and says why.
	Decision struct {
		Named
		Rule   string   `json:"rule"`
		Reason string   `json:"reason"`
		Duty   bool     `json:"duty_desk,omitempty" doc:"nobody could be named: a person decides"`
		Assist []string `json:"assist,omitempty"`
	}
	// Flow is a flow table.
	Flow struct {
		Kind    string       `json:"kind"`
		States  []FlowState  `json:"states"`
		Marks   []string     `json:"marks"`
		Clocks  []string     `json:"clocks"`
		Actions []FlowAction `json:"actions"`
	}
	// FlowState is one state.
	FlowState struct {
		Name  string `json:"name"`
		Label string `json:"label"`
		End   bool   `json:"end,omitempty"`
	}
	// FlowAction is one row of it.
	FlowAction struct {
		Name    string      `json:"name"`
		Label   string      `json:"label"`
		From    []string    `json:"from" doc:"empty: it makes the record"`
		To      string      `json:"to,omitempty" doc:"empty: the state stays, or one of decides"`
		Decides []string    `json:"decides,omitempty"`
		Needs   []string    `json:"needs,omitempty" doc:"marks that must be set"`
		Bars    []string    `json:"bars,omitempty" doc:"marks that must not be set"`
		Sets    []string    `json:"sets,omitempty"`
		Drops   []string    `json:"drops,omitempty"`
		Who     []FlowGrant `json:"who"`
		Fields  []FormField `json:"fields"`
		Start   []string    `json:"start,omitempty" doc:"clocks"`
		Stop    []string    `json:"stop,omitempty"`
		Hold    []string    `json:"hold,omitempty"`
		Free    []string    `json:"free,omitempty"`
	}
	// FlowGrant is who may do it.
	FlowGrant struct {
		Role     string `json:"role"`
		Relation string `json:"relation,omitempty" doc:"of the actor's unit to the record"`
	}
	unitsInput struct {
		Kind string `query:"kind"`
		Q    string `query:"q" maxLength:"100" doc:"name, alias or code"`
		Spoken
	}
	mattersInput struct {
		Kind string `query:"kind" enum:"request,component,matter" default:"request"`
		Spoken
	}
	suggestInput struct {
		Text      string `query:"text" required:"true" maxLength:"600" doc:"what happened, in plain words; no personal data"`
		Street    string `query:"street" doc:"unit id of the place"`
		Community string `query:"community" doc:"unit id of the place"`
		Limit     int    `query:"limit" minimum:"1" maximum:"10" default:"3"`
		Spoken
	}
	flowInput struct {
		Kind string `path:"kind" enum:"case,whistle,exclusion,appeal,month"`
		Spoken
	}
	unitsOutput   struct{ Body items[Unit] }
	mattersOutput struct{ Body items[Matter] }
	suggestOutput struct{ Body items[Proposal] }
	flowOutput    struct{ Body Flow }
)

// items is a list that has room for more beside it.
type items[T any] struct {
	Items []T `json:"items"`
}

func (d *door) district() {
	public, tags := access.Rule{Public: true, Why: "what the district publishes about itself"}, []string{"district"}
	operation(d, public, huma.Operation{OperationID: "units", Method: http.MethodGet, Path: root + "/units", Summary: "Units of the district", Tags: tags}, d.units)
	operation(d, public, huma.Operation{OperationID: "matters", Method: http.MethodGet, Path: root + "/matters", Summary: "Matters that can be chosen", Tags: tags}, d.matters)
	operation(d, public, huma.Operation{OperationID: "suggest", Method: http.MethodGet, Path: root + "/suggest", Summary: "Which matter it is and who would lead", Tags: tags}, d.suggest)
	operation(d, public, huma.Operation{OperationID: "flow", Method: http.MethodGet, Path: root + "/flow/{kind}", Summary: "Who may do what when", Tags: tags}, d.flow)
}

func (d *door) units(_ context.Context, in *unitsInput) (*unitsOutput, error) {
	all := d.Pack.Directory.Units()
	if in.Q != "" {
		all = d.Pack.Directory.Search(in.Q)
	}
	if in.Kind != "" && !slices.Contains(directory.Kinds(), directory.Kind(in.Kind)) {
		return nil, form.Faults{{Field: "kind", Code: "choice"}}
	}
	out := &unitsOutput{items[Unit]{[]Unit{}}}
	for _, u := range all {
		if in.Kind == "" || string(u.Kind) == in.Kind {
			out.Body.Items = append(out.Body.Items, Unit{ID: u.ID, Parent: u.Parent, Name: u.Name, Short: u.Short, English: u.English, Kind: string(u.Kind), Code: u.Code,
				Function: u.Function, Phone: u.Phone, Handles: u.Kind.HandlesCases(), MadeUp: u.MadeUp})
		}
	}
	return out, nil
}

func (d *door) matters(ctx context.Context, in *mattersInput) (*mattersOutput, error) {
	lang, kind := web.Lang(request(ctx)), catalogue.Kind(in.Kind)
	groups := map[string]*Named{}
	for _, g := range d.Pack.Catalogue.Groups(kind) {
		groups[g.ID] = &Named{g.ID, pick(lang, g.Name, g.English)}
	}
	out := &mattersOutput{items[Matter]{[]Matter{}}}
	for _, m := range d.Pack.Catalogue.Matters(kind) {
		out.Body.Items = append(out.Body.Items, Matter{Key: m.Key, Code: m.Code, Kind: string(m.Kind), Name: pick(lang, m.Name, m.English), Official: m.Official, English: m.English,
			Group: groups[m.Group], Type: string(m.Type), Profile: m.Limit, Reply: d.Pack.Catalogue.LimitsOf(m).Reply, Urgency: string(m.Urgency), Public: m.Public, Law: m.Law})
	}
	return out, nil
}

func pick(lang words.Lang, zh, en string) string {
	if lang == words.EN && en != "" {
		return en
	}
	return zh
}

func (d *door) suggest(ctx context.Context, in *suggestInput) (*suggestOutput, error) {
	lang := web.Lang(request(ctx))
	out := &suggestOutput{items[Proposal]{[]Proposal{}}}
	for _, p := range d.Pack.Catalogue.Suggest(in.Text, in.Limit, catalogue.KindRequest) {
		why := d.Cases.District().Decide(p.Matter.Key, "", "", cases.Place{Street: in.Street, Community: in.Community}, d.Clock())
		out.Body.Items = append(out.Body.Items, Proposal{Matter: Named{p.Matter.Key, pick(lang, p.Matter.Name, p.Matter.English)}, Score: p.Score, Words: list(p.Words),
			Reason: words.T(lang, "api.suggest", strings.Join(p.Words, " ")),
			Unit:   Decision{Named: *d.unitOf(lang, why.Unit), Rule: why.Rule, Reason: pick(lang, why.ReasonZH, why.ReasonEN), Duty: why.DutyDesk, Assist: why.Assist}})
	}
	return out, nil
}

func (d *door) flow(ctx context.Context, in *flowInput) (*flowOutput, error) {
	lang, t := web.Lang(request(ctx)), &cases.Table
	for _, x := range append(assess.Tables(), &cases.WhistleTable) {
		if x.Kind == in.Kind {
			t = x
		}
	}
	out := Flow{Kind: t.Kind, States: []FlowState{}, Marks: list(t.Marks), Clocks: list(t.Clocks), Actions: []FlowAction{}}
	for _, s := range t.States {
		out.States = append(out.States, FlowState{s.Name, label(lang, s.Name, "state."+t.Kind+"."+s.Name), s.End})
	}
	for _, a := range t.Actions {
		x := FlowAction{Name: a.Name, Label: label(lang, a.Name, "action."+t.Kind+"."+a.Name), From: list(a.From), To: a.To, Decides: a.Decides, Needs: a.Needs, Bars: a.Bars,
			Sets: a.Sets, Drops: a.Drops, Who: []FlowGrant{}, Fields: fields(lang, a.Form), Start: a.Start, Stop: a.Stop, Hold: a.Hold, Free: a.Free}
		for _, g := range a.Who {
			x.Who = append(x.Who, FlowGrant(g))
		}
		out.Actions = append(out.Actions, x)
	}
	return &flowOutput{out}, nil
}

// actSummary names an action in both languages.
func actSummary(kind, name string) string {
	k := "action." + kind + "." + name
	return label(words.EN, name, k) + " · " + label(words.ZH, name, k)
}

// actDescription says from the table when an action is possible and for whom.
func actDescription(a *flow.Action) string {
	var b strings.Builder
	if len(a.From) > 0 {
		b.WriteString("From: " + strings.Join(a.From, ", ") + ". ")
	}
	switch {
	case len(a.Decides) > 0:
		b.WriteString("To one of: " + strings.Join(a.Decides, ", ") + ". ")
	case a.To != "":
		b.WriteString("To: " + a.To + ". ")
	default:
		b.WriteString("The state stays. ")
	}
	for _, x := range []struct {
		words string
		list  []string
	}{{"Needs the marks", a.Needs}, {"Barred by", a.Bars}, {"Sets", a.Sets}, {"Drops", a.Drops}, {"Starts the clocks", a.Start}, {"Stops", a.Stop}, {"Holds", a.Hold}, {"Frees", a.Free}} {
		if len(x.list) > 0 {
			b.WriteString(x.words + ": " + strings.Join(x.list, ", ") + ". ")
		}
	}
	var who []string
	for _, g := range a.Who {
		if g.Relation != "" {
			who = append(who, g.Role+" ("+g.Relation+")")
		} else {
			who = append(who, g.Role)
		}
	}
	b.WriteString("Who: " + strings.Join(who, ", ") + ".")
	return b.String()
}
