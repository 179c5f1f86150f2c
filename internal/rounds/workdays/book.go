package workdays

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

func isConflict(err error) bool { return errors.Is(err, store.ErrConflict) }

// Ways in which a booking comes.
const (
	ViaPortal    = "portal"
	ViaHotline   = "hotline"
	ViaCommunity = "community"
)

// Receipt is what a resident gets.
type Receipt struct {
	Number  string
	Secret  string
	Waiting bool
	Again   bool // the same booking had been made under this key
}

// Book takes a time at a day for a resident; raw are the answers of the form of "book", or of "walk_in" for somebody
// who is there. When the day is full they wait. Faults are form.Faults or a *Refusal.
func (w *Workdays) Book(ctx context.Context, sc access.Scope, day, action string, raw form.Raw, key store.Key) (Receipt, error) {
	act, err := BookingTable.Action(action)
	if err != nil {
		return Receipt{}, err
	}
	if act.From != nil || len(act.Who) == 0 {
		return Receipt{}, flow.ErrUnknown
	}
	var out Receipt
	err = w.again(ctx, func(tx *store.Tx) error {
		out = Receipt{Number: w.newNumber(w.o.Clock())}
		earlier, done, err := store.Once(tx, w.district, key, out.Number, w.o.Clock())
		if err != nil {
			return err
		}
		if done {
			b, err := w.booking(tx, earlier)
			if err == nil {
				out = Receipt{Number: earlier, Waiting: b.State == Waiting, Again: true}
			}
			return err
		}
		return w.book(tx, sc, day, act, raw, &out)
	})
	if err != nil {
		return Receipt{}, err
	}
	out.Secret = w.Secret(out.Number)
	return out, nil
}

func (w *Workdays) book(tx *store.Tx, sc access.Scope, day string, act *flow.Action, raw form.Raw, out *Receipt) error {
	// The head comes first: behind it nobody else takes the same seat.
	now, err := journal.Begin(tx, w.district, w.o.Clock())
	if err != nil {
		return err
	}
	d, err := w.day(tx, day)
	if err != nil {
		return err
	}
	if !w.seesDay(sc, d) {
		return store.ErrNotFound
	}
	if !act.Grants(w.actor(sc, d)) {
		return flow.ErrForbidden
	}
	answers, err := w.Form(act, d).Check(raw)
	if err != nil {
		return err
	}
	if err := w.may(sc, d, act.Name, now); err != nil {
		return err
	}
	if !slices.Contains(d.ThemeList(), answers.Str("theme")) {
		return form.Faults{{Field: "theme", Code: "choice"}}
	}
	b := &Booking{Number: out.Number, Day: d.ID, Slot: -1, Seat: -1, Theme: answers.Str("theme"), Via: via(sc), State: Booked, Walkin: act.Name == "walk_in"}
	if !b.Walkin {
		if err := w.sit(tx, d, b, answers.Str("slot")); err != nil {
			return err
		}
	}
	if err := w.once(tx, d, answers.Str("phone")); err != nil {
		return err
	}
	words, err := w.seal(tx, b, answers, now)
	if err != nil {
		return err
	}
	out.Waiting = b.State == Waiting
	return w.recordBooking(tx, sc, d, &Booking{}, act.Name, *b, map[string]string{"words": words})
}

func via(sc access.Scope) string {
	switch {
	case sc.Account() == "" && !sc.Can(access.System):
		return ViaPortal
	case sc.Can(access.Operator):
		return ViaHotline
	}
	return ViaCommunity
}

// may refuses a booking outside its time: residents within the pack's window, the hosts until the day is over, people
// who come on the day itself.
func (w *Workdays) may(sc access.Scope, d *Day, action string, now time.Time) error {
	from, to := w.Bookable(d)
	switch {
	case d.State != Open:
		return refuse("", "这个工作日现在不能预约", "this workday cannot be booked now")
	case action == "walk_in" && !w.Today(d):
		return refuse("", "现场登记从工作日当天开始", "people are taken in from the day itself on")
	case action == "walk_in":
		return nil
	case now.UnixMicro() >= d.To:
		return refuse("", "这个工作日已经结束", "this workday is over")
	case sc.Account() == "" && now.Before(from):
		return refuse("", "预约从 %s 开始", "booking opens on %s", from.In(zone).Format("2006-01-02 15:04"))
	case sc.Account() == "" && !now.Before(to):
		return refuse("", "网上预约已经截止；您可以直接到现场，或拨打热线", "booking has closed; you can simply come, or call the hotline")
	}
	return nil
}

// MayTake reports whether the scope may book ("book") or take in somebody who is there ("walk_in") now.
func (w *Workdays) MayTake(sc access.Scope, d *Day, action string) bool {
	act, err := BookingTable.Action(action)
	return err == nil && act.From == nil && act.Grants(w.actor(sc, d)) && w.may(sc, d, action, w.o.Clock()) == nil
}

// sit gives a booking a seat of the slot asked for, or the first that is free; when all are taken it waits.
func (w *Workdays) sit(tx *store.Tx, d *Day, b *Booking, slot string) error {
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	p := planOf(d, list)
	s := p.first()
	if s == none {
		b.State = Waiting
		return nil
	}
	if slot != "" {
		n, err := strconv.ParseInt(slot, 10, 64)
		if err != nil {
			return form.Faults{{Field: "slot", Code: "choice"}}
		}
		if s = p.in(n); s == none {
			return refuse("slot", "这个时段刚刚约满，请换一个", "this time was taken just now: please choose another")
		}
	}
	b.Slot, b.Seat = s.slot, s.seat
	return nil
}

// once refuses a second booking of one telephone number for a day: seats are few.
func (w *Workdays) once(tx *store.Tx, d *Day, phone string) error {
	if phone == "" {
		return nil
	}
	ids, err := w.o.Vault.FindByPhone(tx, w.district, phone, 50)
	if err != nil || len(ids) == 0 {
		return err
	}
	list, err := w.bookingsOf(tx, d.ID)
	if err != nil {
		return err
	}
	for _, b := range list {
		if b.Person != "" && slices.Contains(ids, b.Person) && slices.Contains(coming, b.State) {
			return refuse("phone", "这个电话已经约过这一天；要改时间，请用编号和查询码打开原来的预约", "this telephone number has a booking for the day: to change it, open it with its number and code")
		}
	}
	return nil
}

// seal puts the resident and the original words into the vault and returns the redacted words.
func (w *Workdays) seal(tx *store.Tx, b *Booking, a form.Answers, at time.Time) (string, error) {
	said, err := text.Clean(a.Str("about"), 1000)
	if err != nil {
		return "", form.Faults{{Field: "about", Code: "control"}}
	}
	s, err := w.o.Vault.Seal(w.district, vault.Person{Name: a.Str("name"), Phone: a.Str("phone")})
	if err != nil {
		return "", err
	}
	if err := s.SealText("words", said); err != nil {
		return "", err
	}
	b.Person = s.ID
	words, _ := text.Redact(said)
	return words, vault.Put(tx, s, at)
}

// recordBooking appends an act that makes was what n says.
func (w *Workdays) recordBooking(tx *store.Tx, sc access.Scope, d *Day, was *Booking, action string, n Booking, texts map[string]string) error {
	act, err := BookingTable.Action(action)
	if err != nil {
		return err
	}
	a, err := w.append(tx, sc, BookingTable.Kind, n.Number, action, act.Capacity(w.bookingActor(sc, d, &n)), n.change(), texts)
	if err != nil {
		return err
	}
	if err := was.fold(a); err != nil {
		return err
	}
	return w.saveBooking(tx, was)
}
