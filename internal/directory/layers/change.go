package layers

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"weixiao/internal/access"
	"weixiao/internal/directory"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// ErrFindings tells that a file or a draft was refused for its findings; nothing was changed.
var ErrFindings = errors.New("layers: refused for what was found")

// body is what an act of a layer says.
type body struct {
	Version  int64          `json:"version"`
	State    string         `json:"state"`
	About    *geo.About     `json:"about,omitempty"`
	From     int64          `json:"from,omitempty"`     // draft: the version it was copied from
	Replaces int64          `json:"replaces,omitempty"` // publish
	Code     string         `json:"code,omitempty"`     // edit
	Hash     string         `json:"hash,omitempty"`     // edit: of the area after it, "" when it was removed
	New      string         `json:"new,omitempty"`      // split: code of the new part
	NewHash  string         `json:"new_hash,omitempty"` // split
	Areas    int64          `json:"areas"`
	Digest   string         `json:"digest"`
	Findings map[string]int `json:"findings,omitempty"` // kind -> how many
}

// Upload is a file that somebody brings.
type Upload struct {
	geo.About // Name is that of the layer; of a layer that exists already, what is empty stays as it is
	File      *geo.Source
	System    *geo.System // what the person says about coordinates; nil: as the file says
}

var layerName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)

// Import checks a file and stores it as a new version of its layer, in the state checked. With a finding of the level geo.Bad nothing is
// stored and the error is ErrFindings. Findings come back in every case.
func (l *Layers) Import(ctx context.Context, sc access.Scope, up Upload) (Version, []geo.Finding, error) {
	if err := l.may(sc, "import", ""); err != nil {
		return Version{}, nil, err
	}
	about, shapes, found, err := l.try(ctx, up)
	if err != nil {
		return Version{}, nil, err
	}
	if shapes == nil {
		return Version{}, found, ErrFindings
	}
	extra := map[string]json.RawMessage{}
	for _, f := range up.File.Features {
		extra[f.ID] = f.Extra
	}
	areas := make([]Area, len(shapes))
	for i, s := range shapes {
		areas[i] = newArea(s, extra[s.ID])
	}
	v := Version{About: about, State: stateChecked, Areas: int64(len(areas)), Findings: found}
	err = l.write(ctx, sc, about.Name, "import", "", func(c *change) error {
		v.Number = c.next
		for _, a := range areas {
			if err := insertArea(c.tx, l.district, about.Name, v.Number, a); err != nil {
				return err
			}
		}
		if err := c.seal(&v); err != nil {
			return err
		}
		v.Created = v.Changed
		c.body = body{Version: v.Number, State: v.State, About: &v.About, Areas: v.Areas, Digest: hex.EncodeToString(v.Digest), Findings: tally(found)}
		return insertVersion(c.tx, l.district, v)
	})
	v.Version = strconv.FormatInt(v.Number, 10)
	return v, found, err
}

// about completes what an upload says of its layer.
func (l *Layers) about(up Upload) (geo.About, error) {
	a := up.About
	fault := func(field, code string) (geo.About, error) { return a, form.Faults{{Field: field, Code: code}} }
	if !layerName.MatchString(a.Name) {
		return fault("layer", "layer_name")
	}
	if old, ok := l.Atlas().Layer(a.Name); ok {
		if a.Kind != "" && a.Kind != old.Kind {
			return fault("kind", "layer_kind")
		}
		a.Kind, a.Parent = old.Kind, old.Parent
		for to, from := range map[*string]string{&a.Title: old.Title, &a.English: old.English} {
			if *to == "" {
				*to = from
			}
		}
	}
	k, ok := directory.LayerKindOf(a.Kind)
	if !ok {
		return fault("kind", "required")
	}
	if a.Parent == "" && k.Parent != "" {
		above, ok := l.Atlas().OfKind(k.Parent)
		if !ok {
			return fault("kind", "layer_above")
		}
		a.Parent = above.Name
	}
	if a.Source == "" {
		return fault("source", "required")
	}
	if a.Title == "" {
		a.Title = a.Name
	}
	if a.English == "" {
		a.English = a.Title
	}
	a.Version = ""
	return a, nil
}

