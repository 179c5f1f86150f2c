package assess

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"

	"weixiao/internal/cases"
	"weixiao/internal/journal"
)

// turns reports whether an act may change how its record counts. Of a whistle only
// the last task that is confirmed does, and what comes after.
func turns(a *journal.Act) bool {
	switch a.Kind {
	case cases.Table.Kind:
		switch a.Action {
		case "call_back", "rate", "redo", "refute", "answer", "hear", "unmerge":
			return true
		}
	case cases.WhistleTable.Kind:
		switch a.Action {
		case "confirm_task":
			return bytes.Contains(a.Body, []byte(`"state":"`+cases.WhistleDone+`"`))
		case "rate_unit", "rate_street":
			return true
		}
	}
	return false
}

// caseRows are the rows of a case that are to stand after one of its acts, from
// those that stood. ok is false when the act changes nothing. Whether a case that
// closes is one that came back is for the caller to find out: fresh says that it
// was closed just now.
func caseRows(a *journal.Act, ch *cases.Change, k *cases.Case, live []row) (want []row, fresh, ok bool) {
	kept := slices.DeleteFunc(slices.Clone(live), func(r row) bool { return r.kind != ofFalse })
	switch {
	case a.Action == "answer":
		return append(kept, directRow(a)), false, true
	case a.Action == "unmerge":
		return kept, false, len(live) > len(kept)
	case a.Action == "hear":
		return append(kept, callerRow(a, ch, k)), false, true
	case ch.State == cases.Rework:
		if ch.Outcome != nil && ch.Outcome.Solved != "no" || k.Outcome.Result != "solved" || k.Unit == "" {
			return kept, false, true
		}
		// The unit said solved; who was asked, or who looked, says it is not.
		return append(kept, row{kind: ofFalse, subject: k.Number, number: k.Number, unit: k.Unit, other: strconv.FormatInt(a.Seq, 10), month: monthOf(a.At), at: a.At,
			created: k.Created, began: a.Seq, base: falseClosed | claimedSolved}), false, true
	case ch.State == cases.Closed && k.Unit != "":
		r := caseRow(k)
		r.began = a.Seq
		for _, l := range live {
			if l.kind == ofCase {
				r.began = l.began // closed before: the resident's rating came after the call-back
			}
			if l.kind == ofAgain {
				kept = append(kept, l)
			}
		}
		return append(kept, r), r.began == a.Seq, true
	}
	return nil, false, false // nobody was reached
}

// directRow is a case that the centre answered itself; the act alone says so.
func directRow(a *journal.Act) row {
	return row{kind: ofDirect, subject: a.Subject, number: a.Subject, unit: a.Actor.Unit, month: monthOf(a.At), at: a.At, began: a.Seq, base: direct}
}

// caseRow is how a closed case counts. It counts in the month in which it was
// closed, for the unit that led then.
func caseRow(k *cases.Case) row {
	b := closing
	set := func(on bool, what bits) {
		if on {
			b |= what
		}
	}
	o := k.Outcome
	set(k.Clocks[cases.ClockSign].Met(), signedInTime)
	set(k.Clocks[cases.ClockContact].Met(), contactedInTime)
	set(k.Clocks[cases.ClockReply].Met(), closedInTime)
	set(k.Counts.Handbacks > 0, handedBack)
	set(k.Has(cases.Extended), extended)
	set(k.Counts.Reworks > 0, reworked)
	set(k.Counts.Merged > 0, repeated)
	set(o.Result == "solved", claimedSolved)
	set(o.By == "unreachable", unreached)
	b |= wordOf(o)
	set(k.Counts.Reworks == 0 && b&(solved|basic) != 0, doneAtOnce)
	return row{kind: ofCase, subject: k.Number, number: k.Number, unit: k.Unit, month: monthOf(k.Closed), at: k.Closed, created: k.Created, place: placeKey(k), again: k.Again, base: b}
}

// wordOf is what the resident said.
func wordOf(o cases.Outcome) (b bits) {
	if o.By != "callback" && o.By != "rating" {
		return 0
	}
	b = visited
	if o.Solved != "" {
		b |= answered | map[string]bits{"solved": solved, "basic": basic, "part": part}[o.Solved]
		if o.Contacted {
			b |= contactConfirmed
		}
	}
	if o.Satisfied != "" {
		b |= rated | map[string]bits{"very_satisfied": verySatisfied, "satisfied": satisfied, "fair": fairlySatisfied, "dissatisfied": dissatisfied, "very_dissatisfied": veryDissatisfied}[o.Satisfied]
	}
	return b
}

// callerRow is the word of a caller whose case was merged: the handling counts
// once, with the case it was merged into, the call-back for each.
func callerRow(a *journal.Act, ch *cases.Change, k *cases.Case) row {
	r := row{kind: ofCaller, subject: k.Number, number: k.Number, unit: ch.Answers.Str("unit"), month: monthOf(a.At), at: a.At, created: k.Created, began: a.Seq, base: wordOf(k.Outcome)}
	if r.base == 0 {
		r.base = unreached
	}
	return r
}

// placeKey ties cases about the same matter at the same place together.
func placeKey(k *cases.Case) int64 {
	where := k.Place.Where()
	if where == "" || k.Matter == "" {
		return 0
	}
	h := sha256.Sum256([]byte(k.Matter + "|" + where))
	return int64(binary.BigEndian.Uint64(h[:8]) | 1) // never 0
}

// returned is the row of a case that came back: about the earlier one and for the
// unit that closed it, made by the closing of the new one.
func returned(now, earlier row) row {
	r := row{kind: ofAgain, subject: now.subject, number: earlier.number, unit: earlier.unit, other: now.number, month: now.month, at: now.at, created: now.created, began: now.began, base: recurred90}
	const day = 24 * 60 * 60 * 1_000_000
	switch gap := now.created - earlier.at; {
	case gap <= 7*day:
		r.base |= recurred7 | recurred30
	case gap <= 30*day:
		r.base |= recurred30
	}
	return r
}

// whistleRows are the rows of a whistle that are to stand after one of its acts.
// It counts from the moment on which every task was confirmed, and in its month.
func whistleRows(a *journal.Act, w *cases.Whistle, live []row) (want []row, ok bool) {
	if w.State != cases.WhistleDone && w.State != cases.WhistleClosed {
		return nil, false
	}
	at := a.At
	if len(live) > 0 {
		at = live[0].at
	}
	one := func(kind, unit, other string, b bits) {
		want = append(want, row{kind: kind, subject: w.Number, number: w.Number, unit: unit, other: other, month: monthOf(at), at: at, created: w.Created, base: b})
	}
	one(ofBlown, w.Unit, "", blown)
	for _, u := range slices.Sorted(maps.Keys(w.Units)) {
		s := w.Units[u]
		if s.State == cases.UnitExcused {
			continue
		}
		b := called
		if s.Arrived != 0 {
			b |= arrived
			if c, ok := w.Clocks[cases.ClockArrive+":"+u]; ok && s.Arrived <= c.Due {
				b |= arrivedInTime
			}
		}
		if s.Score > 0 {
			b |= unit1 << (s.Score - 1)
		}
		one(ofCalled, u, "", b)
		if s.StreetScore > 0 {
			b := street1 << (s.StreetScore - 1)
			if s.Needed == "yes" {
				b |= needed
			} else {
				b |= notNeeded
			}
			one(ofHost, w.Unit, u, b)
		}
	}
	return want, true
}
