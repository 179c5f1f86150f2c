package open311

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/cases"
)

// Bounds of a listing.
const (
	maxRequests = 1000
	maxPage     = 200
	maxSpan     = 90 * 24 * time.Hour
	maxIDs      = 200
	maxSkip     = 50_000 // requests that may lie before a page whose beginning is not known
)

// query is a listing that was asked for.
type query struct {
	ids    []string // these only, whatever else is asked
	filter cases.PublicFilter
	page   int // from 1; 0: no pages
	size   int
	name   [32]byte // the same for all pages of one listing
}

// parseQuery reads the arguments of a listing, with every fault at once.
func (d *door) parseQuery(u *url.URL, now time.Time) (query, error) {
	v, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return query{}, faults{bad(http.StatusBadRequest, "form")}
	}
	var list faults
	add := func(key string, args ...any) { list = append(list, bad(http.StatusBadRequest, key, args...)) }
	if err := d.jurisdiction(v.Get("jurisdiction_id")); err != nil {
		return query{}, err
	}
	if ids := split(v["service_request_id"]); len(ids) > 0 {
		if len(ids) > maxIDs {
			return query{}, faults{bad(http.StatusBadRequest, "many", "service_request_id", maxIDs)}
		}
		return query{ids: ids}, nil
	}
	q := query{size: maxRequests}
	q.setStatus(split(v["status"]), add)
	if q.filter.Matters = split(v["service_code"]); len(q.filter.Matters) > maxIDs {
		add("many", "service_code", maxIDs)
	}
	q.setWindow(v.Get("start_date"), v.Get("end_date"), now, add)
	q.setPage(v.Get("page"), v.Get("page_size"), add)
	v.Del("page")
	q.name = sha256.Sum256([]byte(v.Encode()))
	if len(list) > 0 {
		return query{}, list
	}
	return q, nil
}

// split reads comma lists, also when the argument came several times.
func split(values []string) []string {
	var out []string
	for _, v := range values {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func (q *query) setStatus(asked []string, add func(string, ...any)) {
	if slices.ContainsFunc(asked, func(s string) bool { return s != "open" && s != "closed" }) {
		add("status")
	}
	q.filter.Open, q.filter.Ended = slices.Contains(asked, "open"), slices.Contains(asked, "closed")
}

// setWindow: the listing ends at end_date or now and begins no more than 90 days
// before that.
func (q *query) setWindow(start, end string, now time.Time, add func(string, ...any)) {
	from, to := time.Time{}, now
	var err error
	if end != "" {
		if to, err = parseMoment(end); err != nil {
			add("date", "end_date")
			return
		}
		// The end is part of the window; moments are told to the second.
		q.filter.To = to.Truncate(time.Second).Add(time.Second).UnixMicro()
	}
	if start != "" {
		if from, err = parseMoment(start); err != nil {
			add("date", "start_date")
			return
		}
		if from.After(to) && end != "" {
			add("dates")
			return
		}
	}
	if earliest := to.Add(-maxSpan); from.Before(earliest) {
		from = earliest
	}
	q.filter.From = max(from.UnixMicro(), 1)
}

// parseMoment reads RFC 3339 with a zone. A plus that was not escaped arrives as a
// blank.
func parseMoment(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		if i := strings.LastIndexByte(s, ' '); i > 10 {
			t, err = time.Parse(time.RFC3339, s[:i]+"+"+s[i+1:])
		}
	}
	if err == nil && (t.Year() < 1970 || t.Year() > 2200) {
		err = &time.ParseError{Layout: time.RFC3339, Message: ": year out of range"}
	}
	return t, err
}

func (q *query) setPage(page, size string, add func(string, ...any)) {
	whole := func(name, s string) int {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 || n > 1_000_000_000 {
			add("page", name)
			return 1
		}
		return n
	}
	if size != "" {
		q.size = min(whole("page_size", size), maxRequests)
	}
	if page != "" {
		q.page = whole("page", page)
		if q.size = min(q.size, maxPage); size == "" {
			q.size = 50
		}
	}
}
