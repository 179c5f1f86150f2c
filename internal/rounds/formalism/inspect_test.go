package formalism_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"weixiao/internal/access"
	"weixiao/internal/catalogue"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/rounds/formalism"
)

// found are the entries of an id under a prohibition.
func found(list []formalism.Entry, id, rule string) (out []formalism.Entry) {
	for _, e := range list {
		if e.ID == id && e.Rule == rule {
			out = append(out, e)
		}
	}
	return out
}

func grants(roles ...string) (out []flow.Grant) {
	for _, r := range roles {
		out = append(out, flow.Grant{Role: r})
	}
	return out
}

// TestForms: what forms ask is judged by what they ask, not by a list of names.
func TestForms(t *testing.T) {
	grid := grants(access.Grid)
	table := &flow.Table{Kind: "case", States: []flow.State{{Name: "a"}, {Name: "b"}, {Name: "c", End: true}}, Actions: []flow.Action{
		{Name: "start", To: "a", Who: grid, Form: form.Form{Name: "t_start", Fields: []form.Field{{Name: "note", Type: form.Text}, {Name: "level", Type: form.Choice, Options: form.Options("1")}}}},
		{Name: "ring", From: []string{"a"}, To: "b", Who: grid, Form: form.Form{Name: "t_ring", Fields: []form.Field{{Name: "phone", Type: form.Phone, Required: true}, {Name: "note", Type: form.Text, Required: true}}}},
		{Name: "level", From: []string{"b"}, To: "c", Who: grid, Form: form.Form{Name: "t_level", Fields: []form.Field{{Name: "level", Type: form.Choice, Options: form.Options("1")}}}},
		{Name: "check_in", From: []string{"a"}, Who: grid, Form: form.Form{Name: "t_check"}},
		{Name: "present", From: []string{"a"}, Needs: []string{formalism.GateMark}, Who: grid, Form: form.Form{Name: "t_present"}},
		{Name: "long", From: []string{"a"}, Who: grid, Form: form.Form{Name: "t_long", Fields: must("name", "kind", "reason", "unit", "note", "reply")}},
		{Name: "office", From: []string{"a"}, Who: grants(access.Dispatcher), Form: form.Form{Name: "t_office", Fields: must("name", "kind", "reason", "unit", "note", "reply")}},
		{Name: "resident", From: []string{"a"}, Who: grants(access.Resident), Form: form.Form{Name: "t_resident", Fields: must("phone")}},
	}}
	list := formalism.Inspect(formalism.Input{Tables: []*flow.Table{table}}, nil)
	for _, c := range []struct {
		id, rule string
		want     formalism.Verdict // "" = no such entry
	}{
		{"form.t_ring.phone", formalism.Twice, formalism.Look},
		{"form.t_ring.note", formalism.Twice, ""},
		{"form.t_start.level", formalism.Twice, ""},
		{"form.t_level.level", formalism.Twice, formalism.Look},
		{"form.t_check", formalism.CheckIn, formalism.Forbidden},
		{"form.t_present", formalism.CheckIn, formalism.Fine},
		{"form.t_long", formalism.Twice, formalism.Look},
		{"form.t_office", formalism.Twice, ""},
		{"form.t_resident.phone", formalism.Twice, ""},
	} {
		got := found(list, c.id, c.rule)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Verdict != c.want) {
			t.Errorf("%s %s: %+v, want %q", c.id, c.rule, got, c.want)
		}
	}
	if e := found(list, "form.t_ring.note", ""); len(e) != 1 || e[0].Demand != formalism.Required || e[0].Shape != "text" {
		t.Errorf("%+v", e)
	}
	if len(found(list, "form.t_resident.phone", "")) > 0 {
		t.Error("a resident's form is listed among those of staff")
	}
}

func must(names ...string) (out []form.Field) {
	for _, n := range names {
		out = append(out, form.Field{Name: n, Type: form.Text, Required: true})
	}
	return out
}

// TestEvidence: a demanded photo and any track are forbidden, a photo that may be left out is fine.
func TestEvidence(t *testing.T) {
	list := formalism.Inspect(formalism.Input{Evidence: []formalism.Evidence{{Of: "a", What: "photo"}, {Of: "b", What: "photo", Required: true}, {Of: "c", What: "track"}, {Of: "d", What: "position"},
		{Of: "e", What: "video", Required: true}}}, nil)
	var got []formalism.Verdict
	for _, e := range list {
		got = append(got, e.Verdict)
	}
	if !slices.Equal(got, []formalism.Verdict{formalism.Fine, formalism.Forbidden, formalism.Forbidden, formalism.Fine, formalism.Forbidden}) {
		t.Error(got)
	}
	held := &formalism.Exception{ID: "x1", Rule: formalism.Photo, Subject: "evidence.b.photo"}
	list = formalism.Inspect(formalism.Input{Evidence: []formalism.Evidence{{Of: "b", What: "photo", Required: true}}}, []*formalism.Exception{held})
	if list[0].Verdict != formalism.Excepted || list[0].Except != "x1" {
		t.Errorf("%+v", list[0])
	}
}

