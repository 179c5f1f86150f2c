package rounds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Weather is what was said of the weather of a day, by a clerk or a feed.
type Weather struct {
	Day      string   `json:"-"`
	Low      int      `json:"low"` // °C
	High     int      `json:"high"`
	SnowCM   int      `json:"snow_cm"`
	Warnings []string `json:"warnings,omitempty"` // see pack.Warnings
	Source   string   `json:"source"`             // where the figures come from
	Changed  int64    `json:"-"`
	Version  int64    `json:"-"`
	lastSeq  int64
}

// WeatherTable says who may say what the weather is. A later word replaces the earlier one; turns it called for stay.
var WeatherTable = flow.Table{
	Kind:   "weather",
	States: []flow.State{{Name: "told", Chip: "done", End: true}},
	Actions: []flow.Action{
		{Name: "tell", To: "told", Who: forecasters, Form: weatherForm("weather_tell")},
		{Name: "correct", From: []string{"told"}, Who: forecasters, Form: weatherForm("weather_correct")},
	},
}

var forecasters = grants("", access.Duty, access.Dispatcher, access.Supervisor, access.Street, access.StreetLead, access.Department, access.DeptLead, access.APIClient, access.System)

func weatherForm(name string) form.Form {
	return form.Form{Name: name, Fields: []form.Field{
		{Name: "day", Type: form.Date, Required: true},
		{Name: "low", Type: form.Int, Required: true, Min: -60, Max: 50}, {Name: "high", Type: form.Int, Required: true, Min: -60, Max: 50},
		{Name: "snow_cm", Type: form.Int, Min: 0, Max: 300}, {Name: "warnings", Type: form.Multi, Options: form.Options(pack.Warnings()...)},
		{Name: "source", Type: form.Line, Required: true, Max: 100}}}
}

// ahead is how many days before its day the weather may be told.
const ahead = 7

// Tell notes the weather of a day, from yesterday to a week ahead. Whatever it calls for today is made at once, here or
// on another node. Faults are form.Faults.
func (r *Rounds) Tell(ctx context.Context, sc access.Scope, raw form.Raw, key store.Key) (Weather, error) {
	var w Weather
	err := r.db.Write(ctx, func(tx *store.Tx) (err error) {
		w, err = r.TellIn(tx, sc, raw, key, time.Time{})
		return err
	})
	if now := r.o.Clock().In(zone); err == nil && w.Day == now.Format(time.DateOnly) {
		_, err = r.generate(ctx, midnight(now), map[string]bool{})
	}
	return w, err
}

// TellIn is Tell in a transaction, at a moment of a simulation (zero = now). Turns are not made by it.
func (r *Rounds) TellIn(tx *store.Tx, sc access.Scope, raw form.Raw, key store.Key, at time.Time) (w Weather, err error) {
	act, err := WeatherTable.Action("tell")
	if err != nil {
		return w, err
	}
	who := flow.Actor{Roles: sc.Roles()}
	if !act.Grants(who) {
		return w, flow.ErrForbidden
	}
	answers, err := act.Form.Check(raw)
	if err != nil {
		return w, err
	}
	w = Weather{Day: answers.Str("day"), Low: int(answers.Int("low")), High: int(answers.Int("high")), SnowCM: int(answers.Int("snow_cm")), Warnings: answers.List("warnings"), Source: answers.Str("source")}
	now := r.now(at).In(zone)
	if w.Day < now.AddDate(0, 0, -1).Format(time.DateOnly) || w.Day > now.AddDate(0, 0, ahead).Format(time.DateOnly) {
		return w, form.Faults{{Field: "day", Code: "weather_day"}}
	}
	if w.High < w.Low {
		return w, form.Faults{{Field: "high", Code: "weather_high"}}
	}
	slices.Sort(w.Warnings)
	body, err := json.Marshal(w)
	if err != nil {
		return w, fmt.Errorf("rounds: %w", err)
	}
	if _, done, err := store.Once(tx, r.o.District, key, w.Day, now); err != nil || done {
		return w, err
	}
	moment, err := journal.Begin(tx, r.o.District, r.now(at))
	if err != nil {
		return w, err
	}
	a := &journal.Act{District: r.o.District, At: moment.UnixMicro(), Kind: WeatherTable.Kind, Subject: w.Day, Action: "tell", Actor: sc.Actor(act.Capacity(who)), Pack: r.o.Pack, Body: body}
	switch was, err := r.weather(tx, w.Day); {
	case err == nil:
		a.Action, w.Version = "correct", was.Version
	case !errors.Is(err, store.ErrNotFound):
		return w, err
	}
	if err := journal.Append(tx, a); err != nil {
		return w, err
	}
	if err := w.fold(a); err != nil {
		return w, err
	}
	return w, r.saveWeather(tx, &w)
}

func (w *Weather) fold(a *journal.Act) error {
	version := w.Version
	*w = Weather{Day: a.Subject}
	if err := a.Into(w); err != nil {
		return err
	}
	w.Version, w.Changed, w.lastSeq = version+1, a.At, a.Seq
	return nil
}

func scanWeather(s store.Scanner) (*Weather, error) {
	w := &Weather{}
	var low, high, snow int64
	var warnings string
	err := s.Scan(&w.Day, &low, &high, &snow, &warnings, &w.Source, &w.Changed, &w.Version, &w.lastSeq)
	w.Low, w.High, w.SnowCM, w.Warnings = int(low), int(high), int(snow), strings.Fields(warnings)
	return w, err
}

const weatherColumns = `day, low, high, snow_cm, warnings, source, changed, version, last_seq`

func (r *Rounds) weather(tx *store.Tx, day string) (*Weather, error) {
	list, err := store.All(tx, scanWeather, `SELECT `+weatherColumns+` FROM weather WHERE district = $1 AND day = $2`, r.o.District, day)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, store.ErrNotFound
	}
	return list[0], nil
}

// WeatherUntil lists what was told of at most n days, the latest first, those before a day ("" = all).
func (r *Rounds) WeatherUntil(ctx context.Context, before string, n int) ([]*Weather, error) {
	if before == "" {
		before = "9"
	}
	return store.Get(ctx, r.db, func(tx *store.Tx) ([]*Weather, error) {
		return store.All(tx, scanWeather, `SELECT `+weatherColumns+` FROM weather WHERE district = $1 AND day < $2 ORDER BY day DESC LIMIT $3`, r.o.District, before, int64(n))
	})
}

func (r *Rounds) saveWeather(tx *store.Tx, w *Weather) error {
	return tx.Exec(`INSERT INTO weather (district, `+weatherColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (district, day) DO UPDATE SET low = excluded.low, high = excluded.high, snow_cm = excluded.snow_cm, warnings = excluded.warnings, source = excluded.source,
			changed = excluded.changed, version = excluded.version, last_seq = excluded.last_seq`,
		r.o.District, w.Day, int64(w.Low), int64(w.High), int64(w.SnowCM), strings.Join(w.Warnings, " "), w.Source, w.Changed, w.Version, w.lastSeq)
}
