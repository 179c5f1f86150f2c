package projects

import (
	"slices"
	"time"

	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/worktime"
)

// Promise is a day by which a milestone was promised. Another promise does not replace it: it stays, and the one after it
// is in force. Why it was changed lies beside the act.
type Promise struct {
	On   string `json:"on"`
	Made int64  `json:"made"` // µs UTC
}

// Milestone is a stage with what was promised and what happened.
type Milestone struct {
	Stage    string
	Promises []Promise
	Promised string // in force
	Actual   string
	Light    string // red, yellow, green; "" = nothing promised
}

// milestones are the stages that can be promised: those after signing.
func (s *Projects) milestones(x *Project) (out []string) {
	for _, stage := range pack.ProjectStages()[2:] {
		if x.Reached[stage] == "" {
			out = append(out, stage)
		}
	}
	return out
}

// promise takes a promise in. Whoever changes one says why, and an end never lies before its start.
func (s *Projects) promise(st *step) error {
	x, stage, on := st.X, st.Answers.Str("milestone"), st.Answers.Str("promised_on")
	if len(x.Promises[stage]) > 0 && st.Texts["because"] == "" {
		return record.Fault("because", "required")
	}
	if on < x.Reached[Signed] && stage != Signed {
		return record.Fault("promised_on", "before_signing")
	}
	order := pack.ProjectStages()
	at := slices.Index(order, stage)
	for i, other := range order {
		d := x.Reached[other]
		if d == "" {
			d = x.Promised(other)
		}
		switch {
		case d == "" || i == at:
		case i < at && on < d:
			return record.Fault("promised_on", "before_earlier")
		case i > at && on > d:
			return record.Fault("promised_on", "after_later")
		}
	}
	if x.Promises == nil {
		x.Promises = map[string][]Promise{}
	}
	x.Promises[stage] = append(slices.Clone(x.Promises[stage]), Promise{on, st.At.UnixMicro()})
	return nil
}

// Promised is the promise in force, "" if there is none.
func (x *Project) Promised(stage string) string {
	if list := x.Promises[stage]; len(list) > 0 {
		return list[len(list)-1].On
	}
	return ""
}

// Milestones are those that were promised or reached, in the order of stages.
func (x *Project) Milestones(now time.Time, warn int) (out []Milestone) {
	for _, stage := range pack.ProjectStages()[1:] {
		m := Milestone{Stage: stage, Promises: x.Promises[stage], Promised: x.Promised(stage), Actual: x.Reached[stage]}
		if m.Promised == "" && m.Actual == "" {
			continue
		}
		m.Light = light(m.Promised, m.Actual, now, warn)
		out = append(out, m)
	}
	return out
}

// light follows from the dates and the clock alone: red when a promise passed, yellow when it is near, green otherwise.
func light(promised, actual string, now time.Time, warn int) string {
	today := now.In(worktime.Zone)
	day := today.Format(time.DateOnly)
	switch {
	case promised == "":
		return ""
	case actual != "" && actual > promised, actual == "" && promised < day:
		return "red"
	case actual == "" && promised <= today.AddDate(0, 0, warn).Format(time.DateOnly):
		return "yellow"
	}
	return "green"
}

// Light is that of the next milestone that is open: how the project stands today.
func (x *Project) Light(now time.Time, warn int) string {
	if x.State == Ended || x.State == Shelved {
		return ""
	}
	worst := ""
	for _, m := range x.Milestones(now, warn) {
		if m.Actual != "" {
			continue
		}
		switch {
		case m.Light == "red", m.Light == "yellow" && worst != "red", m.Light == "green" && worst == "":
			worst = m.Light
		}
	}
	return worst
}
