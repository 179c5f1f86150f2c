package desk

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weixiao/internal/cases"
	"weixiao/internal/text"
	"weixiao/internal/words"
)

// nearLine is an open case that may be the same problem.
type nearLine struct {
	Number, Href, Target string
	Title, Note          string
	Same                 int // per cent of words in common; 0 is not worth a word
}

// How far back and how far away the same problem may be.
const (
	nearDays   = 30
	nearMetres = 300
	nearMost   = 4
	nearLooked = 60
	sameWords  = 0.18 // less in common is chance
)

// nearCase are the open cases like one that is open itself.
func (f *frame) nearCase(k *cases.Case) ([]nearLine, error) {
	return f.near(k.Number, k.Matter, k.Place, k.Title+" "+k.Body)
}

// near finds open cases that the user reaches, about the same matter or in the
// same community, and keeps those that are close by or say much the same.
func (f *frame) near(but, matter string, place cases.Place, said string) ([]nearLine, error) {
	rows, err := f.d.s.Cases.Alike(f.r.Context(), f.sc, matter, place.Community, f.Now.AddDate(0, 0, -nearDays), nearLooked)
	if err != nil {
		return nil, err
	}
	grams := text.GramsOf(said)
	type scored struct {
		nearLine
		score float64
	}
	var found []scored
	for _, k := range rows {
		if k.Number == but {
			continue
		}
		same := grams.Jaccard(text.GramsOf(k.Title + " " + k.Body))
		metres := distance(place, k.Place)
		close := metres >= 0 && metres <= nearMetres && k.Matter == matter
		neighbour := place.Community != "" && k.Place.Community == place.Community && k.Matter == matter
		if same < sameWords && !close && !neighbour {
			continue
		}
		score := same
		if close {
			score += 0.5 - metres/(4*nearMetres)
		}
		if neighbour {
			score += 0.2
		}
		n := nearLine{Number: k.Number, Href: "/desk/cases/" + k.Number, Title: k.Title, Same: int(math.Round(same * 100))}
		if same < sameWords {
			n.Same = 0
		}
		_, state := f.state(k)
		if metres >= 0 && metres < 5000 {
			n.Note = words.Distance(f.Lang, metres) + f.T("word.separator")
		} else if p := f.place(k.Place); p != "" {
			n.Note = p + f.T("word.separator")
		}
		n.Note += f.Moment(time.UnixMicro(k.Created)) + f.T("word.separator") + state
		found = append(found, scored{n, score})
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	out := make([]nearLine, min(nearMost, len(found)))
	for i := range out {
		out[i] = found[i].nearLine
	}
	return out, nil
}

// distance is metres between two places, -1 when one of them is not located.
func distance(a, b cases.Place) float64 {
	if !a.Located || !b.Located {
		return -1
	}
	const degree = 111_320 // metres of one degree of latitude
	x := (a.Lon - b.Lon) * degree * math.Cos(a.Lat*math.Pi/180)
	y := (a.Lat - b.Lat) * degree
	return math.Hypot(x, y)
}
