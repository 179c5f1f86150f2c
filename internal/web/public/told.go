package public

import (
	"slices"
	"strings"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/web/ui"
	"weixiao/internal/words"
)

// timeline tells a case, newest first. For anybody it tells less, and the answers
// once more without personal data: units write to one person.
func (p *pages) timeline(f ui.Page, v *cases.View, anybody bool) []ui.Event {
	var out []ui.Event
	for i := range v.Entries {
		e := &v.Entries[i]
		t, ok := cases.Tell(e)
		if !ok || (anybody && !t.Open) {
			continue
		}
		key, note := "tell."+t.Story, t.Note
		if anybody {
			note = masked(note)
			if words.Has(key + ".anybody") {
				key += ".anybody"
			}
		}
		out = append(out, ui.Event{Title: f.T(key, p.UnitName(f.Lang, t.Unit)), Note: strings.TrimSpace(note), At: time.UnixMicro(e.At), Tone: "ok"})
	}
	slices.Reverse(out)
	if len(out) > 0 && !v.Case.Ended() {
		out[0].Tone = "on"
	}
	return out
}

// photoMoments are the moments of the acts whose photos are shown: a photo has the
// moment of its act. Those of acts that are not told stay inside. Anybody sees
// those of the report and of the answer, once the centre has read the report.
func (p *pages) photoMoments(v *cases.View, anybody bool) map[int64]string {
	out := map[int64]string{}
	for i := range v.Entries {
		e := &v.Entries[i]
		t, ok := cases.Tell(e)
		switch {
		case !ok || e.Photos == 0, anybody && !read(v.Case):
		case anybody && !(t.Open && (e.Action == "report" || e.Action == "reply")):
		default:
			out[e.At] = e.Action
		}
	}
	return out
}