// rules are what the layer asks of its areas now.
func (l *Layers) rules(ctx context.Context, about geo.About) (geo.Rules, error) {
	k, _ := directory.LayerKindOf(about.Kind)
	atlas := l.Atlas()
	r := geo.Rules{Digits: k.Digits, Prefix: k.Prefix, Covers: k.Covers, Taken: map[string]string{}}
	r.Parent, _ = atlas.Layer(about.Parent)
	r.Before, _ = atlas.Layer(about.Name)
	if r.Before == nil {
		return r, nil
	}
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Each(`SELECT a.code, max(a.version) FROM layer_areas a JOIN layer_versions v ON v.district = a.district AND v.layer = a.layer AND v.version = a.version
			WHERE a.district = $1 AND a.layer = $2 AND v.published > 0 GROUP BY a.code`, []any{l.district, about.Name}, func(s store.Scanner) error {
			var code string
			var last int64
			if err := s.Scan(&code, &last); err != nil {
				return err
			}
			if _, ok := r.Before.Shape(code); !ok {
				r.Taken[code] = strconv.FormatInt(last, 10)
			}
			return nil
		})
	})
	return r, err
}

func tally(found []geo.Finding) map[string]int {
	out := map[string]int{}
	for _, f := range found {
		if f.Kind == geo.FindMore {
			out[f.Word] += f.N
		} else {
			out[f.Kind]++
		}
	}
	return out
}

// Draft copies the version in force (or another one) to a new draft, to be edited.
func (l *Layers) Draft(ctx context.Context, sc access.Scope, layer string, from int64) (Version, error) {
	if err := l.may(sc, "draft", ""); err != nil {
		return Version{}, err
	}
	var v Version
	err := l.write(ctx, sc, layer, "draft", "", func(c *change) error {
		old, err := getVersion(c.tx, l.district, layer, from)
		if err != nil {
			return err
		}
		v = Version{About: old.About, Number: c.next, State: stateDraft}
		if err := c.tx.Exec(`INSERT INTO layer_areas (district, layer, version, code, name, parent, made_up, extra, geometry, hash)
			SELECT district, layer, CAST($4 AS BIGINT), code, name, parent, made_up, extra, geometry, hash FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3`,
			l.district, layer, from, v.Number); err != nil {
			return err
		}
		if err := c.seal(&v); err != nil {
			return err
		}
		v.Created = v.Changed
		c.body = body{Version: v.Number, State: v.State, About: &v.About, From: from, Areas: v.Areas, Digest: hex.EncodeToString(v.Digest)}
		return insertVersion(c.tx, l.district, v)
	})
	v.Version = strconv.FormatInt(v.Number, 10)
	return v, err
}

