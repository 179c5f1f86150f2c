// Package ui draws the components every page is made of: shells, badges, forms,
// timelines, figures, charts. It knows no domain package: pages turn their
// records into the plain structs declared here, and nothing here reads a clock
// or a database.
//
//	ui.go          Page: language, size, title, user; T
//	shell.templ    Citizen, Desk, Wall: the whole document around a page
//	icon.go        Icon: line icons by name
//	badge.templ    Status, Due, Tag, Button, Keycap, Avatar
//	form.go        FormView: a form.Form with its values and faults
//	fault.go       FaultText: what to do about a fault; Said: a checked answer in words
//	form.templ     Form, Fields, Question, FaultSummary
//	media.templ    Photos, Place, Map, BeforeAfter
//	record.templ   CheckAnswers, Timeline, Log, ClocksCard, Flow, HeroCard, SimilarCard
//	list.templ     Views, ListBar, Inbox, Hints, Pages, Empty, TaskCard, Links, LiveBox
//	figure.templ   Figures, Bars, Ranks, Feed, Alerts, Parts, Panel, Layers, Callout, Ramp
//	chart.go       geometry of the SVG charts; chart.templ draws them
//	*_templ.go     made from *.templ: go run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path internal/web/ui
//
// A page is a templ component inside a shell:
//
//	@ui.Citizen(p, ui.StepFoot(p, ui.Foot{Label: "…", Form: "report"})) { … }
//
// Package gallery beside this one shows every component on sample pages.
//
// Every form works without scripts: action, method, 303 or the page again with
// its faults. Islands add to it through data attributes, described in
// assets/islands. Addresses are drawn with templ.URL, which refuses javascript:
// (templ.SafeURL is a conversion and checks nothing). The pages need no nonce:
// nothing is inline.
package ui

import (
	"net/url"
	"strings"
	"time"

	"weixiao/internal/words"
)

// Page is what every component needs to know about the page it is on.
type Page struct {
	Lang   words.Lang
	Elder  bool   // 大字版: one class on <html>
	Title  string // of this page, without the name of the site
	Faulty bool   // the page shows faults: its title starts with 出错
	Path   string // path and query of this page as GET, for the switches
	Brand  Brand
	Phone  string // hotline, "12345"; "" shows no call link
	User   User
	Nav    []Nav  // desk: top bar
	More   []Nav  // desk: what the bar has no room for, behind a button; phones get all of it there
	Tabs   []Nav  // bottom tabs on phones: desk and field
	Search string // desk: address of the search form (GET, q); "" hides it
	Now    time.Time

	// Scripts are the islands beyond page.js: "htmx", "desk", "live", "map", "layers".
	Scripts []string
	// Said is the outcome of the last action ("已签收"), shown and announced.
	Said string
	// Wide lets a citizen page use a desktop screen (lists, open data).
	Wide bool
	// Field marks the pages of field workers: grey ground, no language switch.
	Field bool
}

// Brand names the site and who runs it.
type Brand struct {
	Name  string // 接诉即办
	Owner string // 云溪区人民政府
	Short string // 云溪区接诉即办, for the desk
	Home  string // address behind the mark
}

// User is the one signed in; an empty Name is nobody.
type User struct {
	Name string
	Post string // 东湖街道
	Home string // address of the account page
}

// Nav is one entry of a bar, a list of views or the bottom tabs.
type Nav struct {
	Label string
	Icon  string
	Href  string
	Count int  // shown when not 0
	On    bool // the page we are on
	Tone  string
	Head  string // list of views: a heading before this entry
}

// T is the message of that key in the language of the page.
func (p Page) T(key string, args ...any) string { return words.T(p.Lang, key, args...) }

// Moment is a point in time as people say it, seen from Now.
func (p Page) Moment(t time.Time) string { return words.Moment(p.Lang, p.Now, t) }

// Due makes the deadline chip of a clock; see words.Deadline.
func (p Page) Due(due, started time.Time, paused bool, met *time.Time) Due {
	level, text, exact := words.Deadline(p.Lang, p.Now, due, started, paused, met)
	return Due{Level: string(level), Text: text, Exact: exact}
}

// title is the text of <title>: the page, then the site.
func (p Page) title() string {
	t := p.Title
	if p.Faulty {
		t = p.T("shell.error.title", t)
	}
	site := p.Brand.Name
	if site == "" || site == t {
		return t
	}
	if t == "" {
		return site
	}
	return p.T("shell.title", t, site)
}

// class is the class list of <html> on a surface.
func (p Page) class(surface string) string {
	c := []string{surface}
	if p.Elder && surface == "cz" {
		c = append(c, "elder")
	}
	if p.Wide {
		c = append(c, "wide")
	}
	if p.Field {
		c = append(c, "field")
	}
	return strings.Join(c, " ")
}

// switchLang and switchElder are the addresses of the header switches: this page
// with one parameter set. The door remembers the choice in a cookie.
func (p Page) switchLang() string {
	return p.with("lang", string(p.Lang.Other()))
}

func (p Page) switchElder() string {
	if p.Elder {
		return p.with("elder", "0")
	}
	return p.with("elder", "1")
}

func (p Page) with(name, value string) string {
	u, err := url.Parse(p.Path)
	if err != nil || u.IsAbs() || u.Host != "" {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set(name, value)
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// initial is the character in a round avatar; tint picks its colour, the same for
// the same name.
func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return ""
}

func tint(name string) string {
	sum := uint32(2166136261)
	for _, r := range name {
		sum = (sum ^ uint32(r)) * 16777619
	}
	return "h" + string(rune('0'+(sum>>8)%6))
}

// shortcut writes a key cap the way aria-keyshortcuts wants it: Control+Enter.
func shortcut(key string) string {
	return strings.ReplaceAll(strings.Replace(key, "Ctrl", "Control", 1), " ", "+")
}
