package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/store"
)

type (
	// TrackPosition is where a machine was at a second, as a terminal after JT/T 808 says it. Only vehicles are asked.
	TrackPosition struct {
		Device  string    `json:"device" maxLength:"32" doc:"number of the terminal"`
		Time    time.Time `json:"time" doc:"RFC 3339; the second counts"`
		Lon     float64   `json:"lon" minimum:"-180" maximum:"180"`
		Lat     float64   `json:"lat" minimum:"-90" maximum:"90"`
		Speed   float64   `json:"speed" minimum:"0" maximum:"200" doc:"km/h"`
		Heading float64   `json:"heading" minimum:"0" maximum:"360" doc:"degrees from north, clockwise"`
		Brush   bool      `json:"brush" doc:"the brush is down and turns"`
	}
	// TrackBatch is positions of one or many machines, in any order.
	TrackBatch struct {
		CRS       string          `json:"crs,omitempty" enum:"wgs84,cgcs2000,gcj02,bd09" default:"wgs84" doc:"of the coordinates; they are kept in CGCS2000"`
		Positions []TrackPosition `json:"positions" minItems:"1" maxItems:"5000"`
	}
	positionsInput struct {
		Spoken
		Key     string `header:"X-Api-Key" doc:"key of the platform that the contract names"`
		RawBody []byte `contentType:"application/json"`
	}
	positionsOutput struct{ Body sanitation.Taken }
)

// maxTracks holds 5000 positions.
const maxTracks = 2 << 20

func (d *door) sanitation() {
	path := root + "/sanitation/positions"
	operation(d, access.Rule{Public: true, Why: "positions of sweeping machines, with the key of their platform; tries are limited"}, huma.Operation{
		OperationID: "positions", Method: http.MethodPost, Path: path, Summary: "Send positions of sweeping machines", Tags: []string{"sanitation"},
		Description: "A position that came before is counted again and changes nothing, so a batch may be sent as often as needed, late and in any order. The answer says how many were new, known, too late, " +
			"ahead of the clock, and which devices are no machine of the sender.",
		MaxBodyBytes: maxTracks, Errors: []int{http.StatusForbidden}}, d.positions)
	d.answers(path, d.huma.OpenAPI().Components.Schemas.Schema(typeOf[TrackBatch](), true, ""), map[string]any{"positions": []any{
		map[string]any{"device": "999000000001", "time": "2022-12-30T06:00:01+08:00", "lon": 126.5871, "lat": 42.0449, "speed": 8.2, "heading": 290, "brush": true}}})
}

func (d *door) positions(ctx context.Context, in *positionsInput) (*positionsOutput, error) {
	if d.Sanitation == nil {
		return nil, store.ErrNotFound
	}
	who, err := access.From(ctx), error(nil)
	if who.Kind != access.Key { // not in the Authorization header
		who, err = d.Gate.CheckKey(ctx, in.Key, access.KeyPositions)
	} else if !slices.Contains(who.Opens, access.KeyPositions) {
		err = flow.ErrForbidden
	}
	if errors.Is(err, access.ErrSignIn) {
		err = refuse(http.StatusForbidden, "track_key")
		if limited := d.Gate.Allow("key.client", access.Client(ctx)); limited != nil {
			err = limited
		}
	}
	if err != nil {
		return nil, err
	}
	var batch TrackBatch
	dec := json.NewDecoder(bytes.NewReader(in.RawBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&batch); err != nil {
		return nil, refuse(http.StatusBadRequest, "track_json")
	}
	sys := geo.WGS84
	if batch.CRS != "" {
		if sys, err = geo.ParseSystem(batch.CRS); err != nil {
			return nil, form.Faults{{Field: "crs", Code: "choice"}}
		}
	}
	if len(batch.Positions) == 0 || len(batch.Positions) > sanitation.MostPositions {
		return nil, refuse(http.StatusRequestEntityTooLarge, "track_batch", sanitation.MostPositions)
	}
	list := make([]sanitation.Position, len(batch.Positions))
	for i, p := range batch.Positions {
		list[i], err = sanitation.NewPosition(p.Device, p.Time, geo.Point{Lon: p.Lon, Lat: p.Lat}, sys, p.Speed, p.Heading, p.Brush)
		if bad, ok := errors.AsType[*sanitation.BadError](err); ok {
			return nil, refuse(http.StatusUnprocessableEntity, "track_"+bad.What, i+1)
		}
	}
	taken, err := d.Sanitation.Take(ctx, access.ScopeOf(who), list)
	if err != nil {
		return nil, err
	}
	return &positionsOutput{Body: taken}, nil
}
