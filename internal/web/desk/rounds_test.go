package desk

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/directory"
	"weixiao/internal/journal"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
	"weixiao/internal/web/uitest"
)

// outdoors are the rounds of the district, wired as the program does.
func (e *env) outdoors(db *store.DB) *rounds.Rounds {
	return rounds.New(db, rounds.Options{District: e.Pack.District, Pack: e.Pack.Version, Directory: e.Pack.Directory, Gazetteer: e.Pack.Gazetteer, Routines: e.Pack.Routines, Board: e.Posts.Board, Clock: e.Clock,
		Locate:  func(lon, lat float64) (directory.Place, bool) { return e.Pack.Locate(orb.Point{lon, lat}) },
		Working: func(day time.Time) bool { return e.Cases.District().Calendar.Now().Main().DayOf(day).Working },
		Holders: func(tx *store.Tx) (map[string]string, error) {
			list, _, err := e.gate.List(tx, e.system(), access.Filter{Limit: 200})
			out := map[string]string{}
			for _, a := range list {
				if a.Roles[0] == access.Grid {
					out[e.Pack.Directory.Grids(a.Unit)[0].Post] = a.ID
				}
			}
			return out, err
		},
		Report: func(f rounds.ReportOf) (rounds.TakeIn, error) {
			p, err := e.Cases.Prepare(cases.Report{Channel: "patrol", Body: f.Words, Matter: f.Matter, Photos: f.Photos, Attach: f.Attach, Units: map[string]string{f.Unit: cases.Former},
				Place: cases.Place{Text: f.Place.Text, Community: f.Place.Community}})
			return func(tx *store.Tx, sc access.Scope, at time.Time) (string, error) {
				got, err := e.Cases.TakeIn(tx, sc, p, at)
				return got.Number, err
			}, err
		}})
}

// morning makes the turns of the day and lets the follower see what is there.
func (e *env) morning() {
	e.t.Helper()
	if _, err := e.site.Rounds.NewPlanner(slog.New(slog.DiscardHandler)).Tick(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	e.noticed()
}

func (e *env) noticed() {
	e.t.Helper()
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.site.Rounds.Follower()).CatchUp(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// TestRoundsAtTheDesk: a grid worker's morning from the own turn to a finding, a second look, and the week in review.
func TestRoundsAtTheDesk(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		grid, lead := e.hire(community, "王网格", access.Grid), e.hire(casestest.Street, "李街长", access.StreetLead)
		e.morning()
		if a := grid.page(roundsPath); !strings.Contains(a.text(), "由实际工作自动带出") || !strings.Contains(a.text(), "每日“五个一”") || !strings.Contains(a.text(), "还没有") {
			t.Errorf("the grid worker's day: %s", a.text())
		}
		f := grid.page(roundsPath + "/find").form(roundsPath + "/find")
		if a := grid.upload(roundsPath+"/find", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "请填写：看到什么") {
			t.Errorf("an empty form: %d %s", a.Code, a.text())
		}
		f.Set("words", "单元门口堆了旧沙发，挡路")
		f.Set("settled", "yes")
		f.Set("fix", "和住户一起搬走了")
		a := grid.upload(roundsPath+"/find", f, picture(t))
		if a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
		page, _, _ := strings.Cut(a.Header.Get("Location"), "?")
		if a := grid.upload(roundsPath+"/find", f, picture(t)); a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), page) {
			t.Errorf("the same form again: %d %s", a.Code, a.Header.Get("Location"))
		}
		got := grid.page(page)
		if !strings.Contains(got.text(), "当场解决") || len(got.actions()) != 1 || !strings.Contains(got.Body, "/desk/files/") {
			t.Errorf("%v %s", got.actions(), got.text())
		}
		photo := got.Body[strings.Index(got.Body, "/desk/files/"):]
		photo = photo[:strings.IndexAny(photo, `"?`)]
		if a := lead.get(photo); a.Code != http.StatusOK {
			t.Errorf("the street's lead sees the photo: %d", a.Code)
		}
		if far := e.hire(casestest.OtherStreet, "别的街", access.Street); far.get(photo).Code != http.StatusNotFound || far.get(page).Code != http.StatusNotFound {
			t.Error("another street sees the finding")
		}
		e.noticed()
		if a := grid.page(roundsPath); !strings.Contains(a.text(), "发现了问题 F2022") {
			t.Errorf("the turn was not filled: %s", a.text())
		}
		if a := lead.see(page+"/do/recheck", url.Values{"fixed": {"no"}, "_version": {"1"}}); !strings.Contains(a.text(), "复查未解决") {
			t.Errorf("%s", a.text())
		}
		if a := lead.post(page+"/do/recheck", url.Values{"fixed": {"no"}, "_version": {"1"}}); a.Code != http.StatusConflict {
			t.Errorf("looked again twice: %d", a.Code)
		}
		if a := grid.see(page+"/do/send", url.Values{"note": {"又堆上了"}, "_version": {"2"}}); !strings.Contains(a.text(), "转成的工单") || !strings.Contains(a.text(), "正在办理") {
			t.Errorf("%s", a.text())
		}
		week := lead.page(roundsPath + "/review")
		if !strings.Contains(week.text(), "江南社区 1 0 0 1 0 0") || strings.Contains(week.text(), "王网格") {
			t.Errorf("the week: %s", week.text())
		}
		if a := lead.page(roundsPath + "/findings?from=2022-11-21&to=2022-11-27&place=" + community + "&fate=open"); !strings.Contains(a.text(), "旧沙发") {
			t.Errorf("the count does not open: %s", a.text())
		}
	})
}