// Edit puts one area into a draft, in place of the one with its code, or as a new one; with remove it takes the area out. hash is that of
// the area as the editor saw it, nil for a new one: access.ErrStale when it is another by now. A checked version becomes a draft again.
// The findings are those of the area by itself; with one of the level geo.Bad nothing is changed and the error is ErrFindings.
func (l *Layers) Edit(ctx context.Context, sc access.Scope, layer string, number int64, f geo.Feature, hash []byte, remove bool) ([]geo.Finding, error) {
	v, err := store.Get(ctx, l.db, func(tx *store.Tx) (Version, error) { return getVersion(tx, l.district, layer, number) })
	if err != nil {
		return nil, err
	}
	if err := l.may(sc, "edit", v.State); err != nil {
		return nil, err
	}
	var found []geo.Finding
	a := Area{Shape: geo.Shape{Area: geo.Area{ID: f.ID}}}
	if !remove {
		rules, err := l.rules(ctx, v.About)
		if err != nil {
			return nil, err
		}
		rules.Covers, rules.Before = false, nil
		var shapes []geo.Shape
		if shapes, found = (&geo.Source{Features: []geo.Feature{f}}).Check(rules); shapes == nil {
			return found, ErrFindings
		}
		a = newArea(shapes[0], f.Extra)
	}
	err = l.write(ctx, sc, layer, "edit", "", func(c *change) error {
		v, err := getVersion(c.tx, l.district, layer, number)
		if err != nil {
			return err
		}
		if err := l.may(sc, "edit", v.State); err != nil {
			return err
		}
		old, err := getArea(c.tx, l.district, v, f.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if !bytes.Equal(old.Hash, hash) {
			return access.ErrStale
		}
		if remove {
			if hash == nil {
				return store.ErrNotFound
			}
			err = c.tx.Exec(`DELETE FROM layer_areas WHERE district = $1 AND layer = $2 AND version = $3 AND code = $4`, l.district, layer, number, f.ID)
		} else {
			err = insertArea(c.tx, l.district, layer, number, a)
		}
		if err != nil {
			return err
		}
		v.State, v.Findings = stateDraft, nil
		if err := c.seal(&v); err != nil {
			return err
		}
		c.body = body{Version: number, State: v.State, Code: f.ID, Hash: hex.EncodeToString(a.Hash), Areas: v.Areas, Digest: hex.EncodeToString(v.Digest)}
		return updateVersion(c.tx, l.district, v)
	})
	return found, err
}

// Check looks for everything wrong with a draft. Without a finding of the level geo.Bad it is checked from now on; else nothing changes and
// the error is ErrFindings.
func (l *Layers) Check(ctx context.Context, sc access.Scope, layer string, number int64) ([]geo.Finding, error) {
	return l.settle(ctx, sc, "check", layer, number, "", func(c *change, v *Version) error {
		v.State = stateChecked
		return nil
	})
}

// Publish puts a checked version in force in place of the one that was. It is checked once more against what is in force now. All nodes
// answer by it within a second or two.
func (l *Layers) Publish(ctx context.Context, sc access.Scope, layer string, number int64, reason string) ([]geo.Finding, error) {
	found, err := l.settle(ctx, sc, "publish", layer, number, reason, func(c *change, v *Version) error {
		old, err := inState(c.tx, l.district, statePublished)
		if err != nil {
			return err
		}
		for _, o := range old {
			if o.Name == layer {
				c.body.Replaces = o.Number
				o.State, o.Changed = stateReplaced, c.at
				if err := updateVersion(c.tx, l.district, o); err != nil {
					return err
				}
			}
		}
		v.State, v.Published = statePublished, c.at
		return nil
	})
	if err == nil {
		err = l.Refresh(ctx)
	}
	return found, err
}

// settle checks a version against what is in force and moves it on, if it is still what was checked.
func (l *Layers) settle(ctx context.Context, sc access.Scope, action, layer string, number int64, reason string, move func(*change, *Version) error) ([]geo.Finding, error) {
	if err := l.Refresh(ctx); err != nil {
		return nil, err
	}
	var seen Version
	var areas []Area
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		if seen, err = getVersion(tx, l.district, layer, number); err != nil {
			return err
		}
		if err = l.may(sc, action, seen.State); err != nil {
			return err
		}
		areas, err = allAreas(tx, l.district, seen)
		return err
	})
	if err != nil {
		return nil, err
	}
	rules, err := l.rules(ctx, seen.About)
	if err != nil {
		return nil, err
	}
	src := &geo.Source{}
	for i, a := range areas {
		src.Features = append(src.Features, geo.Feature{Index: i + 1, Shape: a.Shape})
	}
	shapes, found := src.Check(rules)
	if shapes == nil {
		return found, ErrFindings
	}
	before, above := l.InForce(layer), l.InForce(seen.Parent)
	return found, l.write(ctx, sc, layer, action, reason, func(c *change) error {
		v, err := getVersion(c.tx, l.district, layer, number)
		if err != nil {
			return err
		}
		if !bytes.Equal(v.Digest, seen.Digest) || v.State != seen.State || l.InForce(layer) != before || l.InForce(seen.Parent) != above {
			return access.ErrStale
		}
		v.Findings, v.Changed = found, c.at
		c.body = body{Version: number, Areas: v.Areas, Digest: hex.EncodeToString(v.Digest), Findings: tally(found)}
		if err := move(c, &v); err != nil {
			return err
		}
		c.body.State = v.State
		return updateVersion(c.tx, l.district, v)
	})
}

