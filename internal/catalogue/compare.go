package catalogue

import (
	"encoding/json"
	"slices"
)

// Differ is one rule or set of questions that two versions have differently. How is
// added, removed, changed or moved.
type Differ struct {
	ID       string
	Question bool // a set of questions, else a rule
	How      string
	Was, Now *Rule    // nil where there is none
	Fields   []string // changed: names of the fields, as files write them
}

// Compare lists what became of the rules and questions of d in next: rules in
// next's order, then what was removed, then questions. A rule counts as moved when
// it stands before one that it stood behind, and nothing else changed.
func (d Duties) Compare(next Duties) []Differ {
	var out []Differ
	old := map[string]int{}
	for i, r := range d.Rules {
		old[r.ID] = i
	}
	moved := outOfOrder(d.Rules, next.Rules, func(r Rule) string { return r.ID })
	shifted := outOfOrder(d.Questions, next.Questions, func(s QuestionSet) string { return s.ID })
	for i := range next.Rules {
		now := &next.Rules[i]
		at, ok := old[now.ID]
		if !ok {
			out = append(out, Differ{ID: now.ID, How: "added", Now: now})
			continue
		}
		was := &d.Rules[at]
		if fields := changed(was, now); len(fields) > 0 {
			out = append(out, Differ{ID: now.ID, How: "changed", Was: was, Now: now, Fields: fields})
		} else if moved[now.ID] {
			out = append(out, Differ{ID: now.ID, How: "moved", Was: was, Now: now})
		}
	}
	for i := range d.Rules {
		if !slices.ContainsFunc(next.Rules, func(r Rule) bool { return r.ID == d.Rules[i].ID }) {
			out = append(out, Differ{ID: d.Rules[i].ID, How: "removed", Was: &d.Rules[i]})
		}
	}
	for _, s := range next.Questions {
		at := slices.IndexFunc(d.Questions, func(o QuestionSet) bool { return o.ID == s.ID })
		if at < 0 {
			out = append(out, Differ{ID: s.ID, Question: true, How: "added"})
		} else if fields := changed(&d.Questions[at], &s); len(fields) > 0 {
			out = append(out, Differ{ID: s.ID, Question: true, How: "changed", Fields: fields})
		} else if shifted[s.ID] {
			out = append(out, Differ{ID: s.ID, Question: true, How: "moved"})
		}
	}
	for _, s := range d.Questions {
		if !slices.ContainsFunc(next.Questions, func(o QuestionSet) bool { return o.ID == s.ID }) {
			out = append(out, Differ{ID: s.ID, Question: true, How: "removed"})
		}
	}
	return out
}

// outOfOrder are the ids outside of the longest run that kept its order.
func outOfOrder[T any](was, now []T, id func(T) string) map[string]bool {
	at := map[string]int{}
	for i, x := range now {
		at[id(x)] = i
	}
	var ids []string
	var seq []int
	for _, x := range was {
		if i, ok := at[id(x)]; ok {
			ids, seq = append(ids, id(x)), append(seq, i)
		}
	}
	// The longest rising subsequence: length of the best that ends at each, and what is before it.
	best, prev := make([]int, len(seq)), make([]int, len(seq))
	end := -1
	for i := range seq {
		best[i], prev[i] = 1, -1
		for j := range i {
			if seq[j] < seq[i] && best[j]+1 > best[i] {
				best[i], prev[i] = best[j]+1, j
			}
		}
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	out := map[string]bool{}
	for _, id := range ids {
		out[id] = true
	}
	for ; end >= 0; end = prev[end] {
		delete(out, ids[end])
	}
	return out
}

// changed names the fields that differ, as files write them.
func changed(a, b any) []string {
	fields := func(v any) map[string]json.RawMessage {
		raw, err := json.Marshal(v)
		m := map[string]json.RawMessage{}
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err != nil {
			panic(err) // plain structs of text
		}
		return m
	}
	x, y := fields(a), fields(b)
	var out []string
	for k, v := range y {
		if string(x[k]) != string(v) {
			out = append(out, k)
		}
	}
	for k := range x {
		if _, ok := y[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}