// TestRoutinePages: what must not be asked stands on the page of each routine, in both languages.
func TestRoutinePages(t *testing.T) {
	e := one(t)
	e.morning()
	boss := e.hire("leaders", "区长", access.Leader)
	for _, x := range e.Pack.Routines {
		for lang, words := range map[string]string{"zh-CN": "打卡、签到", "en": "Check-in"} {
			boss.lang = lang
			if a := boss.page(roundsPath + "/routines/" + x.Key); !strings.Contains(a.text(), words) {
				t.Errorf("%s %s: %s", x.Key, lang, a.text())
			}
		}
	}
	if a := boss.get(roundsPath + "/routines/nothing"); a.Code != http.StatusNotFound {
		t.Errorf("an unknown routine: %d", a.Code)
	}
	boss.lang = "zh-CN"
	if a := boss.page(roundsPath + "/routines/daily_five?day=2022-11-23"); strings.Contains(a.text(), "王网格") || !strings.Contains(a.text(), "第一网格") && !strings.Contains(a.text(), "江南社区") {
		t.Errorf("%s", a.text())
	}
}

// TestTellWeather: the form says what is wrong, and what it calls for is there at once.
func TestTellWeather(t *testing.T) {
	e := one(t)
	duty := e.hire("duty", "值守", access.Duty)
	f := duty.page(roundsPath + "/weather").form(roundsPath + "/weather")
	f.Set("low", "-12")
	f.Set("high", "-20")
	f.Set("source", "区气象台")
	if a := duty.post(roundsPath+"/weather", f); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "不能低于最低气温") {
		t.Errorf("%d %s", a.Code, a.text())
	}
	f.Set("high", "-3")
	f.Set("snow_cm", "6")
	if a := duty.see(roundsPath+"/weather", f); !strings.Contains(a.text(), "降雪 6 厘米") {
		t.Errorf("%s", a.text())
	}
	if a := duty.page(roundsPath); !strings.Contains(a.text(), "清雪巡看") || !strings.Contains(a.text(), "-12 到 -3 ℃") {
		t.Errorf("%s", a.text())
	}
	if a := e.hire(community, "网格", access.Grid).get(roundsPath + "/weather"); a.Code != http.StatusForbidden {
		t.Errorf("a grid worker tells the weather: %d", a.Code)
	}
}

func TestRoundsInABrowser(t *testing.T) {
	s := serve(t)
	grid := s.hire(community, "王网格", access.Grid)
	s.morning()
	f := grid.page(roundsPath + "/find").form(roundsPath + "/find")
	for i, words := range []string{"单元门口堆了旧沙发，挡路", "站前街路灯不亮，晚上看不清", "楼道小广告"} {
		f.Set("words", words)
		f.Set("settled", []string{"yes", "no", "yes"}[i])
		f.Set("fix", "当场清理了")
		f["_key"] = []string{newKey()}
		if a := grid.upload(roundsPath+"/find", f, picture(t)); a.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.Code, a.text())
		}
	}
	s.noticed()
	list, err := s.site.Rounds.List(t.Context(), grid.scope(), rounds.Filter{})
	if err != nil || len(list) != 3 {
		t.Fatal(len(list), err)
	}
	turns, err := s.site.Rounds.Turns(t.Context(), grid.scope(), rounds.TurnsFilter{Day: "2022-11-23", Mine: true})
	if err != nil || len(turns) != 1 {
		t.Fatal(len(turns), err)
	}
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, grid, roundsPath)
	pages := map[string]string{"rounds": "", "rounds-routine": "/routines/daily_five", "rounds-turn": "/turns/" + turns[0].ID(), "rounds-findings": "/findings", "rounds-finding": "/findings/" + list[0].ID,
		"rounds-find": "/find", "rounds-review": "/review", "rounds-excuse": "/turns/" + turns[0].ID() + "/do/excuse"}
	for name, path := range pages {
		for suffix, size := range map[string]uitest.Size{"": uitest.Desk, "-phone": uitest.Phone} {
			tab.Resize(size)
			tab.Open(s.url + roundsPath + path)
			look(tab, size, name+suffix)
		}
	}
	lead := s.hire(casestest.Street, "李街长", access.StreetLead)
	other := uitest.New(t, uitest.Desk)
	s.enter(other, lead, roundsPath+"/weather")
	look(other, uitest.Desk, "rounds-weather")
	other.Resize(uitest.Phone)
	look(other, uitest.Phone, "rounds-weather-phone")
	other.Open(s.url + roundsPath + "/findings/" + list[0].ID + "/do/recheck")
	look(other, uitest.Phone, "rounds-recheck-phone")
}