// Drop gives up a version that was never in force. Its areas stay, to be read.
func (l *Layers) Drop(ctx context.Context, sc access.Scope, layer string, number int64, reason string) error {
	return l.write(ctx, sc, layer, "drop", reason, func(c *change) error {
		v, err := getVersion(c.tx, l.district, layer, number)
		if err != nil {
			return err
		}
		if err := l.may(sc, "drop", v.State); err != nil {
			return err
		}
		v.State, v.Changed = stateDropped, c.at
		c.body = body{Version: number, State: v.State, Areas: v.Areas, Digest: hex.EncodeToString(v.Digest)}
		return updateVersion(c.tx, l.district, v)
	})
}

// may asks the table; state "" is for actions that make a version.
func (l *Layers) may(sc access.Scope, action, state string) error {
	a, err := Table.Action(action)
	if err != nil {
		return err
	}
	who := flow.Actor{Roles: sc.Roles()}
	if state == "" {
		if !a.Grants(who) {
			return fmt.Errorf("%w: layer %s", flow.ErrForbidden, action)
		}
		return nil
	}
	_, err = Table.Permit(action, flow.Position{State: state}, who)
	return err
}

// change is one act in the making.
type change struct {
	l     *Layers
	tx    *store.Tx
	at    int64 // µs UTC of the act
	layer string
	next  int64 // number of the next version
	body  body
}

// write runs fn and appends the act it describes, in one transaction. The pack's version is stored before the first change of its layer.
func (l *Layers) write(ctx context.Context, sc access.Scope, layer, action, reason string, fn func(*change) error) error {
	act, err := Table.Action(action)
	if err != nil {
		return err
	}
	capacity := act.Capacity(flow.Actor{Roles: sc.Roles()})
	if capacity == "" {
		return fmt.Errorf("%w: layer %s", flow.ErrForbidden, action)
	}
	return l.db.Write(ctx, func(tx *store.Tx) error {
		c := &change{l: l, tx: tx, layer: layer}
		if err := c.begin(); err != nil {
			return err
		}
		if err := c.adopt(); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		texts := map[string]string{}
		if reason != "" {
			texts["reason"] = reason
		}
		return c.append(action, sc.Actor(capacity), texts)
	})
}

func (c *change) begin() error {
	at, err := journal.Begin(c.tx, c.l.district, c.l.clock())
	c.at = at.UnixMicro()
	return err
}

func (c *change) append(action string, who journal.Actor, texts map[string]string) error {
	raw, err := json.Marshal(c.body)
	if err != nil {
		return err
	}
	return journal.Append(c.tx, &journal.Act{District: c.l.district, At: c.at, Kind: Table.Kind, Subject: c.layer, Action: action, Actor: who, Pack: c.l.pack, Body: raw, Texts: texts})
}

// adopt stores the pack's version 1 with an act of the program, if the layer has no stored version yet, and finds the next number.
func (c *change) adopt() error {
	var last int64
	if err := c.tx.Row(`SELECT coalesce(max(version), 0) FROM layer_versions WHERE district = $1 AND layer = $2`, []any{c.l.district, c.layer}, &last); err != nil {
		return err
	}
	c.next = last + 1
	own := c.l.packLayer(c.layer)
	if last > 0 || own == nil {
		return nil
	}
	v := ownVersion(own)
	for _, a := range own.Areas() {
		s, _ := own.Shape(a.ID)
		if err := insertArea(c.tx, c.l.district, c.layer, 1, newArea(s, nil)); err != nil {
			return err
		}
	}
	if err := c.seal(&v); err != nil {
		return err
	}
	v.Created, v.Published = c.at, c.at
	c.body = body{Version: 1, State: v.State, About: &v.About, Areas: v.Areas, Digest: hex.EncodeToString(v.Digest)}
	if err := insertVersion(c.tx, c.l.district, v); err != nil {
		return err
	}
	c.next = 2
	if err := c.append("adopt", journal.Actor{Capacity: access.System}, nil); err != nil {
		return err
	}
	c.body = body{}
	return c.begin() // the next act has a moment of its own
}

// seal counts and digests the areas as they are now.
func (c *change) seal(v *Version) (err error) {
	v.Digest, v.Areas, err = digestRows(c.tx, c.l.district, v.Name, v.Number)
	v.Changed = c.at
	return err
}
