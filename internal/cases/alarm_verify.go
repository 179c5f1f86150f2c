package cases

import (
	"context"
	"fmt"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// alarmReplay collects what the acts say about the ladders of what is open.
type alarmReplay struct {
	open  map[alarmKey]clocked
	heard map[alarmKey]*heardAlarms
}

type heardAlarms struct {
	acts []AlarmEntry
	rang map[rungKey]bool
}

// rungKey is a rung for one deadline: it rings once. Another ladder or calendar may
// plan it for another moment, and is another promise.
type rungKey struct {
	clock               string
	start, due, planned int64
	rung                int
}

func newAlarmReplay() alarmReplay {
	return alarmReplay{map[alarmKey]clocked{}, map[alarmKey]*heardAlarms{}}
}

// fold takes an alarm act.
func (r *alarmReplay) fold(a journal.Act) error {
	e := AlarmEntry{Act: a}
	if err := a.Into(&e.Alarm); err != nil {
		return &Mismatch{AlarmKind, a.Subject, err.Error()}
	}
	key := alarmKey{e.Of, a.Subject}
	h := r.heard[key]
	if h == nil {
		h = &heardAlarms{rang: map[rungKey]bool{}}
		r.heard[key] = h
	}
	rung := rungKey{e.Clock, e.Start, e.Due, e.Planned, e.Rung}
	switch {
	case h.rang[rung]:
		return &Mismatch{AlarmKind, a.Subject, fmt.Sprintf("act %d: rung %d of %s rang twice", a.Seq, e.Rung, e.Clock)}
	case e.Planned > a.At:
		return &Mismatch{AlarmKind, a.Subject, fmt.Sprintf("act %d: rung %d of %s rang before its time", a.Seq, e.Rung, e.Clock)}
	}
	h.rang[rung] = true
	h.acts = append(h.acts, e)
	return nil
}

// settle takes a record as its last act left it. Of what is closed nothing needs to
// be kept.
func (r *alarmReplay) settle(s clocked) {
	key := alarmKey{s.kind, s.number}
	if s.ended {
		delete(r.heard, key)
		return
	}
	r.open[key] = s
}

// Alarms compares the table alarms with what the acts say, after Finish, and returns
// the number of its rows. The rows follow the journal: let them arrive first.
func (r *Replayer) Alarms(ctx context.Context) (n int, err error) {
	for key := range r.alarms.heard {
		if _, open := r.alarms.open[key]; !open {
			return 0, &Mismatch{AlarmKind, key.number, "rang for what is closed or does not exist"}
		}
	}
	err = r.c.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT `+alarmColumns+` FROM alarms a WHERE a.district = $1 ORDER BY a.kind, a.number`, []any{r.c.d.Code}, func(row store.Scanner) error {
			got, err := scanStanding(row)
			if err != nil {
				return err
			}
			n++
			s, open := r.alarms.open[got.key()]
			want, ok := standing{}, false
			if open {
				want, ok = r.c.stand(s, r.alarms.remembered(got.key()))
			}
			delete(r.alarms.open, got.key())
			switch {
			case !ok:
				return &Mismatch{AlarmKind, got.number, "has a row though nothing of it runs"}
			case got.at != want.at:
				return &Mismatch{AlarmKind, got.number, "its next alarm does not follow from its acts"}
			case got.level != want.level || got.since != want.since:
				return &Mismatch{AlarmKind, got.number, "how far it went up does not follow from its acts"}
			}
			for name, w := range want.clocks {
				if g := got.clocks[name]; g.Start != w.Start || g.Due != w.Due || g.Upto != w.Upto {
					return &Mismatch{AlarmKind, got.number, "what rang of " + name + " does not follow from its acts"}
				}
			}
			return nil
		})
	})
	if err != nil {
		return n, err
	}
	for key, s := range r.alarms.open {
		if _, ok := r.c.stand(s, r.alarms.remembered(key)); ok {
			return n, &Mismatch{AlarmKind, key.number, "its alarm is missing"}
		}
	}
	return n, nil
}

func (r *alarmReplay) remembered(key alarmKey) map[string]watched {
	if h := r.heard[key]; h != nil {
		return remember(h.acts)
	}
	return nil
}
