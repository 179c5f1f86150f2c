package simulate

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/form"
	"weixiao/internal/vault"
)

// Channels.
const (
	hotline = "hotline"
	portal  = "portal"
	grid    = "grid"
)

// life is one case as it is going to be.
type life struct {
	id      int
	r       *rand.Rand // its own, so that lives do not depend on each other
	topic   *topic
	matter  catalogue.Matter
	site    *site
	channel string
	said    time.Time
	voice   voice
	person  vault.Person
	parent  *life // what it repeats; nil = nothing
	want    course

	sent    time.Time // first dispatched: its promises count from here
	lead    string    // the unit that handles it
	ruled   string    // the unit that the duty rules name
	assist  []string
	profile string
	quality quality

	order  *order // about it; nil = none
	freed  bool   // its supervision was released
	tried  []int  // days of the year on which the call-back reached nobody
	events []*event
	ends   time.Time // zero: it is still open when the year ends
	closed bool      // it was closed and opened again: not always open in between

	// Known once it was taken in.
	take     func(b *cases.Batch, e *event) (cases.Receipt, error) // how it comes in; nil = as a report
	number   string
	reporter access.Scope
}

// course is a case made for the last day: which way it goes and after which
// action nothing more happens.
type course struct{ route, stop string }

// event is one thing somebody does.
type event struct {
	at       time.Time
	seq      int
	l        *life                      // nil for a whistle without a case
	w        *whistle                   // whose action it is; nil for actions on the case
	o        *order                     // whose action it is, or which it makes
	makes    bool                       // an action of the case that makes the order
	out      *outing                    // whose action it is
	run      func(b *cases.Batch) error // of another kind of work
	plea     *plea                      // whose action it is
	action   string
	who      access.Scope
	resident bool // done by the one who reported, with number and secret
	raw      form.Raw
	report   *cases.Report
	ready    *cases.Prepared
	into     *life          // for merge
	lot      float64        // decides whether the fix is looked at; 0 = it is not
	lookers  []access.Scope // who may look, for an action of a check
	after    string         // of a check: reply or close
}

func raw(kv ...string) form.Raw {
	f := make(form.Raw, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] != "" {
			f[kv[i]] = append(f[kv[i]], kv[i+1])
		}
	}
	return f
}

// do adds an action to a life.
func (l *life) do(at time.Time, who access.Scope, action string, kv ...string) *event {
	e := &event{at: at, l: l, action: action, who: who, raw: raw(kv...)}
	l.events = append(l.events, e)
	return e
}

// ask adds an action of the resident.
func (l *life) ask(at time.Time, action string, kv ...string) {
	l.do(at, access.Scope{}, action, kv...).resident = true
}

// say draws a sentence under the first heading that has one.
func (y *year) say(l *life, at time.Time, heads ...string) string {
	t, ok := y.lib.line(l.r, l.site.village, heads...)
	if !ok {
		return ""
	}
	return l.voice.say(l.r, t, at)
}

// heads are the headings under which words for this case are looked for.
func (l *life) heads(what string) []string {
	return []string{l.topic.matter + " " + what, l.matter.Group + " " + what, "* " + what}
}

// urgent reports whether its limits run day and night.
func (l *life) urgent() bool { return l.profile == "L0" || l.profile == "L1" }

// soon is after for what a unit does first: one that works day and night does it
// at night too, and its office hours run then.
func (y *year) soon(l *life, t time.Time, a, b float64) time.Time {
	if u, _ := y.w.Pack.Directory.Unit(l.lead); u.RoundTheClock {
		return t.Add(mins(l.r, a, b))
	}
	return y.after(l, t, a, b)
}

// mins draws a duration between a and b minutes.
func mins(r *rand.Rand, a, b float64) time.Duration {
	return time.Duration(between(r, a, b)*60) * time.Second
}

// after is a moment between a and b minutes later, of office time unless the case
// is urgent.
func (y *year) after(l *life, t time.Time, a, b float64) time.Time {
	d := mins(l.r, a, b)
	if l.urgent() {
		return t.Add(d)
	}
	return y.office.add(t, d)
}

// ownLamps is a street that looks after its street lights itself, whatever the duty
// rules say: what no rule knows and every dispatcher there does.
const ownLamps = "220605003"

// begin makes a life that begins with a report.
func (y *year) begin(at time.Time, t *topic, s *site, channel string, want course) *life {
	y.lives++
	l := &life{id: y.lives, r: rand.New(rand.NewPCG(y.o.Seed, uint64(y.lives))), topic: t, site: s, channel: channel, said: at, want: want}
	l.matter, _ = y.w.Pack.Catalogue.Matter(t.matter)
	l.voice = voice{site: s, fixed: map[string]string{}}
	if l.profile = l.matter.Limit; l.profile == "" {
		l.profile = "L3"
	}
	d := y.w.rules(at).Resolve(t.matter, s.street.ID, s.unit.ID)
	l.lead, l.assist = d.Unit, d.Assist
	if l.ruled = d.Unit; s.street.ID == ownLamps && d.Unit == "lamps" {
		l.lead = s.street.ID
	}
	if u, ok := y.w.Pack.Directory.Unit(l.lead); ok {
		l.voice.fixed["lead"] = u.Short
	}
	l.quality = qualityOf(l.lead)
	if channel != grid {
		l.person = vault.Person{Name: person(l.r), Phone: phone(l.r)}
	}
	if want == (course{}) && t.kind != "consult" && channel != grid {
		y.repeat(l)
	}
	return l
}

