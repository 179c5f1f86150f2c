package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/rounds"
)

type (
	// FindingBody is something seen outside. It is read by newFinding; the type is its description.
	FindingBody struct {
		Words   string       `json:"words" minLength:"1" maxLength:"2000" doc:"what was seen; no persons"`
		Matter  string       `json:"matter,omitempty" doc:"key of a matter; suggested from the words when absent"`
		Place   *ReportPlace `json:"place,omitempty"`
		Turn    string       `json:"turn,omitempty" doc:"id of the turn it was found on"`
		Settled bool         `json:"settled,omitempty" doc:"true: settled on the spot, no case is made"`
		Fix     string       `json:"fix,omitempty" maxLength:"1000" doc:"what was done; needed when settled"`
	}
	// FindingReceipt is what the finder gets.
	FindingReceipt struct {
		ID   string `json:"id" example:"F20221123-7K3Q9W"`
		Case string `json:"case,omitempty" doc:"number of the case it became; absent when it was settled"`
	}
	// WeatherBody is the weather of a day. It is read by newWeather; the type is its description.
	WeatherBody struct {
		Day      string   `json:"day" format:"date" doc:"from yesterday to a week ahead"`
		Low      int      `json:"low" minimum:"-60" maximum:"50" doc:"°C"`
		High     int      `json:"high" minimum:"-60" maximum:"50" doc:"°C"`
		SnowCM   int      `json:"snow_cm,omitempty" minimum:"0" maximum:"300"`
		Warnings []string `json:"warnings,omitempty" enum:"blizzard,cold_wave,icing,gale,rainstorm,fog,heat"`
		Source   string   `json:"source" maxLength:"100"`
	}
	// WeatherTold is what is known of the day now.
	WeatherTold struct {
		Day     string `json:"day"`
		Version int64  `json:"version" doc:"number of times it was told"`
	}
	roundInput struct {
		Spoken
		Key     string `header:"Idempotency-Key" doc:"the same key and body are done once"`
		RawBody []byte `contentType:"application/json"`
	}
	findingOutput struct{ Body FindingReceipt }
	weatherOutput struct{ Body WeatherTold }
)

func (d *door) outdoors() {
	schemas := d.huma.OpenAPI().Components.Schemas
	path := root + "/findings"
	operation(d, access.Rule{Roles: rounds.Finders()}, huma.Operation{OperationID: "find", Method: http.MethodPost, Path: path, Summary: "Report a finding", Tags: []string{"rounds"},
		Description: "What was settled on the spot is kept as it is; anything else becomes a case in the same moment.", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxReport}, d.find)
	d.answers(path, schemas.Schema(typeOf[FindingBody](), true, ""), map[string]any{"words": "单元门口堆了旧沙发", "settled": true, "fix": "和住户一起搬走了"})
	path = root + "/weather"
	operation(d, access.Rule{Roles: rounds.Forecasters(), Key: access.KeyWeather}, huma.Operation{OperationID: "tell_weather", Method: http.MethodPost, Path: path, Summary: "Tell the weather of a day", Tags: []string{"rounds"},
		Description: "Routines that this weather calls for have their turns at once. A later word replaces the earlier one; turns stay."}, d.tellWeather)
	d.answers(path, schemas.Schema(typeOf[WeatherBody](), true, ""), map[string]any{"day": "2022-11-23", "low": -12, "high": -3, "snow_cm": 6, "source": "区气象台"})
}

func (d *door) find(ctx context.Context, in *roundInput) (*findingOutput, error) {
	p := access.From(ctx)
	body, err := parse(in.RawBody)
	if err != nil {
		return nil, err
	}
	b := newReader(body)
	at := d.newPlace(b.object("place"))
	f := rounds.Finding{Words: b.text("words", rounds.MaxWords), Matter: b.line("matter", 40), Turn: b.line("turn", 80), Fix: b.text("fix", rounds.MaxFix),
		Place: rounds.Place{Text: at.Text, Lon: at.Lon, Lat: at.Lat, Located: at.Located, Street: at.Street, Community: at.Community, Grid: at.Grid}}
	if settled := b.boolean("settled"); settled != nil {
		f.Settled = *settled
	}
	b.unknown()
	if err := b.err(); err != nil {
		return nil, err
	}
	if f.Key, err = key("api:"+p.Account, in.Key, root+"/findings", body); err != nil {
		return nil, err
	}
	got, err := d.Rounds.Find(ctx, access.ScopeOf(p), f)
	if err != nil {
		return nil, err
	}
	return &findingOutput{FindingReceipt{ID: got.ID, Case: got.Case}}, nil
}

func (d *door) tellWeather(ctx context.Context, in *roundInput) (*weatherOutput, error) {
	p := access.From(ctx)
	body, err := parse(in.RawBody)
	if err != nil {
		return nil, err
	}
	b := newReader(body)
	raw := form.Raw{"day": {b.line("day", 10)}, "source": {b.line("source", 100)}, "warnings": b.choices("warnings", pack.Warnings()...)}
	for _, name := range []string{"low", "high", "snow_cm"} {
		if n := b.number(name, 300); n != nil {
			raw[name] = []string{strconv.FormatFloat(*n, 'f', -1, 64)}
		}
	}
	b.unknown()
	if err := b.err(); err != nil {
		return nil, err
	}
	who := "api:" + p.Account
	if p.Kind == access.Key {
		who = "key:" + p.Client
	}
	k, err := key(who, in.Key, root+"/weather", body)
	if err != nil {
		return nil, err
	}
	w, err := d.Rounds.Tell(ctx, access.ScopeOf(p), raw, k)
	if err != nil {
		return nil, err
	}
	return &weatherOutput{WeatherTold{w.Day, w.Version}}, nil
}
