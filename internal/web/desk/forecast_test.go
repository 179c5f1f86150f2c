package desk

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/form"
	"weixiao/internal/journal"
	"weixiao/internal/web/uitest"
)

// reported takes in n cases about a lamp of a community, a day apart, the first of
// them by the grid.
func (e *env) reported(from time.Time, n int) (numbers []string) {
	e.t.Helper()
	err := e.Cases.Batch(e.t.Context(), func(b *cases.Batch) error {
		numbers = nil
		for i := range n {
			channel, at := "hotline", from.AddDate(0, 0, i)
			if i == 0 {
				channel = "grid"
			}
			r, err := b.Report(e.Scope("", access.Operator), cases.Report{Channel: channel, Body: "锦绣花园东侧路灯不亮", Matter: "001", Place: cases.Place{Street: casestest.Street, Community: checkers}, At: at})
			if err != nil {
				return err
			}
			numbers = append(numbers, r.Number)
			if _, err = b.Act(e.Scope("", access.Dispatcher), r.Number, "dispatch", cases.Input{Raw: form.Raw{"unit": {casestest.Street}}, At: at.Add(time.Minute)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		e.t.Fatal(err)
	}
	if err := journal.NewRunner(e.DB, e.Pack.District, slog.New(slog.DiscardHandler), e.site.Forecast.Follower()).CatchUp(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return numbers
}

// TestForecastByPages: what is expected stands with the counts it comes from, and
// each opens to its reports; titles are shown to those who reach the cases.
func TestForecastByPages(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		numbers := e.reported(time.Date(2022, 10, 3, 9, 0, 0, 0, e.Clock().Location()), 8)
		street, other := e.hire(casestest.Street, "孙浩", access.Street), e.hire(casestest.OtherStreet, "外人", access.Street)
		a := street.page(forecastPath)
		a.contains(t, "2022-12 可能最多的问题", "路灯不亮", "江南社区", "100.0%")
		street.page(reportsHref("2022-10", checkers, "001")).contains(t, numbers[0], "锦绣花园东侧路灯不亮", "未诉先办", "网格")
		other.page(forecastPath).lacks(t, "江南社区") // begins with the own places
		other.page(reportsHref("2022-10", checkers, "001")).lacks(t, "锦绣花园")
		for _, bad := range []string{"/reports", "/reports?month=2022-10&community=x", "/reports?month=x&community=" + checkers} {
			if a := street.get(forecastPath + bad); a.Code != http.StatusNotFound {
				t.Errorf("%s: %d", bad, a.Code)
			}
		}
	})
}

func TestForecastInABrowser(t *testing.T) {
	s := serve(t)
	s.reported(time.Date(2022, 10, 3, 9, 0, 0, 0, s.Clock().Location()), 8)
	tab := uitest.New(t, uitest.Desk)
	s.enter(tab, s.hire(casestest.Street, "孙浩", access.Street), forecastPath)
	look(tab, uitest.Desk, "forecast")
	tab.Resize(uitest.Phone)
	tab.Open(s.url + forecastPath + "?community=" + checkers + "&lang=en")
	look(tab, uitest.Phone, "forecast-phone")
	tab.Open(s.url + reportsHref("2022-10", checkers, "") + "&lang=zh-CN")
	look(tab, uitest.Phone, "forecast-reports")
}
