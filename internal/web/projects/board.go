package projects

import (
	"fmt"
	"net/http"

	"weixiao/internal/projects"
	"weixiao/internal/web/staff"
	"weixiao/internal/web/ui"
)

// cardsPer is how many cards of a stage the board shows; the rest is a page away.
const cardsPer = 8

type column struct {
	Name   string
	Href   string
	N      int64
	Amount string
	Cards  []card
	More   string
}

type card struct {
	ID, Href, Name, Note, Light, Tone string
	Waits                             bool
}

// tone of a light for a tag: colour never says it alone, the words do.
var tones = map[string]string{"red": "bad", "yellow": "warn", "green": "good"}

func (p *Pages) board(w http.ResponseWriter, f *staff.Frame) error {
	list, err := p.s.Board(f.R.Context(), f.Scope, cardsPer)
	if err != nil {
		return err
	}
	var out []column
	for _, c := range list {
		col := column{Name: f.T("state.project." + c.Stage), Href: listPath + "?view=" + c.Stage, N: c.N, Amount: f.Money(c.Amount)}
		for _, x := range c.Cards {
			col.Cards = append(col.Cards, p.card(f, x))
		}
		if int64(len(c.Cards)) < c.N {
			col.More = f.T("projects.more", c.N-int64(len(c.Cards)))
		}
		out = append(out, col)
	}
	buttons := []ui.Button{{Label: f.T("projects.figures"), Href: figuresPath}, {Label: f.T("projects.list"), Href: listPath}, {Label: f.T("projects.money"), Href: moneyPath}, {Label: f.T("projects.problems"), Href: problemPath}}
	if f.Is(staff.Roles(&projects.Table, "enter")...) {
		buttons = append(buttons, ui.Button{Label: f.T("action.project.enter"), Icon: "plus", Look: "p", Href: listPath + "/new/enter"})
	}
	return f.Render(w, http.StatusOK, boardPage(f, out, buttons))
}

func (p *Pages) card(f *staff.Frame, x *projects.Line) card {
	return card{ID: x.ID, Href: listPath + "/r/" + x.ID, Name: x.Name, Note: fmt.Sprintf("%s · %s", f.Money(x.Investment), f.Unit(x.Unit)), Light: p.lightWord(f, x.Light), Tone: tones[x.Light], Waits: x.Proposal != nil}
}
