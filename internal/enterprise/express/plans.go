package express

import (
	"fmt"
	"slices"
	"strings"

	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/vault"
	"weixiao/internal/worktime"
)

type step = record.Step[Letter, *Letter]

// plans: every action seals its words, some do more before.
func (x *Express) plans() map[string]func(*step) error {
	out := map[string]func(*step) error{}
	for _, a := range Table.Actions {
		out[a.Name] = x.seal
	}
	for name, fn := range map[string]func(*step) error{
		"send": x.write, "send_unnamed": x.write, "take_in": x.write, "take_in_unnamed": x.write,
		"screen": x.screen, "reject": x.reject, "note": x.note, "assign": x.assign, "hand_back": x.handBack,
		"ask_time": x.askTime, "grant_time": x.grantTime, "meet": x.meet, "check": x.check,
	} {
		out[name] = func(s *step) error {
			if err := fn(s); err != nil {
				return err
			}
			return x.seal(s)
		}
	}
	return out
}

// textName is the name of a text in the vault: the number of the act, and the field.
func textName(version int64, field string) string { return fmt.Sprintf("%04d.%s", version, field) }

// seal moves every word of an act into the vault; the act keeps none.
func (x *Express) seal(s *step) error {
	for name, words := range s.Texts {
		if words == "" {
			continue
		}
		if err := x.o.Vault.SealText(s.Tx, x.o.Pack.District, s.X.Person, textName(s.X.Version+1, name), words); err != nil {
			return err
		}
	}
	clear(s.Texts)
	return nil
}

// write makes a new letter: the sender goes into the vault, the guard looks at the unit complained about.
func (x *Express) write(s *step) error {
	l := s.X
	unnamed := slices.Contains(s.Action.Sets, Anonymous)
	if (s.Answers.Str("named") == "no") != unnamed {
		return record.Fault("named", "choice")
	}
	if err := x.complained(s, ""); err != nil {
		return err
	}
	if tied(s.Scope, l) {
		return record.Refuse("express.tied")
	}
	from, _ := s.Input.With.(from)
	if code := strings.TrimSpace(s.Texts["firm"]); code != "" {
		from.code = strings.ToUpper(code)
		if err := checkCode(from.code); err != nil {
			return err
		}
	}
	if unnamed && from.code != "" {
		return record.Fault("firm", "firm_unnamed")
	}
	if from.code != "" {
		l.From = x.pseudonym(from.code)
	}
	if from.channel != "" {
		l.Channel = from.channel
	}
	if err := x.limited(s.Tx, l.From, s.Texts["phone"], s.At); err != nil {
		return err
	}
	p, err := x.o.Vault.Seal(x.o.Pack.District, vault.Person{Name: s.Texts["name"], Phone: s.Texts["phone"]})
	if err != nil {
		return err
	}
	if err := vault.Put(s.Tx, p, s.At); err != nil {
		return err
	}
	delete(s.Texts, "name")
	delete(s.Texts, "phone")
	s.Texts["firm"] = from.code
	l.Person = p.ID
	return nil
}

// complained checks the unit complained about: a unit of the district that is not the house of the addressed leader, for
// then nobody here could handle it; was is what the letter said before, which nobody takes back.
func (x *Express) complained(s *step, was string) error {
	l := s.X
	if was != "" && l.Against != was {
		return record.Refuse("express.against_kept")
	}
	if l.Against == "" {
		return nil
	}
	u, ok := x.dir.Unit(l.Against)
	if !ok || u.ID == x.dir.Root().ID {
		return record.Fault("against", "unit")
	}
	if p, ok := x.dir.Post(l.Post); ok && x.below(p.Unit, l.Against) {
		return record.Refuse("express.against_leaders")
	}
	return nil
}

// below reports whether a unit is another one or lies below it.
func (x *Express) below(unit, above string) bool {
	return slices.ContainsFunc(x.dir.Path(unit), func(u directory.Unit) bool { return u.ID == above })
}

func (x *Express) before(s *step) (*Letter, error) { return x.book.Load(s.Tx, s.ID) }

