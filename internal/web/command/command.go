// Package command is the command centre: the district at one look, on a wall or
// on a leader's phone. Every figure opens to its records.
//
//	command.go     routes, the snapshot behind the page
//	page.go        what the wall shows, made of the snapshot
//	figures.go     a unit's month and the cases behind a count
//	*.templ        the pages
package command

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
	"weixiao/internal/web"
	"weixiao/internal/web/ui"
)

// Command serves the command centre.
type Command struct {
	s     *web.Site
	towns []town
	w, h  float64

	mu   sync.Mutex
	snap *snapshot
}

// town is one street or town on the map.
type town struct {
	unit, path string
	x, y       float64
}

// snapshot is the district at one moment; it is shared by everybody who looks and
// made anew at most every two seconds.
type snapshot struct {
	*cases.Overview
	month, before *assess.Month
	recent        []journal.Act
	made          time.Time
}

const fresh = 2 * time.Second

// Roles are who may look.
var Roles = []string{access.Leader, access.Supervisor, access.Dispatcher, access.Operator, access.Callback, access.Duty, access.Auditor}

// Register adds the routes of the command centre.
func Register(rt *access.Router, s *web.Site) {
	c := &Command{s: s}
	c.draw()
	rule := access.Rule{Roles: Roles}
	rt.Handle("GET /command", rule, c.page)
	rt.Handle("GET /command/live", rule, c.live)
	rt.Handle("GET /command/parts", rule, c.parts)
	rt.Handle("GET /command/figures", rule, c.figures)
	rt.Handle("GET /command/figures/{month}/{unit}", rule, c.figures)
	rt.Handle("GET /command/figures/{month}/{unit}/{count}", rule, c.figures)
}

// draw projects the town polygons of the pack once.
func (c *Command) draw() {
	layer, ok := c.s.Pack.Layer("towns")
	if !ok {
		return
	}
	var fc struct {
		Features []struct {
			Properties struct {
				Code string `json:"code"`
			} `json:"properties"`
			Geometry struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if json.Unmarshal(layer.GeoJSON, &fc) != nil {
		return // the pack's own check has read it before
	}
	var outlines [][][][2]float64
	for _, f := range fc.Features {
		var rings [][][2]float64
		if f.Geometry.Type == "Polygon" {
			_ = json.Unmarshal(f.Geometry.Coordinates, &rings)
		} else {
			var parts [][][][2]float64
			_ = json.Unmarshal(f.Geometry.Coordinates, &parts)
			for _, p := range parts {
				rings = append(rings, p...)
			}
		}
		u, ok := c.s.Pack.Directory.ByCode(f.Properties.Code)
		if !ok || len(rings) == 0 {
			continue
		}
		outlines = append(outlines, rings)
		c.towns = append(c.towns, town{unit: u.ID})
	}
	c.w = 900
	paths, place, h := ui.Project(outlines, c.w, 24)
	c.h = h
	for i := range c.towns {
		c.towns[i].path = paths[i]
		c.towns[i].x, c.towns[i].y = place(middle(outlines[i]))
	}
}

// middle is where the label of a polygon goes: the centroid of its first ring.
func middle(rings [][][2]float64) (lon, lat float64) {
	area := 0.0
	ring := rings[0]
	for i := range ring {
		a, b := ring[i], ring[(i+1)%len(ring)]
		cross := a[0]*b[1] - b[0]*a[1]
		area += cross
		lon += (a[0] + b[0]) * cross
		lat += (a[1] + b[1]) * cross
	}
	if area == 0 {
		return ring[0][0], ring[0][1]
	}
	return lon / (3 * area), lat / (3 * area)
}

// look returns a snapshot that is at most two seconds old.
func (c *Command) look(ctx context.Context, sc access.Scope) (*snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.snap != nil && time.Since(c.snap.made) < fresh {
		return c.snap, nil
	}
	o, err := c.s.Cases.Overview(ctx, sc)
	if err != nil {
		return nil, err
	}
	s := &snapshot{Overview: o, made: time.Now()}
	local := o.Now.In(zone)
	if s.month, err = c.s.Assess.Month(ctx, local.Format("2006-01")); err != nil {
		return nil, err
	}
	first := time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, zone)
	if s.before, err = c.s.Assess.Month(ctx, first.AddDate(0, 0, -1).Format("2006-01")); err != nil {
		return nil, err
	}
	s.recent, err = store.Get(ctx, c.s.DB, func(tx *store.Tx) ([]journal.Act, error) { return journal.Recent(tx, c.s.Pack.District, 60) })
	if err != nil {
		return nil, err
	}
	c.snap = s
	return s, nil
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// layers of the map.
var layers = []string{"open", "overdue", "today"}

func (c *Command) page(w http.ResponseWriter, r *http.Request) error {
	v, err := c.view(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, wall(v))
}

// parts answers what live sends, once, for browsers without a stream.
func (c *Command) parts(w http.ResponseWriter, r *http.Request) error {
	v, err := c.view(r)
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, wallParts(v))
}

// live sends the panels anew when something happened, at most every two seconds:
// the snapshot is not younger anyway.
func (c *Command) live(w http.ResponseWriter, r *http.Request) error {
	var last time.Time
	return c.s.Events(w, r, func([]journal.Act) (string, error) {
		if time.Since(last) < fresh {
			return "", nil
		}
		last = time.Now()
		v, err := c.view(r)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		err = wallParts(v).Render(r.Context(), &b)
		return b.String(), err
	})
}

func (c *Command) view(r *http.Request) (*wallView, error) {
	snap, err := c.look(r.Context(), web.Scope(r))
	if err != nil {
		return nil, err
	}
	layer := r.URL.Query().Get("layer")
	if !slices.Contains(layers, layer) {
		layer = layers[0]
	}
	p := c.s.Page(r, "command.title", c.s.Pack.Name)
	p.Scripts = []string{"live"}
	return &wallView{c: c, p: p, snapshot: snap, layer: layer, town: r.URL.Query().Get("town")}, nil
}
