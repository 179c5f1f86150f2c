package workdays

// seat is a place in a slot of a day: slot and seat count from 0.
type seat struct{ slot, seat int64 }

var none = seat{-1, -1}

// plan is what a day offers and what of it is taken.
type plan struct {
	slots, seats int64
	taken        map[seat]bool
}

func planOf(d *Day, held []*Booking) plan {
	p := plan{d.Slots(), d.Seats, map[seat]bool{}}
	for _, b := range held {
		if b.Slot >= 0 {
			p.taken[seat{b.Slot, b.Seat}] = true
		}
	}
	return p
}

// in is the first free seat of a slot, or none.
func (p plan) in(slot int64) seat {
	if slot < 0 || slot >= p.slots {
		return none
	}
	for i := range p.seats {
		if s := (seat{slot, i}); !p.taken[s] {
			return s
		}
	}
	return none
}

// first is the first free seat of the day, or none.
func (p plan) first() seat {
	for i := range p.slots {
		if s := p.in(i); s != none {
			return s
		}
	}
	return none
}

// fits reports whether the day has such a seat at all.
func (p plan) fits(s seat) bool { return s.slot >= 0 && s.slot < p.slots && s.seat < p.seats }

// moved says who sits where when a day gets other hours: whoever can keep slot and seat does, then the others in the
// order in which they booked; who finds no seat waits. list is in that order, and so is the result.
func moved(p plan, list []*Booking) []seat {
	out := make([]seat, len(list))
	p.taken = map[seat]bool{}
	for i, b := range list {
		out[i] = none
		if s := (seat{b.Slot, b.Seat}); p.fits(s) && !p.taken[s] {
			out[i], p.taken[s] = s, true
		}
	}
	for i := range list {
		if out[i] == none {
			out[i] = p.first()
			if out[i] != none {
				p.taken[out[i]] = true
			}
		}
	}
	return out
}

// free is how many seats are left in each slot.
func (p plan) free() []int64 {
	out := make([]int64, p.slots)
	for i := range p.slots {
		for k := range p.seats {
			if !p.taken[seat{i, k}] {
				out[i]++
			}
		}
	}
	return out
}
