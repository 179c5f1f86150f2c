package record

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"weixiao/internal/notify"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// reminder is a record whose unit is to be told.
type reminder struct {
	kind, id, unit, title string
	due                   int64
}

// Remind tells the unit of each record once when a quarter of the time is left, and once when the deadline has passed.
// On several nodes the same is told once: the message has the id of what it says.
func (e *Engine) Remind(ctx context.Context) (told int, err error) {
	now := e.o.Clock()
	for {
		var list []reminder
		if err := e.db.Read(ctx, func(tx *store.Tx) (err error) {
			list, err = store.All(tx, func(s store.Scanner) (r reminder, err error) {
				return r, s.Scan(&r.kind, &r.id, &r.unit, &r.title, &r.due)
			},
				`SELECT kind, id, unit, title, due FROM records WHERE district = $1 AND remind <= $2 ORDER BY remind LIMIT 200`, e.o.District, now.UnixMicro())
			return err
		}); err != nil || len(list) == 0 {
			return told, err
		}
		if err := e.db.Write(ctx, func(tx *store.Tx) error {
			for _, r := range list {
				if err := e.tell(tx, r, now); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return told, err
		}
		told += len(list)
	}
}

func (e *Engine) tell(tx *store.Tx, r reminder, now time.Time) error {
	stage, next := "soon", r.due
	if now.UnixMicro() >= r.due {
		stage, next = "late", NoDue
	}
	n, err := tx.Count(`UPDATE records SET remind = $4 WHERE district = $1 AND kind = $2 AND id = $3 AND remind <= $5 AND due = $6`, e.o.District, r.kind, r.id, next, now.UnixMicro(), r.due)
	if err != nil || n == 0 || r.unit == "" {
		return err
	}
	m := notify.Message{District: e.o.District, ID: "record-" + r.id + "-" + stage + "-" + strconv.FormatInt(r.due, 36), Channel: notify.ToUnit, Receiver: r.unit,
		Template: "record." + stage, Subject: r.id, Args: map[string]string{"title": r.title, "due": time.UnixMicro(r.due).In(worktime.Zone).Format("2006-01-02 15:04")}}
	return notify.Queue(tx, m, now)
}

// Run reminds, and counts deadlines anew after a change of calendars, until ctx ends.
func (e *Engine) Run(ctx context.Context, log *slog.Logger, seq func(tx *store.Tx) (int64, error)) {
	t := time.NewTicker(20 * time.Second)
	defer t.Stop()
	for {
		if err := e.Follow(ctx, seq); err != nil && ctx.Err() == nil {
			log.Warn("record: deadlines were not counted anew, trying again", "error", err)
		}
		if _, err := e.Remind(ctx); err != nil && ctx.Err() == nil {
			log.Warn("record: nobody was reminded, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
