package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/cases"
	"weixiao/internal/directory"
	"weixiao/internal/store"
	"weixiao/internal/text"
	"weixiao/internal/vault"
)

// benchWords are some 90 characters, as a call to the hotline has.
var benchWords = "我们小区3号楼东侧的路灯坏了三天了，晚上老人下楼看不清路，前天有人差点摔倒，麻烦尽快修一下。" +
	"物业说不归他们管，社区让找路灯所，电话一直占线，希望有人管一管。"

func benchReport(i int) map[string]any {
	return map[string]any{
		"description": fmt.Sprintf("%s（第 %d 件）", benchWords, i), "matter": "001",
		"place":  map[string]any{"text": "锦绣花园3号楼东侧", "lon": 126.59 + float64(i%100)/5000, "lat": 42.05 + float64(i%77)/5000},
		"person": map[string]any{"name": "张三丰", "phone": fmt.Sprintf("199%08d", i%100_000_000)},
	}
}

func benchIntake(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("intake", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	base, stop, err := serve(ctx, a)
	if err != nil {
		return err
	}
	hc := newWire(base, *b.clients)
	report := func(ctx context.Context, c, i int) error {
		return hc.call(c, "POST", "/api/v1/reports", "", fmt.Sprintf("bench-%d-%d-%s", c, i, rand.Text()[:12]), benchReport(c*1_000_000+i), nil)
	}
	if _, _, err := load(ctx, *b.clients, time.Second, report); err != nil { // warm up
		return errors.Join(err, stop())
	}
	took, elapsed, err := b.measure(ctx, report)
	if err != nil {
		return errors.Join(err, stop())
	}
	b.figures(took, elapsed)
	return stop()
}

// benchFloor writes the same rows as an intake, made beforehand, with the same
// driver in commits of 64: what the database alone can do.
func benchFloor(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("floor", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	const batch = 64
	var took []time.Duration
	n, start, used := 0, time.Now(), cpu()
	end := start.Add(time.Duration(*b.seconds) * time.Second)
	rows := newFloor(a)
	for time.Now().Before(end) && ctx.Err() == nil {
		t := time.Now()
		if err := a.DB.Write(ctx, func(tx *store.Tx) error {
			for range batch {
				n++
				if err := rows.write(tx, n); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		took = append(took, time.Since(t))
	}
	elapsed := time.Since(start)
	b.figure("requests", float64(n), "count")
	b.figure("rate_per_s", float64(n)/elapsed.Seconds(), "1/s")
	b.cpu(used, n)
	b.figure("commit_p50_ms", percentile(took, 0.5), "ms")
	return ctx.Err()
}

// floor holds what the rows of an intake have in common.
type floor struct {
	district, words, body, rest string
	hash                        [32]byte
	person                      *vault.Sealed
	run                         string
}

func newFloor(a *app.App) *floor {
	f := &floor{district: a.Pack.District, run: rand.Text()[:8], hash: sha256.Sum256([]byte("floor"))}
	f.words = text.IndexText(benchWords + " 锦绣花园3号楼东侧")
	if a.DB.Engine() == "postgres" {
		f.words = text.TSVector(benchWords + " 锦绣花园3号楼东侧")
	}
	f.body = `{"state":"pending","desk":"dispatch","set":{"channel":"portal","digest":"` + strings.Repeat("0", 64) + `","kind":"help","matter":"001","person":"x","profile":"L3","rule":"lamps","why":"x"},"place":{"text":"锦绣花园3号楼东侧"}}`
	f.rest = `{"rule":"lamps","why":"按派单目录","digest":"` + strings.Repeat("0", 64) + `"}`
	return f
}

func (f *floor) write(tx *store.Tx, n int) error {
	// Keys lie as they do in an intake: a client's key and a blind index anywhere, a
	// number anywhere in its day, a person by time.
	now := time.Now().UnixMicro()
	key, blind := rand.Text(), make([]byte, 32)
	_, _ = rand.Read(blind)
	id := "F" + f.run + rand.Text()[:8]
	person := fmt.Sprintf("%016x%s", now, rand.Text()[:10])
	doc := now<<12 | int64(n&0xfff)
	cell := make([]byte, 60)
	if err := tx.Exec(`INSERT INTO once (district, scope, key, request, answer, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		f.district, "api", key, f.hash[:], id, now); err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO persons (district, id, created, name, phone, address, email, id_number, masked_name, masked_phone, masked_address, phone_index, id_index)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.district, person, now, cell, cell, cell, cell, cell, "张**", "199****0000", "", blind, []byte{}); err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO person_keys (district, person, kek, wrapped) VALUES ($1, $2, $3, $4)`, f.district, person, int64(1), cell); err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO acts (district, seq, at, kind, subject, action, account, unit, capacity, pack, body, digest, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.district, int64(1_000_000_000+n), now, "case", id, "report", "", "", "anonymous", "0123456789abcdef", f.body, []byte{}, f.hash[:]); err != nil {
		return err
	}
	if err := tx.Exec(`INSERT INTO cases (district, number, doc, version, last_seq, created, changed, state, is_open, marks, desk, unit, holder, assignee,
			next_due, channel, kind, matter, profile, public, title, body, salt, place, lon, lat, located, street, community, grid,
			person, parent, replied_at, closed_at, rest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
			$28, $29, $30, $31, $32, $33, $34, $35)`,
		f.district, id, doc, int64(1), int64(n), now, now, "pending", true, "", "dispatch", "", "", "",
		int64(cases.NoDue), "portal", "help", "001", "L3", true, "我们小区3号楼东侧的路灯坏了三天了", benchWords, f.hash[:16], "锦绣花园3号楼东侧", 126.59, 42.05, true, "220605001", "220605001001", "220605001001001",
		person, "", int64(0), int64(0), f.rest); err != nil {
		return err
	}
	if tx.Engine() == "postgres" {
		return tx.Exec(`INSERT INTO case_search (district, doc, tokens) VALUES ($1, $2, $3::tsvector)`, f.district, doc, f.words)
	}
	return tx.Exec(`INSERT INTO case_search (rowid, tokens) VALUES ($1, $2)`, doc, f.words)
}

// benchLifecycle measures whole lives: six calls each.
func benchLifecycle(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("lifecycle", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := b.fill(ctx, a); err != nil {
		return err
	}
	base, stop, err := serve(ctx, a)
	if err != nil {
		return err
	}
	tokens := map[string]string{}
	for _, login := range []string{"dispatcher", "street", "callback"} {
		if tokens[login], err = token(ctx, a, login); err != nil {
			return errors.Join(err, stop())
		}
	}
	hc := newWire(base, *b.clients)
	street := devUnit(a, "street")
	life := func(ctx context.Context, c, i int) error {
		var made struct {
			Number string `json:"number"`
		}
		if err := hc.call(c, "POST", "/api/v1/reports", "", rand.Text(), benchReport(c*1_000_000+i), &made); err != nil {
			return err
		}
		for _, s := range []struct {
			who, action string
			form        map[string]any
		}{
			{"dispatcher", "dispatch", map[string]any{"unit": street}},
			{"street", "sign", map[string]any{}},
			{"street", "contact", map[string]any{"how": "phone", "note": "约好今晚去修"}},
			{"street", "reply", map[string]any{"result": "solved", "reply": "灯已换好，请您晚上看一看。"}},
			{"callback", "call_back", map[string]any{"reached": true, "contacted": true, "solved": "solved", "satisfied": "satisfied"}},
		} {
			if err := hc.call(c, "POST", "/api/v1/cases/"+made.Number+"/acts/"+s.action, tokens[s.who], rand.Text(), s.form, nil); err != nil {
				return err
			}
		}
		return nil
	}
	if _, _, err := load(ctx, *b.clients, time.Second, life); err != nil {
		return errors.Join(err, stop())
	}
	took, elapsed, err := b.measure(ctx, life)
	if err != nil {
		return errors.Join(err, stop())
	}
	b.figure("stored", float64(*b.cases), "cases")
	b.figures(took, elapsed)
	return stop()
}

func devUnit(a *app.App, login string) string {
	for _, d := range a.DevAccounts() {
		if d.Login == login {
			return d.Unit
		}
	}
	return ""
}

func benchFill(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("fill", out)
	a, done, err := b.open(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	start := time.Now()
	err = b.fill(ctx, a)
	b.figure("fill_s", time.Since(start).Seconds(), "s")
	return err
}

// caseEvery is how often a case comes in while a database is filled: a million in
// three years.
const caseEvery = 90 * time.Second

// fill brings the database to the number of cases asked for, through the same
// code as real ones: 97 of 100 are answered on call and closed, the rest lies
// with the streets in different states.
func (b *benchRun) fill(ctx context.Context, a *app.App) error {
	return b.fillWith(ctx, a, a.Pack.Directory.ByKind("street", "town"), live)
}

// lifeOf takes the case of that index some way.
type lifeOf func(bt *cases.Batch, a *app.App, operator access.Scope, number, unit string, i int, at time.Time) error

func (b *benchRun) fillWith(ctx context.Context, a *app.App, units []directory.Unit, live lifeOf) error {
	defer b.filled.Store(true)
	have, err := store.Get(ctx, a.DB, func(tx *store.Tx) (n int64, err error) {
		err = tx.Row(`SELECT count(*) FROM cases WHERE district = $1`, []any{a.Pack.District}, &n)
		return n, err
	})
	if err != nil {
		return err
	}
	operator := benchScope(a, a.Cases.District().Centre, access.Operator)
	streets := a.Pack.Directory.ByKind("street", "town")
	matters := a.Pack.Catalogue.Matters("request")
	now := time.Now()
	when := func(i int) time.Time { return now.Add(-caseEvery * time.Duration(*b.cases-i)) }
	const batch = 500
	for n := int(have); n < *b.cases; n += batch {
		made := make([]*cases.Prepared, 0, batch)
		for i := n; i < min(n+batch, *b.cases); i++ {
			m, s := matters[i%len(matters)], streets[i%len(streets)]
			words := fmt.Sprintf("%s。%s反映：%s，请尽快处理，编号%d。", m.Name, s.Short, strings.Join(m.Keywords[:min(2, len(m.Keywords))], "、"), i)
			p, err := a.Cases.Prepare(cases.Report{At: when(i), Channel: "hotline", Body: words, Matter: m.Key, Place: cases.Place{Street: s.ID},
				Person: vault.Person{Name: "张三丰", Phone: fmt.Sprintf("199%08d", i)}})
			if err != nil {
				return err
			}
			made = append(made, p)
		}
		if err := a.Cases.Batch(ctx, func(bt *cases.Batch) error {
			for i, p := range made {
				r, err := bt.Take(operator, p)
				if err != nil {
					return err
				}
				if err := live(bt, a, operator, r.Number, units[(n+i)%len(units)].ID, n+i, when(n+i)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if int(have) < *b.cases {
		if err := a.Cases.SettleAlarms(ctx); err != nil {
			return err
		}
	}
	// What follows the journal would otherwise run behind while others measure.
	return a.CatchUp(ctx)
}

// live takes a filled case some way.
func live(bt *cases.Batch, a *app.App, operator access.Scope, number, street string, i int, at time.Time) error {
	act := func(sc access.Scope, name string, raw map[string][]string) error {
		_, err := bt.Act(sc, number, name, cases.Input{Raw: raw, At: at})
		return err
	}
	if i%100 >= 3 {
		return act(operator, "answer", map[string][]string{"reply": {"已向您解释清楚。"}})
	}
	if err := act(operator, "dispatch", map[string][]string{"unit": {street}}); err != nil || i%100 == 0 {
		return err
	}
	return act(benchScope(a, street, access.Street), "sign", nil)
}

func benchScope(a *app.App, unit, role string) access.Scope {
	var path []string
	for _, u := range a.Pack.Directory.Path(unit) {
		path = append(path, u.ID)
	}
	return access.ScopeOf(access.Principal{District: a.Pack.District, Account: "bench", Unit: unit, Path: path, Roles: []string{role}, Kind: access.Bearer})
}
