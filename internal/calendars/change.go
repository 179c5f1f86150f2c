package calendars

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// Change is what is to be done to calendars: a Notice, or Local days.
type Change struct {
	// Notice goes into every calendar that keeps office hours.
	Notice *worktime.Notice
	// Replace a notice of the same year that says something else.
	Replace bool
	// Local days are added, or put in the place of what was said about their date.
	Local []worktime.Exception
	// Usual are dates that are to be as the notices have them again.
	Usual []string
	// Calendar is the one calendar that Local and Usual are for; "" all that keep
	// office hours.
	Calendar string
	Reason   string
}

// added is what came to a calendar beyond the pack.
type added struct {
	Notices []worktime.Notice    `json:"notices,omitempty"`
	Local   []worktime.Exception `json:"local,omitempty"`
}

// body is the body of an act about a calendar. An adoption spells out the pack's
// calendar; what others change is enough to fold it.
type body struct {
	Version string               `json:"version"`
	Before  string               `json:"before,omitempty"`
	Base    string               `json:"base,omitempty"` // adopt: version of the pack's calendar
	Spec    *worktime.Spec       `json:"spec,omitempty"` // adopt: the pack's calendar
	Notice  *worktime.Notice     `json:"notice,omitempty"`
	Local   []worktime.Exception `json:"local,omitempty"`
	Usual   []string             `json:"usual,omitempty"`
}

// with is what is added after a change.
func (a added) with(notice *worktime.Notice, local []worktime.Exception, usual []string) added {
	out := added{Notices: slices.Clone(a.Notices), Local: slices.Clone(a.Local)}
	if notice != nil {
		out.Notices = slices.DeleteFunc(out.Notices, func(n worktime.Notice) bool { return n.Year == notice.Year })
		out.Notices = append(out.Notices, *notice)
		slices.SortFunc(out.Notices, func(a, b worktime.Notice) int { return a.Year - b.Year })
	}
	out.Local = slices.DeleteFunc(out.Local, func(d worktime.Exception) bool {
		return slices.Contains(usual, d.Date) || slices.ContainsFunc(local, func(o worktime.Exception) bool { return o.Date == d.Date })
	})
	out.Local = append(out.Local, local...)
	slices.SortFunc(out.Local, func(a, b worktime.Exception) int { return strings.Compare(a.Date, b.Date) })
	return out
}

// over lays what was added over a calendar of the pack.
func (a added) over(base worktime.Spec) worktime.Spec {
	if base.RoundTheClock {
		return base
	}
	base.Notices = slices.DeleteFunc(slices.Clone(base.Notices), func(n worktime.Notice) bool {
		return slices.ContainsFunc(a.Notices, func(o worktime.Notice) bool { return o.Year == n.Year })
	})
	base.Notices = append(base.Notices, a.Notices...)
	base.Local = slices.DeleteFunc(slices.Clone(base.Local), func(d worktime.Exception) bool {
		return slices.ContainsFunc(a.Local, func(o worktime.Exception) bool { return o.Date == d.Date })
	})
	base.Local = append(base.Local, a.Local...)
	return base
}

