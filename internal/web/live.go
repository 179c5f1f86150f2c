package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// heartbeat keeps proxies from closing a quiet stream.
const heartbeat = 20 * time.Second

// Events streams server-sent events until the client leaves. draw turns new acts
// into the HTML of one message (htmx partials); "" sends nothing. After a
// reconnect the acts since Last-Event-ID are drawn first.
func (s *Site) Events(w http.ResponseWriter, r *http.Request, draw func(acts []journal.Act) (string, error)) error {
	rc := http.NewResponseController(w)
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	acts, end := s.Live.Subscribe()
	defer end()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	send := func(list []journal.Act) error {
		if len(list) == 0 {
			return nil
		}
		html, err := draw(list)
		if err != nil || html == "" {
			return err
		}
		if _, err := fmt.Fprintf(w, "id: %d\n%s\n", list[len(list)-1].Seq, dataLines(html)); err != nil {
			return err
		}
		return rc.Flush()
	}
	if _, err := fmt.Fprint(w, "retry: 3000\n\n"); err != nil {
		return nil
	}
	if err := rc.Flush(); err != nil {
		return nil
	}
	if last, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		missed, err := store.Get(r.Context(), s.DB, func(tx *store.Tx) ([]journal.Act, error) {
			return journal.Since(tx, s.Cases.District().Code, last, 200)
		})
		if err == nil && send(missed) != nil {
			return nil
		}
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case list := <-acts:
			if err := send(list); err != nil {
				return nil
			}
		case <-beat.C:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil || rc.Flush() != nil {
				return nil
			}
		}
	}
}

func dataLines(html string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(html, "\n") {
		b.WriteString("data: " + line + "\n")
	}
	return b.String()
}
