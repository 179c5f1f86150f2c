package cases

import (
	"fmt"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/worktime"
)

// decides are the relations of somebody whom the pack lets decide what a unit
// asked for: "extension:unit" and so on. Whoever asked decides nothing.
func (c *Cases) decides(sc access.Scope, k *Case) []string {
	var out []string
	for _, mark := range []string{ExtensionPending, SuspensionPending, PausePending} {
		if !k.Has(mark) {
			continue
		}
		a, ok := k.Asks[mark]
		if !ok { // asked before requests were kept with the case
			a.By = []string{ByCentre, BySupervision}
		}
		if a.Account != "" && a.Account == sc.Account() {
			continue
		}
		kind := strings.TrimSuffix(mark, "_pending")
		for _, by := range a.By {
			if by != ByUnit || (sc.Unit() != "" && k.Unit == sc.Unit()) {
				out = append(out, kind+":"+by)
			}
		}
	}
	return out
}

// ask keeps a request with the case until it is decided; an empty one ends it.
func (p *plan) ask(mark string, a Ask) {
	if p.ch.Asks == nil {
		p.ch.Asks = map[string]Ask{}
	}
	p.ch.Asks[mark] = a
}

// requestExtension is asked for before the deadline, once, and within the most the
// profile allows; its length decides who may grant it.
func (p *plan) requestExtension() error {
	l, err := worktime.ParseLimit(p.answers.Str("limit"))
	if err != nil {
		return form.Faults{{Field: "limit", Code: "limit"}}
	}
	if k, ok := p.before.Clocks[ClockReply]; ok && k.Running() && k.Due > 0 && p.at.UnixMicro() > k.Due {
		return errAskedLate
	}
	prof := p.profile()
	if prof.Extensions == 0 {
		return errTooLong
	}
	if ok, err := p.atMost(l, prof.ExtensionMax); err != nil {
		return err
	} else if !ok {
		return errTooLong
	}
	for _, step := range prof.Approvals {
		if ok, err := p.atMost(l, step.UpTo); err != nil {
			return err
		} else if ok {
			p.ask(ExtensionPending, Ask{Account: p.sc.Account(), Limit: l.String(), By: step.By})
			return nil
		}
	}
	return errTooLong
}

// atMost reports whether a limit is no longer than another; "" is any length.
// Limits of different units are compared by the deadlines they give from now.
func (p *plan) atMost(l worktime.Limit, most string) (bool, error) {
	if most == "" {
		return true, nil
	}
	m, err := worktime.ParseLimit(most)
	if err != nil {
		return false, err
	}
	cal := p.c.d.Calendar
	return !cal.Add(p.at, l).At.After(cal.Add(p.at, m).At), nil
}

// grantExtension grants what was asked for, or the shorter limit it names: a longer
// one might be for others to grant.
func (p *plan) grantExtension() error {
	asked := p.before.Asks[ExtensionPending].Limit
	if asked == "" {
		var err error
		if asked, err = p.lastAnswer("request_extension", "limit"); err != nil {
			return err
		}
	}
	limit := cmp(p.answers.Str("limit"), asked)
	l, err := worktime.ParseLimit(limit)
	if err != nil {
		return form.Faults{{Field: "limit", Code: "limit"}}
	}
	if ok, err := p.atMost(l, asked); err != nil {
		return err
	} else if !ok {
		return errTooLong
	}
	p.ch.Extend = map[string]string{ClockReply: l.String(), ClockClose: l.String()}
	return nil
}

// lastAnswer looks up what the newest act of that name answered.
func (p *plan) lastAnswer(action, field string) (string, error) {
	var body string
	err := p.tx.Row(`SELECT body FROM acts WHERE district = $1 AND kind = 'case' AND subject = $2 AND action = $3 ORDER BY seq DESC LIMIT 1`,
		[]any{p.c.d.Code, p.before.Number, action}, &body)
	if err != nil {
		return "", err
	}
	ch, err := decode([]byte(body))
	return ch.Answers.Str(field), err
}

// sent is when the case was sent to a unit: last, or first.
func (p *plan) sent(order string) (time.Time, error) {
	q := `SELECT at FROM acts WHERE district = $1 AND kind = 'case' AND subject = $2 AND action IN ('dispatch', 'designate') ORDER BY seq DESC LIMIT 1`
	if order == "ASC" {
		q = `SELECT at FROM acts WHERE district = $1 AND kind = 'case' AND subject = $2 AND action IN ('dispatch', 'designate') ORDER BY seq LIMIT 1`
	}
	var at int64
	err := p.tx.Row(q, []any{p.c.d.Code, p.before.Number}, &at)
	return time.UnixMicro(at), err
}

func (p *plan) requestSuspension() error {
	review, err := p.review(p.c.d.Procedures.Suspension.Longest)
	if err != nil {
		return err
	}
	p.ask(SuspensionPending, Ask{Account: p.sc.Account(), Ground: p.answers.Str("ground"), Review: review, By: []string{BySupervision}})
	return nil
}