// refuse is a refusal in both languages.
func refuse(en, zh string, args ...any) error {
	return &worktime.Problem{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// step is one calendar that a change makes another.
type step struct {
	v      Version
	body   body
	before string
}

// Try says what a change would bring, without doing it: the set as it would be and
// the names of the calendars that would differ. No names: everything is so already.
// A refusal is a *worktime.Problem and says in both languages what to do.
func (s *Set) Try(ch Change) (*Set, []string, error) {
	steps, err := s.steps(ch)
	if err != nil {
		return nil, nil, err
	}
	out, names := s, []string(nil)
	for i, st := range steps {
		st.v.Seq = s.seq + int64(i) + 1 // stands for the act to come
		if out, err = out.with(st.v); err != nil {
			return nil, nil, err
		}
		names = append(names, st.v.Name)
	}
	return out, names, nil
}

// steps checks a change against every calendar it is for.
func (s *Set) steps(ch Change) ([]step, error) {
	if (ch.Notice == nil) == (len(ch.Local)+len(ch.Usual) == 0) {
		return nil, refuse("give a holiday notice, or local days", "请给出放假通知，或者本地日期")
	}
	for _, d := range ch.Local {
		if d.Name == "" {
			return nil, refuse("%s: say what the day is called", "%s：请写这一天叫什么", d.Date)
		}
	}
	for _, d := range ch.Usual {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return nil, refuse("%q is not a date such as 2026-02-14", "“%s”不是 2026-02-14 这样的日期", d)
		}
	}
	if c := s.current[ch.Calendar]; ch.Calendar != "" && c == nil {
		return nil, refuse("no calendar %q; there are %s", "没有名叫“%s”的日历，现有：%s", ch.Calendar, strings.Join(s.Names(), ", "))
	} else if c != nil && c.Spec().RoundTheClock {
		return nil, refuse("calendar %s runs round the clock: no day is off", "日历“%s”全天候计时，没有放假的日子", ch.Calendar)
	}
	var out []step
	for _, name := range s.Names() {
		if ch.Calendar != "" && ch.Calendar != name || s.current[name].Spec().RoundTheClock {
			continue
		}
		st, err := s.step(name, ch)
		if err != nil {
			return nil, err
		}
		if st.v.Version != st.before {
			out = append(out, st)
		}
	}
	return out, nil
}

// step is what a change makes of one calendar.
func (s *Set) step(name string, ch Change) (step, error) {
	now := s.current[name]
	if n := ch.Notice; n != nil {
		for _, o := range now.Spec().Notices {
			if o.Year == n.Year && o.Same(*n) {
				return step{v: Version{Name: name, Version: now.Version()}, before: now.Version()}, nil
			}
			if o.Year == n.Year && !ch.Replace {
				return step{}, refuse("%d is known already with other days; to put this notice in its place say so (--replace)",
					"%d 年的放假安排已经有了，内容不同；要用这份替换，请勾选“替换”（命令行用 --replace）", n.Year)
			}
		}
	}
	base := s.book.base[name]
	if base == nil {
		return step{}, refuse("calendar %s is not in the pack any more", "日历“%s”已不在规则包里", name)
	}
	st := step{v: Version{Name: name, base: base.Version()}, before: now.Version()}
	st.body = body{Before: st.before, Notice: ch.Notice, Local: ch.Local, Usual: ch.Usual}
	var have added
	if h := s.History(name); len(h) == 0 {
		spec := base.Spec() // not adopted yet: the act brings the pack's calendar along
		st.body.Base, st.body.Spec = base.Version(), &spec
	} else if have = h[0].added; h[0].base != st.v.base {
		return step{}, refuse("another node works with a newer pack; start this one again first", "另一台服务器在用更新的规则包，请先重启这一台")
	}
	st.v.added = have.with(ch.Notice, ch.Local, ch.Usual)
	st.v.spec = st.v.added.over(base.Spec())
	made, err := worktime.New(st.v.spec)
	if err != nil {
		return step{}, err
	}
	st.v.Version, st.body.Version = made.Version(), made.Version()
	return st, nil
}

// Load does a change: an act and a version for every calendar that differs. It
// returns their names; none when everything was so already.
func (b *Book) Load(tx *store.Tx, sc access.Scope, ch Change, now time.Time) ([]string, error) {
	action := LoadNotice
	if ch.Notice == nil {
		action = LocalDays
	}
	a, err := Table.Permit(action, flow.Position{State: "in_force"}, flow.Actor{Roles: sc.Roles()})
	if err != nil {
		return nil, err
	}
	at, err := journal.Begin(tx, b.district, now)
	if err != nil {
		return nil, err
	}
	s, err := b.In(tx)
	if err != nil {
		return nil, err
	}
	steps, err := s.steps(ch)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, st := range steps {
		if s, err = b.record(tx, sc.Actor(a.Capacity(flow.Actor{Roles: sc.Roles()})), s, st, action, ch.Reason, at); err != nil {
			return nil, err
		}
		names = append(names, st.v.Name)
	}
	return names, nil
}

// record appends the act of a step and stores its version.
func (b *Book) record(tx *store.Tx, who journal.Actor, s *Set, st step, action, why string, at time.Time) (*Set, error) {
	raw, err := json.Marshal(st.body)
	if err != nil {
		return nil, fmt.Errorf("calendars: %w", err)
	}
	a := &journal.Act{District: b.district, At: at.UnixMicro(), Kind: Table.Kind, Subject: st.v.Name, Action: action, Actor: who, Pack: b.pack, Body: raw}
	if why != "" {
		a.Texts = map[string]string{"reason": why}
	}
	if err := journal.Append(tx, a); err != nil {
		return nil, err
	}
	st.v.Seq, st.v.At, st.v.Account, st.v.Action = a.Seq, a.At, who.Account, action
	next, err := s.with(st.v)
	if err != nil {
		return nil, err
	}
	tx.SetValue(setKey{b.district}, next)
	tx.AfterCommit(func() { b.publish(next) })
	return next, insert(tx, b.district, st.v)
}
