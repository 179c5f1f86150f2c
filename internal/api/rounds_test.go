package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/api/apitest"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/store/storetest"
)

// TestFindingsAndWeather: both are taken once for a key, by those who may, and refused with the field that is wrong.
func TestFindingsAndWeather(t *testing.T) {
	storetest.Each(t, append(casestest.Schemas(), rounds.Schema), func(t *testing.T, db *store.DB) {
		e := env{apitest.New(t, db, register), t}
		e.Site.Rounds = rounds.New(db, rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Routines: e.Pack.Routines, Board: e.Posts.Board, Clock: e.Clock,
			Locate:  func(lon, lat float64) (directory.Place, bool) { return e.Pack.Locate(orb.Point{lon, lat}) },
			Working: func(time.Time) bool { return true },
			Report: func(f rounds.ReportOf) (rounds.TakeIn, error) {
				p, err := e.Cases.Prepare(cases.Report{Channel: "patrol", Body: f.Words})
				return func(tx *store.Tx, sc access.Scope, at time.Time) (string, error) {
					got, err := e.Cases.TakeIn(tx, sc, p, at)
					return got.Number, err
				}, err
			}})
		grid, duty := e.Token(t, "220605001001", access.Grid), e.Token(t, "duty", access.Duty)
		body := object{"words": "单元门口堆了旧沙发", "settled": true, "fix": "搬走了", "place": object{"lon": 126.58165, "lat": 42.048134}}
		first := e.want(e.call("POST", "/api/v1/findings", grid, body, "Idempotency-Key", "f-1"), http.StatusCreated)
		if first.object["id"] == "" || first.object["case"] != nil {
			t.Errorf("%v", first.object)
		}
		if again := e.want(e.call("POST", "/api/v1/findings", grid, body, "Idempotency-Key", "f-1"), http.StatusCreated); again.object["id"] != first.object["id"] {
			t.Errorf("the same again: %v", again.object)
		}
		if sent := e.want(e.call("POST", "/api/v1/findings", grid, object{"words": "路灯不亮"}), http.StatusCreated); sent.object["case"] == nil {
			t.Errorf("%v", sent.object)
		}
		e.want(e.call("POST", "/api/v1/findings", grid, object{"words": "路灯不亮", "photo_of_me": "x"}), http.StatusUnprocessableEntity)
		e.want(e.call("POST", "/api/v1/findings", grid, object{}), http.StatusUnprocessableEntity)
		e.want(e.call("POST", "/api/v1/findings", "", body), http.StatusUnauthorized)

		snow := object{"day": "2022-11-23", "low": -12, "high": -3, "snow_cm": 6, "warnings": []any{"icing"}, "source": "区气象台"}
		if a := e.want(e.call("POST", "/api/v1/weather", duty, snow, "Idempotency-Key", "w-1"), http.StatusOK); a.object["day"] != "2022-11-23" {
			t.Errorf("%v", a.object)
		}
		e.want(e.call("POST", "/api/v1/weather", duty, object{"day": "2022-11-23", "low": -1.5, "high": 3, "source": "x"}), http.StatusUnprocessableEntity)
		e.want(e.call("POST", "/api/v1/weather", duty, object{"day": "2022-11-23", "low": -1, "high": 3, "warnings": []any{"meteor"}, "source": "x"}), http.StatusUnprocessableEntity)
		e.want(e.call("POST", "/api/v1/weather", grid, snow), http.StatusForbidden)
		// A feed comes in with a key, not as a person, and with no other key.
		keys := map[string]string{}
		for _, scope := range []string{access.KeyWeather, access.KeyPositions} {
			if err := e.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
				keys[scope], err = e.Gate.IssueKey(tx, access.SystemScope(e.Pack.District, "a test"), access.NewKey{Client: "feed-" + scope, Scopes: []string{scope}, Expires: e.Clock().AddDate(1, 0, 0)}, e.Clock())
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if a := e.want(e.call("POST", "/api/v1/weather", keys[access.KeyWeather], snow, "Idempotency-Key", "w-2"), http.StatusOK); a.object["day"] != "2022-11-23" {
			t.Errorf("with a key: %v", a.object)
		}
		e.want(e.call("POST", "/api/v1/weather", keys[access.KeyPositions], snow), http.StatusForbidden)
		e.want(e.call("POST", "/api/v1/weather", access.KeyPrefix+"guess", snow), http.StatusUnauthorized)
		e.want(e.call("POST", "/api/v1/findings", keys[access.KeyWeather], body), http.StatusForbidden)
		made, err := e.Site.Rounds.Days(t.Context(), "2022-11-23")
		if err != nil || made["snow_watch"] == 0 {
			t.Errorf("%v %v", made, err)
		}
	})
}
