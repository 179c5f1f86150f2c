package insight

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

// Adviser suggests units beside the duty rules, from the district's own cases. It
// learns in the background, every night again, and keeps what it learned in a file
// of the data folder; without a file or with too few cases it has no advice. It
// never decides, and nothing waits for it.
type Adviser struct {
	db    *store.DB
	cases *cases.Cases
	pack  *pack.Pack
	file  string
	clock func() time.Time
	log   *slog.Logger
	now   atomic.Pointer[learned]
}

// learned is a model at work.
type learned struct {
	model *Model
	state State
}

// State says what the adviser works with.
type State struct {
	Version string    // names the model in acts
	At      time.Time // when it was learned
	Cases   int       // learned from
	Units   int       // it can name
	Held    Held      // how it did on cases held back
	// Proposals are what the district does against its rules, as found when this was
	// learned.
	Proposals []Proposal
}

// What the district's model is learned from.
const (
	leastCases = 300
	mostCases  = 8000  // the newest: duties change, and learning must stay small
	mostSeen   = 40000 // of the last year, to compare with the rules
	mostWords  = 200   // characters of a case
	perRead    = 500
	learnHour  = 3 // of the night
)

// districtFields are what the model sees of a case: nothing of a person.
var districtFields = []Field{{"rule", Category}, {"matter", Category}, {"group", Category}, {"street", Category}, {"community", Category}, {"channel", Category},
	{"kind", Category}, {"words", Text}}

// NewAdviser wires it; folder is the data folder.
func NewAdviser(db *store.DB, c *cases.Cases, p *pack.Pack, folder string, clock func() time.Time, log *slog.Logger) *Adviser {
	return &Adviser{db: db, cases: c, pack: p, file: filepath.Join(folder, "suggestions.model"), clock: clock, log: log}
}

// rowOf is a case as the model sees it.
func (a *Adviser) rowOf(k *cases.Case) Row {
	unit := a.cases.District().Decide(k.Matter, k.Kind, k.Channel, k.Place, time.UnixMicro(k.Created)).Unit
	m, _ := a.pack.Catalogue.Matter(k.Matter)
	words := []rune(strings.TrimSpace(k.Title + "。" + k.Body))
	return Row{Values: []string{unit, k.Matter, m.Group, k.Place.Street, k.Place.Community, k.Channel, k.Kind, string(words[:min(len(words), mostWords)])},
		Time: time.UnixMicro(k.Created).In(zone), Label: k.Unit}
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// Run keeps the model fresh until ctx ends. What is on disk serves at once.
func (a *Adviser) Run(ctx context.Context) {
	if err := a.load(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("the file of learned suggestions is not used; it is learned again", "error", err)
	}
	pause := time.Second // let the first pages go first
	for {
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		pause = 10 * time.Minute
		if !a.due() {
			continue
		}
		if err := a.Learn(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("suggestions could not be learned", "error", err)
		}
		debug.FreeOSMemory() // learning takes some 80 MB that nothing needs until the next night
	}
}

// due reports whether it is time to learn: at once without a model, else at night
// once a day, or when a whole day was missed.
func (a *Adviser) due() bool {
	l := a.now.Load()
	if l == nil {
		return true
	}
	now := a.clock()
	age := now.Sub(l.state.At)
	return age >= 36*time.Hour || age >= 12*time.Hour && now.In(zone).Hour() == learnHour
}

// Learn learns from the newest cases that have a unit, puts the model to work and
// on disk. With fewer than 300 cases it does nothing.
func (a *Adviser) Learn(ctx context.Context) error {
	rows, proposals, err := a.past(ctx)
	if err != nil || len(rows) < leastCases {
		return err
	}
	m, err := Train(ctx, districtFields, rows, Options{Workers: 1, Nets: 3, Ahead: true, Horizon: 24 * time.Hour})
	if errors.Is(err, ErrTraining) {
		return nil // one unit did everything
	}
	if err != nil {
		return err
	}
	at := a.clock()
	s := State{Version: at.In(zone).Format("20060102T150405"), At: at.UTC(), Cases: m.Learned(), Units: len(m.labels), Held: m.Held(), Proposals: proposals}
	a.now.Store(&learned{m, s})
	return a.save(m, s)
}

// past reads what the district did: the rows to learn from, newest first, and what
// of the last year went against the rules.
func (a *Adviser) past(ctx context.Context) ([]Row, []Proposal, error) {
	var rows []Row
	g, since := newGroups(a.pack, a.cases.District(), a.clock()), a.clock().AddDate(-1, 0, 0).UnixMicro()
	for before, seen := int64(0), 0; seen < mostSeen; {
		list, err := a.cases.Lessons(ctx, before, perRead)
		if err != nil {
			return nil, nil, err
		}
		for _, k := range list {
			if before = k.Doc; len(rows) < mostCases {
				rows = append(rows, a.rowOf(k))
			}
			if k.Created >= since {
				g.add(k)
			}
		}
		seen += len(list)
		if len(list) < perRead || len(rows) == mostCases && list[len(list)-1].Created < since {
			break
		}
	}
	return rows, g.proposals(), nil
}

// save writes the file whole or not at all.
func (a *Adviser) save(m *Model, s State) error {
	note, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("insight: %w", err)
	}
	var b bytes.Buffer
	if err := m.Save(&b, note); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(a.file), 0o700); err != nil {
		return fmt.Errorf("insight: %w", err)
	}
	f, err := os.OpenFile(a.file+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("insight: %w", err)
	}
	_, err = f.Write(b.Bytes())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(a.file+".new", a.file)
	}
	if err != nil {
		return fmt.Errorf("insight: %w", err)
	}
	return nil
}