// TestPack: routines, questions and figures of a pack that ask what is barred are found, whatever they are called.
func TestPack(t *testing.T) {
	p := &pack.Pack{Routines: []pack.Routine{
		{Key: "good", Forbids: pack.Forbidden(), Items: []pack.RoutineItem{{Key: "find", Title: "发现问题", English: "Find problems", FilledBy: []string{"finding.find"}}}},
		{Key: "open", Forbids: []string{"check_in"}, What: pack.Text{ZH: "不要求签到，自由走", EN: "No check-in"}},
		{Key: "many", Forbids: pack.Forbidden(), What: pack.Text{ZH: "每人每天至少走访 5 户", EN: "Visit homes"}},
		{Key: "sign", Forbids: pack.Forbidden(), What: pack.Text{ZH: "到点签到，发定位", EN: "Be there"}},
		{Key: "fake", Forbids: pack.Forbidden(), Items: []pack.RoutineItem{{Key: "here", Title: "在岗", English: "On duty", FilledBy: []string{"turn.present"}}, {Key: "hand", Title: "记录", English: "Log"}}},
	}}
	p.Scores.Counts = []pack.Count{{Name: "solved", Text: pack.Text{ZH: "已解决数", EN: "Solved"}}, {Name: "per_worker", Text: pack.Text{ZH: "办件数", EN: "Handled"}}, {Name: "x", Text: pack.Text{ZH: "网格员上报数", EN: "Reports"}},
		{Name: "y", Text: pack.Text{ZH: "平均在线时长", EN: "Average"}}, {Name: "z", Text: pack.Text{ZH: "小程序安装率", EN: "Share"}}}
	questions := func() []catalogue.QuestionSet {
		return []catalogue.QuestionSet{{ID: "q", Fields: []catalogue.Question{{Name: "tel", Type: form.Line, ZH: "联系电话", EN: "Telephone"}, {Name: "colour", Type: form.Line, ZH: "什么颜色", EN: "Which colour"}}}}
	}
	list := formalism.Inspect(formalism.Input{Pack: p, Questions: questions}, nil)
	for _, c := range []struct {
		id, rule string
		want     formalism.Verdict
	}{
		{"routine.good", "", formalism.Fine},
		{"routine.open", formalism.Ranking, formalism.Look},
		{"routine.open", formalism.Photo, formalism.Look},
		{"routine.open", formalism.CheckIn, ""},
		{"routine.many", formalism.Quota, formalism.Look},
		{"routine.sign", formalism.CheckIn, formalism.Forbidden},
		{"routine.sign", formalism.Track, formalism.Look},
		{"routine.fake.here", formalism.CheckIn, formalism.Forbidden},
		{"routine.fake.hand", formalism.Twice, formalism.Forbidden},
		{"count.solved", "", formalism.Fine},
		{"count.per_worker", formalism.Ranking, formalism.Forbidden},
		{"count.x", formalism.Ranking, formalism.Forbidden},
		{"count.y", formalism.OnlineTime, formalism.Forbidden},
		{"count.z", formalism.InstallRate, formalism.Forbidden},
		{"question.q.tel", formalism.Twice, formalism.Look},
		{"question.q.colour", "", formalism.Fine},
	} {
		got := found(list, c.id, c.rule)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Verdict != c.want) {
			t.Errorf("%s %s: %+v, want %q", c.id, c.rule, got, c.want)
		}
	}
}

// TestExplanations: an explanation settles what is to be looked at, never what is forbidden; one that fits nothing is reported, and
// a pack cannot explain what the program asks.
func TestExplanations(t *testing.T) {
	p := &pack.Pack{Routines: []pack.Routine{{Key: "many", Forbids: pack.Forbidden(), What: pack.Text{ZH: "每天至少走访 5 户，要签到", EN: "Visit homes"}}}}
	say := func(what, rule string) {
		p.Explained = append(p.Explained, pack.Explained{What: what, Rule: rule, Text: pack.Text{ZH: "因为", EN: "Because"}})
	}
	say("routine.m*", formalism.Quota)
	say("routine.many", formalism.CheckIn)
	say("routine.gone", formalism.Track)
	list := formalism.Inspect(formalism.Input{Pack: p}, nil)
	if e := found(list, "routine.many", formalism.Quota); len(e) != 1 || e[0].Verdict != formalism.Explained || e[0].Said.EN != "Because" {
		t.Errorf("%+v", e)
	}
	if e := found(list, "routine.many", formalism.CheckIn); len(e) != 1 || e[0].Verdict != formalism.Forbidden {
		t.Errorf("%+v", e)
	}
	if e := found(list, "explained.routine.gone", formalism.Track); len(e) != 1 || e[0].Verdict != formalism.Look {
		t.Errorf("%+v", e)
	}
}

// TestPackFile: formalism.yaml is checked like the rest of a pack.
func TestPackFile(t *testing.T) {
	if p, err := pack.Load(pack.Jiangyuan()); err != nil || len(p.Explained) < 5 {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"program":  "explained:\n  - {what: form.reply.result, rule: twice, zh: 因为, en: Because}\n",
		"rule":     "explained:\n  - {what: routine.x, rule: laziness, zh: 因为, en: Because}\n",
		"no words": "explained:\n  - {what: routine.x, rule: twice, zh: 因为}\n",
		"twice":    "explained:\n  - {what: routine.x, rule: twice, zh: 因为, en: Because}\n  - {what: routine.x, rule: twice, zh: 因为, en: Because}\n",
		"unknown":  "explained:\n  - {what: routine.x, rule: twice, zh: 因为, en: Because, until: 2030}\n",
	} {
		bad := false
		for _, x := range pack.Check(fstest.MapFS{"formalism.yaml": {Data: []byte(body)}}) {
			bad = bad || x.File == "formalism.yaml" && x.ZH != "" && x.EN != ""
		}
		if !bad {
			t.Errorf("%s: nothing was said", name)
		}
	}
}
