package visits

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"weixiao/internal/notify"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Remind tells each community once a day how many people in need are to be looked after soon: a number, no name.
func (v *Visits) Remind(ctx context.Context) error {
	if len(v.rules.Categories) == 0 {
		return nil
	}
	today := v.today()
	upTo := in(today, pack.Days(v.rules.Remind))
	type waiting struct {
		community string
		n, late   int
	}
	var list []waiting
	err := v.db.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = store.All(tx, func(r store.Scanner) (w waiting, err error) {
			return w, r.Scan(&w.community, &w.n, &w.late)
		}, `SELECT community, count(*), sum(CASE WHEN due < $3 THEN 1 ELSE 0 END) FROM people_in_need WHERE district = $1 AND state = 'registered' AND due <= $2 GROUP BY community ORDER BY community`,
			v.district, upTo, today)
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return v.db.Write(ctx, func(tx *store.Tx) error {
		for _, w := range list {
			if err := notify.Queue(tx, notify.Message{District: v.district, ID: "needs-" + w.community + "-" + today, Channel: notify.ToUnit, Receiver: w.community, Template: "unit.needs",
				Args: map[string]string{"n": fmt.Sprint(w.n), "late": fmt.Sprint(w.late)}}, v.o.Clock()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run reminds until ctx ends. On several nodes each tells the same once: the message of a day has one id.
func (v *Visits) Run(ctx context.Context, log *slog.Logger) {
	t := time.NewTicker(time.Hour)
	defer t.Stop()
	for {
		if err := v.Remind(ctx); err != nil && ctx.Err() == nil {
			log.Warn("visits: nobody was reminded of people in need", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
