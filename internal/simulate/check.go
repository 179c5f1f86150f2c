package simulate

import (
	"errors"
	"math/rand/v2"
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/pack"
)

// unchecked is a lot that no rule of checks takes but one that takes all.
const unchecked = 0.999999

// checked draws whether a fix is looked at, and by whom and when. It has its own
// chance, so that a district without checks has the same year. refuted: what was
// found sends the case back before anybody asks the resident.
func (y *year) checked(l *life, e *event, result string, again int) (refuted bool) {
	r := rand.New(rand.NewPCG(uint64(l.id)<<8|uint64(again), 0x636865636b))
	e.lot = max(r.Float64(), 1e-9)
	fix := pack.Fix{On: "reply", Result: result, Level: l.profile, Kind: l.topic.kind, Reworked: again > 0, Located: true}
	if e.action != "reply" {
		fix.On = "close"
		e.lot = max(r.Float64(), 1e-9) // another draw than that of the reply
	}
	rule := y.w.Pack.Procedures.ToCheck(fix, e.lot)
	if rule == nil {
		return false
	}
	found, key := cases.CheckFixed, "check fixed"
	switch {
	case l.want == (course{}) && again < 2 && chance(r, map[string]float64{"reply": 0.07, "close": 0.05}[fix.On]):
		found, key = cases.CheckNotFixed, "check not_fixed"
	case chance(r, 0.03):
		found, key = cases.CheckUnclear, "check unclear"
	}
	a, b := 60.0, 700.0
	if chance(r, 0.05) { // a few wait longer than they should
		a, b = 1500, 3500
	}
	if found == cases.CheckNotFixed && fix.On == "reply" {
		a, b = 25, 40 // before anybody calls back
	}
	look := &event{at: y.office.add(e.at, mins(r, a, b)), l: l, action: "look", after: fix.On, lookers: y.lookers(r, l), raw: raw("found", found)}
	if line, ok := y.lib.line(r, l.site.village, key); ok {
		field := "seen"
		if found == cases.CheckFixed {
			field = "note"
		}
		look.raw[field] = []string{l.voice.say(r, line, look.at)}
	}
	look.who = look.lookers[len(look.lookers)-1]
	l.events = append(l.events, look)
	return found == cases.CheckNotFixed
}

// lookers are those who may be asked: a grid worker of the community, somebody of
// the street, the supervision office.
func (y *year) lookers(r *rand.Rand, l *life) (out []access.Scope) {
	for _, unit := range []string{l.site.unit.ID, l.site.street.ID} {
		if unit == l.lead || slices.Contains(l.assist, unit) {
			continue
		}
		if sc, ok := y.staff.one(r, unit, access.Grid, access.Street, access.Community); ok {
			out = append(out, sc)
		}
	}
	return append(out, y.supervisor(r))
}

// look does the action of a check. A case whose place is not on the map had none:
// then nothing is done, or the call-back sends it back as was planned.
func (y *year) look(b *cases.Batch, e *event, in cases.Input) error {
	open, err := b.OpenChecks(e.l.number)
	if err != nil {
		return err
	}
	if len(open) == 0 {
		switch {
		case in.Raw["found"][0] != cases.CheckNotFixed:
		case e.after == "close": // the supervision office asks for a redo, check or not
			var k *cases.Case
			if k, err = b.Act(e.who, e.l.number, "redo", cases.Input{At: e.at, Raw: raw("reason", in.Raw["seen"][0])}); err == nil {
				y.bell.Watch(k)
			}
		default:
			_, err = b.Act(y.desk(rand.New(rand.NewPCG(uint64(e.l.id), 1)), access.Callback), e.l.number, "return_reply", cases.Input{At: e.at, Raw: raw("reason", in.Raw["seen"][0])})
		}
		return err
	}
	who := e.who
	for _, sc := range e.lookers {
		if sc.Unit() == open[0].Unit {
			who = sc
		}
	}
	x, err := b.CheckAct(who, open[0].Number, "look", in)
	if _, own := errors.AsType[*cases.RefusedError](err); own { // had a hand in it after all: the supervision office looks
		x, err = b.CheckAct(e.who, open[0].Number, "look", in)
	}
	if err != nil {
		return err
	}
	y.bell.WatchCheck(x)
	if x.State != cases.CheckNotFixed {
		return nil
	}
	k, err := b.Get(x.Case) // it went back
	if err == nil {
		y.bell.Watch(k)
	}
	return err
}

// watchChecks takes note of the checks that an act brought about.
func (y *year) watchChecks(b *cases.Batch, e *event) error {
	if e.lot == 0 {
		return nil
	}
	open, err := b.OpenChecks(e.l.number)
	for _, x := range open {
		y.bell.WatchCheck(x)
	}
	return err
}