func (a *Adviser) load() error {
	f, err := os.Open(a.file)
	if err != nil {
		return err
	}
	defer f.Close()
	m, note, err := Load(f)
	if err != nil {
		return err
	}
	var s State
	if err := json.Unmarshal(note, &s); err != nil {
		return fmt.Errorf("%w: note: %w", ErrFile, err)
	}
	if len(m.fields) != len(districtFields) {
		return fmt.Errorf("%w: other fields", ErrFile)
	}
	a.now.Store(&learned{m, s})
	return nil
}

// State tells what the adviser works with; false before it has learned anything.
func (a *Adviser) State() (State, bool) {
	if l := a.now.Load(); l != nil {
		return l.state, true
	}
	return State{}, false
}

// Advised is one suggested unit, with its reasons.
type Advised struct {
	Unit  string
	Share int // percent
	Facts []Reason
	Words []string
}

// Advice is what may be shown beside the rules. Without Units the model cannot
// tell. Act is what the act keeps when the case is sent.
type Advice struct {
	Units []Advised
	Act   *cases.Advice
}

// leastShare is the percentage from which on a second and third unit is worth
// naming.
const leastShare = 5

// Advise suggests units for a case that waits to be sent; false without a model.
func (a *Adviser) Advise(k *cases.Case) (Advice, bool) {
	l := a.now.Load()
	if l == nil {
		return Advice{}, false
	}
	r := a.rowOf(k)
	s, err := l.model.Suggest(r, 6)
	if err != nil {
		return Advice{}, false
	}
	rule := a.cases.Suggested(k).Unit
	out := Advice{Act: &cases.Advice{Model: l.state.Version, Abstained: true, Rule: rule}}
	if s.Abstain {
		return out, true
	}
	for _, c := range s.Choices {
		share := int(c.P*100 + 0.5)
		u, ok := a.pack.Directory.Unit(c.Label)
		if !ok || !u.Kind.HandlesCases() || share < leastShare || len(out.Units) == 3 {
			continue
		}
		facts, words := l.model.Reasons(r, c.Label, 2)
		if len(facts)+len(words) == 0 {
			continue // what cannot be explained is not said
		}
		out.Units = append(out.Units, Advised{u.ID, share, facts, words})
		out.Act.Units, out.Act.Shares = append(out.Act.Units, u.ID), append(out.Act.Shares, share)
	}
	// A first choice that no longer handles cases, or has no reason, takes the
	// certainty with it.
	if len(out.Units) > 0 && out.Units[0].Unit == s.Choices[0].Label {
		out.Act.Abstained = false
		return out, true
	}
	out.Units, out.Act.Units, out.Act.Shares = nil, nil, nil
	return out, true
}