// requestPause names a ground of the pack's list: only what a law lets stop the
// clocks does.
func (p *plan) requestPause() error {
	g, ok := p.c.d.Procedures.Pause(p.answers.Str("ground"))
	if !ok {
		return form.Faults{{Field: "ground", Code: "choice"}}
	}
	review, err := p.review(g.Longest)
	if err != nil {
		return err
	}
	p.ask(PausePending, Ask{Account: p.sc.Account(), Ground: g.ID, Review: review, By: g.By})
	return nil
}

// review checks the day of the next review: after today, and within the longest
// time that the pack allows until one.
func (p *plan) review(longest string) (string, error) {
	day := p.answers.Str("review_on")
	n := daysTo(p.at, day)
	l, err := worktime.ParseLimit(cmp(longest, "90 day"))
	if err != nil {
		return "", err
	}
	if n < 1 || n > daysTo(p.at, p.c.d.Calendar.Add(p.at, l).At.In(zone).Format(time.DateOnly)) {
		return "", form.Faults{{Field: "review_on", Code: "review"}}
	}
	return day, nil
}

// daysTo is how many midnights lie between a moment and a local day.
func daysTo(at time.Time, day string) int {
	to, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return -1
	}
	from, _ := time.Parse(time.DateOnly, at.In(zone).Format(time.DateOnly))
	return int(to.Sub(from) / (24 * time.Hour))
}

// untilDay is the limit of a clock that ends with a local day.
func untilDay(at time.Time, day string) string {
	return fmt.Sprintf("%d day from next day", max(1, daysTo(at, day)))
}

// onDay is the limit of a clock that ends on a local day, at this hour of it, so
// that it is due on that day and not after it.
func onDay(at time.Time, day string) string { return fmt.Sprintf("%d day", max(1, daysTo(at, day))) }

// rest lays the case aside until the day that was asked for.
func (p *plan) rest() error {
	mark := SuspensionPending
	if p.action.Name == "grant_pause" {
		mark = PausePending
	}
	day := p.before.Asks[mark].Review
	if day == "" {
		var err error
		if day, err = p.lastAnswer(strings.Replace(p.action.Name, "grant", "request", 1), "review_on"); err != nil {
			return err
		}
	}
	p.ch.Start = map[string]string{ClockReview: onDay(p.at, day)}
	p.counts().Prolonged = 0
	return nil
}

// prolong looks at the case again and lets it rest longer, a few times only.
func (p *plan) prolong() error {
	longest := p.c.d.Procedures.Suspension.Longest
	if p.action.Name == "prolong_pause" {
		ground, err := p.lastAnswer("request_pause", "ground")
		if err != nil {
			return err
		}
		g, _ := p.c.d.Procedures.Pause(ground)
		longest = g.Longest
	}
	if p.before.Counts.Prolonged >= p.c.d.Procedures.Suspension.Prolongations {
		return errProlonged
	}
	day, err := p.review(longest)
	if err != nil {
		return err
	}
	p.ch.Start = map[string]string{ClockReview: onDay(p.at, day)}
	p.counts().Prolonged++
	return nil
}

// appeal goes to the supervision office. The finding stands and every clock runs
// until it is decided.
func (p *plan) appeal() error {
	if p.answers.Str("should_be") == "" {
		return nil
	}
	_, err := p.unit("should_be")
	return err
}

func (p *plan) changeLevel() error {
	profile := p.answers.Str("profile")
	if profile == p.before.Profile {
		return form.Faults{{Field: "profile", Code: "unchanged"}}
	}
	return p.level(profile)
}

// level gives the case another profile. Clocks that run are counted anew from where
// they began, with their pauses and extensions; those that stopped are past. In a
// case that was sent to a unit this moves deadlines, so it needs a reason.
func (p *plan) level(profile string) error {
	prof, ok := p.c.d.Catalogue.Profile(profile)
	if !ok && profile != "" {
		return form.Faults{{Field: "profile", Code: "choice"}}
	}
	if profile == p.before.Profile {
		return nil
	}
	p.ch.Set["profile"] = profile
	if p.before.State == Pending && len(p.before.Clocks) == 0 {
		return nil
	}
	if p.answers.Str("reason") == "" {
		return form.Faults{{Field: "reason", Code: "required"}}
	}
	want := limits(prof)
	p.relimit(want)
	for _, name := range missing[p.before.State] {
		if _, has := p.before.Clocks[name]; has || want[name] == "" {
			continue
		}
		sent, err := p.sent("ASC")
		if err != nil {
			return err
		}
		if p.ch.Start == nil {
			p.ch.Start, p.ch.Since = map[string]string{}, map[string]int64{}
		}
		p.ch.Start[name], p.ch.Since[name] = want[name], sent.UnixMicro()
	}
	return p.choose()
}

// missing are the promises that are still to be kept, by state: those that a case
// without a limit gets when it gets one.
var missing = map[string][]string{
	Dispatched: {ClockSign, ClockContact, ClockReply, ClockClose}, Signed: {ClockContact, ClockReply, ClockClose},
	Handling: {ClockReply, ClockClose}, Rework: {ClockReply, ClockClose},
}
