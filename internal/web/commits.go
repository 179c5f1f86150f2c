package web

import (
	"fmt"
	"net/http"
	"time"
)

// Commits streams server-sent events until the client leaves: after every commit of the database, on any node, but not
// more often than every so often, draw is asked what to send (htmx partials); "" sends nothing. It is for what changes
// without an act, such as where machines are.
func (s *Site) Commits(w http.ResponseWriter, r *http.Request, every time.Duration, draw func() (string, error)) error {
	rc := http.NewResponseController(w)
	if err := rc.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	wake, end := s.DB.Watch()
	defer end()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	if _, err := fmt.Fprint(w, "retry: 3000\n\n"); err != nil || rc.Flush() != nil {
		return nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		html, err := draw()
		if err != nil {
			return nil
		}
		if html != "" {
			if _, err := fmt.Fprintf(w, "%s\n", dataLines(html)); err != nil || rc.Flush() != nil {
				return nil
			}
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-time.After(every):
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-wake:
		case <-beat.C:
			if _, err := fmt.Fprint(w, "event: beat\ndata: \n\n"); err != nil || rc.Flush() != nil {
				return nil
			}
		}
	}
}
