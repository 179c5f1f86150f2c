package command

import (
	"net/http"
	"net/url"
	"time"

	"weixiao/internal/web"
)

func timeOf(us int64) time.Time { return time.UnixMicro(us) }

// figures leads old addresses of figures to the pages at the desk that took their
// place.
func (c *Command) figures(w http.ResponseWriter, r *http.Request) error {
	to := "/desk/scores"
	if m := r.PathValue("month"); m != "" {
		to += "/" + url.PathEscape(m) + "/" + url.PathEscape(r.PathValue("unit"))
		if n := r.PathValue("count"); n != "" {
			to += "/" + url.PathEscape(n)
		}
	} else if m := r.URL.Query().Get("month"); m != "" {
		to += "?month=" + url.QueryEscape(m)
	}
	return web.SeeOther(w, r, to)
}
