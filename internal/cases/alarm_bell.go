package cases

import (
	"container/heap"
	"maps"
	"slices"
	"time"
)

// Bell rings the ladders of a simulation, whose acts are done in batches on a clock
// of its own: the same rungs, acts and rules as those of the job, with the standing
// of what is open in memory. When all is done, Cases.SettleAlarms writes the rows.
type Bell struct {
	c     *Cases
	who   *roster
	open  map[alarmKey]bellEntry
	queue bellQueue
}

// bellEntry is a subject that is open and how it stands.
type bellEntry struct {
	s  clocked
	st standing
}

// bellAt is when a subject rings next; it is void when the subject stands otherwise
// by then.
type bellAt struct {
	at  int64
	key alarmKey
}

type bellQueue []bellAt

func (q bellQueue) Len() int           { return len(q) }
func (q bellQueue) Less(i, j int) bool { return q[i].at < q[j].at }
func (q bellQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *bellQueue) Push(x any)        { *q = append(*q, x.(bellAt)) }
func (q *bellQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// NewBell makes a bell for a district without open cases.
func (c *Cases) NewBell() *Bell {
	return &Bell{c: c, who: c.newRoster(), open: map[alarmKey]bellEntry{}}
}

// Clone is the bell as it is now: a batch that is run again goes back to it.
func (l *Bell) Clone() *Bell {
	return &Bell{c: l.c, who: l.who, open: maps.Clone(l.open), queue: slices.Clone(l.queue)}
}

// Watch takes note of a case after an act.
func (l *Bell) Watch(k *Case) { l.watch(l.c.onLadder(k, l.c.d.Calendar.Now())) }

// WatchWhistle takes note of a whistle after an act.
func (l *Bell) WatchWhistle(w *Whistle) { l.watch(l.c.whistleOnLadder(w, l.c.d.Calendar.Now())) }

// WatchCheck takes note of a check after an act.
func (l *Bell) WatchCheck(x *Check) { l.watch(l.c.checkOnLadder(x, l.c.d.Calendar.Now())) }

func (l *Bell) watch(s clocked) {
	key := alarmKey{s.kind, s.number}
	// A clock that ended with the subject may go on when it is taken up again.
	if s.ended {
		e := l.open[key]
		e.s, e.st.at = s, NoDue
		l.open[key] = e
		if len(s.clocks) == 0 || !anyRuns(s.clocks) {
			delete(l.open, key)
		}
		return
	}
	if len(s.clocks) == 0 {
		return
	}
	st, ok := l.c.stand(s, l.open[key].st.clocks)
	if !ok {
		delete(l.open, key)
		return
	}
	l.set(s, st)
}

func anyRuns(clocks map[string]Clock) bool {
	for _, k := range clocks {
		if k.Running() {
			return true
		}
	}
	return false
}

func (l *Bell) set(s clocked, st standing) {
	key := st.key()
	if old, has := l.open[key]; st.at != NoDue && (!has || old.st.at != st.at) {
		heap.Push(&l.queue, bellAt{st.at, key})
	}
	l.open[key] = bellEntry{s, st}
}

// Ring rings what is due up to a moment, each rung at its own. It returns the number
// of acts.
func (b *Batch) Ring(l *Bell, until time.Time) (acts int, err error) {
	for len(l.queue) > 0 && l.queue[0].at <= until.UnixMicro() {
		next := heap.Pop(&l.queue).(bellAt)
		e, has := l.open[next.key]
		if !has || e.st.at != next.at {
			continue
		}
		st, ok, n, err := l.c.ring(b.tx, l.who, e.s, e.st.clocks, time.UnixMicro(next.at))
		if err != nil {
			return acts, b.note(err)
		}
		acts += n.reminded + n.escalated
		if !ok {
			delete(l.open, next.key)
			continue
		}
		l.set(e.s, st)
	}
	return acts, nil
}