// screen may raise the level and name the unit complained about, never the other way. Of a strict letter the lead unit
// reads the summary and not the words, so there must be one.
func (x *Express) screen(s *step) error {
	was, err := x.before(s)
	if err != nil {
		return err
	}
	if slices.Index(Levels, s.X.Level) < slices.Index(Levels, was.Level) {
		return record.Refuse("express.level")
	}
	if s.X.Against == "" {
		s.X.Against = was.Against
	}
	if err := x.complained(s, was.Against); err != nil {
		return err
	}
	if s.X.Level == "strict" && strings.TrimSpace(s.Texts["summary"]) == "" {
		return record.Fault("summary", "required")
	}
	s.X.Screener = s.Scope.Account()
	return nil
}

// reject answers the sender why the letter does not go on; a matter of the hotline becomes a case there, unless the
// letter is confidential or complains about a unit: then its words must not go where more people read them.
func (x *Express) reject(s *step) error {
	s.X.Screener = s.Scope.Account()
	g, _ := x.r.Ground(s.X.Ground)
	if !g.Case {
		return nil
	}
	if s.X.Level != "normal" || s.X.Against != "" {
		return record.Refuse("express.case_level")
	}
	d := vault.Disclosure{District: x.o.Pack.District, At: s.At, Account: s.Scope.Account(), Unit: s.Scope.Actor("").Unit, Subject: s.ID, Kind: vault.KindForward}
	words, err := x.o.Vault.OpenText(s.Tx, x.o.Pack.District, s.X.Person, d, textName(1, "words"))
	if err != nil {
		return err
	}
	r := Request{Words: words[textName(1, "words")], At: s.At}
	if !s.X.Has(Anonymous) {
		d.Fields = []vault.Field{vault.FieldName, vault.FieldPhone}
		if r.Person, err = x.o.Vault.Use(s.Tx, x.o.Pack.District, s.X.Person, d); err != nil {
			return err
		}
	}
	s.X.Case, err = x.o.File(s.Tx, s.Scope, r)
	return err
}

// note is the leader's instruction: words of their own or a ready phrase, and perhaps the lead unit at once.
func (x *Express) note(s *step) error {
	if strings.TrimSpace(s.Texts["instruction"]) == "" && s.Answers.Str("phrase") == "" {
		return record.Fault("instruction", "required")
	}
	if p, ok := x.phrase(s.Answers.Str("phrase")); ok {
		s.Texts["instruction"] = strings.TrimSpace(p + "\n" + s.Texts["instruction"])
	}
	s.To = Noted
	if s.X.Lead == "" {
		s.X.Hard = false
		return nil
	}
	s.To = Assigned
	return x.leadUnit(s)
}

func (x *Express) assign(s *step) error { return x.leadUnit(s) }

// leadUnit is the guard against retaliation: the unit complained about, and none below it, gets the letter.
func (x *Express) leadUnit(s *step) error {
	u, ok := x.dir.Unit(s.X.Lead)
	if !ok || !u.Kind.HandlesCases() {
		return record.Fault("lead", "unit")
	}
	if s.X.Against != "" && x.below(s.X.Lead, s.X.Against) {
		return record.Refuse("express.against")
	}
	s.X.Officer = ""
	return nil
}

func (x *Express) handBack(s *step) error {
	s.X.Lead, s.X.Officer, s.X.Hard = "", "", false
	return nil
}

func (x *Express) askTime(s *step) error {
	if int(s.X.Days) > x.r.More {
		return form.Faults{{Field: "days", Code: "range", N: 1, Of: x.r.More}}
	}
	return nil
}

func (x *Express) grantTime(s *step) error {
	s.X.Extend("handle", worktime.Limit{N: int(s.X.Days), Unit: worktime.Workday})
	return nil
}

// meet notes a joint meeting (联席会议). The unit complained about does not sit at it.
func (x *Express) meet(s *step) error {
	if s.X.MetOn > s.At.In(worktime.Zone).Format("2006-01-02") {
		return record.Refuse("express.met_on")
	}
	for _, id := range s.Answers.List("units") {
		if _, ok := x.dir.Unit(id); !ok {
			return record.Fault("units", "unit")
		}
		if s.X.Against != "" && x.below(id, s.X.Against) {
			return record.Refuse("express.against")
		}
	}
	return nil
}

// check is the second pair of eyes on an anonymous letter.
func (x *Express) check(s *step) error {
	s.To = Closed
	if s.Answers.Str("found") == "redo" {
		s.To = Handling
	}
	return nil
}