// repeatShare is how often something is said again that is being worked on.
const repeatShare = 0.42

// repeat makes a life say again what is being worked on: the same person, or a
// neighbour.
func (y *year) repeat(l *life) {
	var open []*life
	for _, p := range y.open[l.topic.matter] {
		// Merging needs a target that is still open then.
		if p.said.Add(time.Hour).Before(l.said) && (p.ends.IsZero() || p.ends.After(l.said.Add(5*time.Hour))) {
			open = append(open, p)
		}
	}
	if len(open) == 0 || !chance(l.r, repeatShare) {
		return
	}
	p := pick(l.r, open)
	l.parent, l.site, l.voice.site, l.lead, l.ruled = p, p.site, p.site, p.lead, p.ruled
	for _, slot := range []string{"estate", "road", "village", "group", "shop"} {
		if v, ok := p.voice.fixed[slot]; ok {
			l.voice.fixed[slot] = v
		}
	}
	if p.channel != grid && chance(l.r, 0.6) {
		l.person = p.person
		maps.Copy(l.voice.fixed, p.voice.fixed)
	}
}

// where is what the report writes as its place; what the words mention comes
// first.
func (l *life) where(t template) string {
	v := &l.voice
	has := func(slot string) bool { return slices.Contains(t.parts, slot) }
	switch {
	case has("estate") && has("b"):
		return v.fixed["estate"] + v.fixed["b"] + "号楼"
	case has("estate"):
		return v.fixed["estate"]
	case has("road"):
		return l.site.street.Short + v.fixed["road"]
	case has("group"):
		return l.site.unit.Short + v.fixed["group"] + "组"
	}
	return l.site.unit.Short
}

// words are the report in the words of the one who makes it.
func (l *life) words(y *year) (body, place string) {
	t, ok := fitting(l.r, l.topic.templates, l.site.village)
	if !ok {
		t = l.topic.templates[0]
	}
	body = l.voice.say(l.r, t, l.said)
	place = l.where(t)
	switch {
	case l.channel == grid:
		l.voice.fixed["text"] = body
		body = y.say(l, l.said, "grid found")
	case l.topic.kind == "consult" && chance(l.r, 0.35):
		body = y.say(l, l.said, "opening consult") + body
	case chance(l.r, 0.5):
		body += y.say(l, l.said, "tail "+l.topic.kind)
	}
	if l.channel == portal && chance(l.r, 0.25) {
		body = y.say(l, l.said, "greeting portal") + body
	}
	return body, place
}

// report adds the report itself.
func (y *year) report(l *life) {
	body, place := l.words(y)
	rep := &cases.Report{Channel: l.channel, Kind: l.topic.kind, Body: body, Matter: l.topic.matter, Place: l.site.place(l.r, place, l.channel),
		Person: l.person, Source: Source, Ref: y.ref(l), At: l.said}
	who := access.PublicScope(y.w.Pack.District)
	switch l.channel {
	case hotline:
		who, _ = y.staff.one(l.r, y.centre, access.Operator)
		if !l.site.village && chance(l.r, 0.6) {
			rep.Person.Address = l.site.street.Short + l.site.unit.Short + place
		}
	case portal:
		// Residents pick a matter themselves, and not always the right one.
		if s := y.sibling(l); s != "" && chance(l.r, 0.2) {
			rep.Matter = s
		}
		if chance(l.r, 0.06) {
			rep.Person = vault.Person{}
		}
	case grid:
		if sc, ok := y.staff.one(l.r, l.site.unit.ID, access.Grid); ok {
			who, rep.Units = sc, map[string]string{l.site.unit.ID: cases.Assist}
		}
	}
	l.events = append(l.events, &event{at: l.said, l: l, action: "report", who: who, report: rep})
}

// sibling is another matter of the same group that the same unit handles.
func (y *year) sibling(l *life) string {
	for _, t := range y.lib.topics {
		if m, ok := y.w.Pack.Catalogue.Matter(t.matter); ok && m.Group == l.matter.Group && m.Key != l.matter.Key && m.Limit == l.matter.Limit && m.Public == l.matter.Public {
			return m.Key
		}
	}
	return ""
}

// finish brings the actions of a life into the order of time and cuts what lies
// behind the present or behind the action it is to stop at.
func (y *year) finish(l *life) {
	slices.SortStableFunc(l.events, func(a, b *event) int { return a.at.Compare(b.at) })
	stop := len(l.events)
	for i, e := range l.events {
		if e.at.After(Present) {
			stop = i
			break
		}
		if e.action == l.want.stop {
			stop = i + 1
			break
		}
	}
	for _, e := range l.events[stop:] {
		if (e.o == nil || e.makes) && e.lookers == nil { // orders and checks go on after their case
			l.ends = time.Time{}
		}
	}
	l.events = l.events[:stop]
	for _, e := range l.events {
		y.push(e)
	}
}
