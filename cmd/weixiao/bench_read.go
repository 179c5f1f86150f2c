package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
)

// benchPages measures the pages of an officer and of the centre on a filled
// database, a few clients at a time: p95 of each.
func benchPages(ctx context.Context, args []string, out io.Writer) (err error) {
	b := newBench("pages", out)
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
	street := benchScope(a, devUnit(a, "street"), access.Street)
	list, err := a.Cases.List(ctx, street, cases.Filter{Limit: 200})
	if err != nil || len(list) == 0 {
		return errors.Join(err, errors.New("no case to look at: fill the database with --cases"), stop())
	}
	tokens := map[string]string{}
	for _, login := range []string{"street", "dispatcher"} {
		if tokens[login], err = token(ctx, a, login); err != nil {
			return errors.Join(err, stop())
		}
	}
	hc := newWire(base, 8)
	words := []string{"路灯", "暖气不热", "垃圾清运", "噪声扰民", "停水", "消防通道", "物业", "井盖"}
	pages := []struct {
		name, who string
		path      func(i int) string
	}{
		{"inbox_street", "street", func(int) string { return "/desk" }},
		{"inbox_centre", "dispatcher", func(int) string { return "/desk" }},
		{"inbox_centre_all", "dispatcher", func(int) string { return "/desk?view=all" }},
		{"inbox_street_all", "street", func(int) string { return "/desk?view=all" }},
		{"case_page", "street", func(i int) string { return "/desk/cases/" + list[i%len(list)].Number }},
		{"search_centre", "dispatcher", func(i int) string { return "/desk/search?q=" + url.QueryEscape(words[i%len(words)]) }},
		{"search_street", "street", func(i int) string { return "/desk/search?q=" + url.QueryEscape(words[i%len(words)]) }},
		{"list_api_street", "dispatcher", func(i int) string { return "/api/v1/cases?street=" + list[0].Place.Street }},
		{"list_api_matter", "dispatcher", func(i int) string { return fmt.Sprintf("/api/v1/cases?matter=%03d&state=answered", 1+i%120) }},
		{"list_api_state", "dispatcher", func(i int) string { return "/api/v1/cases?state=signed&street=" + list[0].Place.Street }},
		{"open311_list", "", func(int) string { return "/open311/v2/requests.json?status=open" }},
		{"open311_closed_deep", "", func(i int) string {
			return fmt.Sprintf("/open311/v2/requests.json?status=closed&page_size=50&page=%d", 10+i*7%60)
		}},
		{"open311_codes_deep", "", func(i int) string {
			return fmt.Sprintf("/open311/v2/requests.json?status=closed&service_code=001,002,003,004,005,006,007,008&page_size=20&page=%d", 5+i*3%15)
		}},
	}
	b.figure("stored", float64(*b.cases), "cases")
	for _, p := range pages {
		get := func(ctx context.Context, c, i int) error {
			code, _, err := hc.do(c, http.MethodGet, p.path(c*1000+i), tokens[p.who], "", nil)
			if err != nil {
				return err
			}
			if code != http.StatusOK {
				return fmt.Errorf("%s: %d", p.name, code)
			}
			return nil
		}
		if _, _, err := load(ctx, 2, 300*time.Millisecond, get); err != nil {
			return errors.Join(err, stop())
		}
		took, _, err := load(ctx, 2, time.Duration(*b.seconds)*time.Second/5, get)
		if err != nil {
			return errors.Join(err, stop())
		}
		b.figure(p.name+"_p50_ms", percentile(took, 0.50), "ms")
		b.figure(p.name+"_p95_ms", percentile(took, 0.95), "ms")
	}
	return stop()
}
