package ui

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/a-h/templ"
)

// icons are 24 x 24 line drawings; the style (1.8 px, round, current colour) is
// in ui.css. They are written into the page where they are used: no request, no
// sprite to wait for, and repeated ones cost next to nothing after compression.
var icons = map[string]string{
	"alarm":    `<path d="M12 3.5 21.5 20h-19z"/><path d="M12 10v4.5M12 17.2v.1"/>`,
	"bell":     `<path d="M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4"/>`,
	"book":     `<path d="M5 4.5h6a2 2 0 0 1 2 2V20a2 2 0 0 0-2-2H5zM19.5 4.5H15a2 2 0 0 0-2 2V20a2 2 0 0 1 2-2h4.5z"/>`,
	"calendar": `<rect x="4" y="5.5" width="16" height="15" rx="2"/><path d="M4 10h16M8.5 3.5v4M15.5 3.5v4"/>`,
	"cam":      `<path d="M4 8h3.2l1.6-2.5h6.4L16.8 8H20a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z"/><circle cx="12" cy="13" r="3.4"/>`,
	"chart":    `<path d="M4 20V4M4 20h16M8.5 16v-4M13 16V8M17.5 16v-6"/>`,
	"chat":     `<path d="M4 5h16v11.5H12L7 20.5v-4H4z"/>`,
	"check":    `<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
	"clock":    `<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.2 2"/>`,
	"cloudoff": `<path d="M7 18.5a4 4 0 0 1-.6-7.95A6 6 0 0 1 8 8.2M11 6.6a6 6 0 0 1 6.6 4.2A3.9 3.9 0 0 1 19.6 17M3.5 3.5l17 17"/>`,
	"down":     `<path d="M12 5v14M6 13l6 6 6-6"/>`,
	"download": `<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14"/>`,
	"eye":      `<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>`,
	"file":     `<path d="M6.5 3.5h7l4 4V20a.5.5 0 0 1-.5.5H6.5A.5.5 0 0 1 6 20V4a.5.5 0 0 1 .5-.5z"/><path d="M13.5 3.5V8h4"/>`,
	"filter":   `<path d="M4 5h16l-6.2 7.5V19l-3.6-2v-4.5z"/>`,
	"fire":     `<path d="M12 3.5c1 3-3.5 5-3.5 9 0-1.5-.8-2.3-1.5-2.5-.9 1.3-1.5 2.7-1.5 4.3a6.5 6.5 0 0 0 13 0c0-4.3-3.5-6.3-6.5-10.8z"/>`,
	"flag":     `<path d="M5.5 21V4M5.5 4.5h12l-2.5 4 2.5 4h-12"/>`,
	"gear":     `<circle cx="12" cy="12" r="3"/><path d="M12 3.5v2.5M12 18v2.5M3.5 12H6M18 12h2.5M6 6l1.8 1.8M16.2 16.2 18 18M18 6l-1.8 1.8M7.8 16.2 6 18"/>`,
	"home":     `<path d="m4 11 8-7 8 7M6 9.5V20h12V9.5"/><path d="M10 20v-5.5h4V20"/>`,
	"inbox":    `<path d="M4 13.5 6.5 5h11L20 13.5V19H4z"/><path d="M4 13.5h4.5l1.5 2.5h4l1.5-2.5H20"/>`,
	"info":     `<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8v.1"/>`,
	"keyboard": `<rect x="3" y="6" width="18" height="12" rx="2"/><path d="M7 10h.1M11 10h.1M15 10h.1M18 10h.1M7.5 14.5h9"/>`,
	"left":     `<path d="m15 5-7 7 7 7"/>`,
	"link":     `<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3L12 6.3M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"/>`,
	"list":     `<path d="M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.1M4 12h.1M4 18h.1"/>`,
	"lock":     `<rect x="5" y="10.5" width="14" height="9.5" rx="2"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>`,
	"map":      `<path d="m3.5 6.5 5.5-2 6 2 5.5-2v13l-5.5 2-6-2-5.5 2zM9 4.5v13M15 6.5v13"/>`,
	"mic":      `<rect x="9" y="3.5" width="6" height="11" rx="3"/><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"/>`,
	"out":      `<path d="M10 4H5.5a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1H10M15 8l4 4-4 4M19 12H9.5"/>`,
	"pause":    `<path d="M9 6v12M15 6v12"/>`,
	"phone":    `<path d="M6.5 3.5h3l1.3 4-2 1.5a12 12 0 0 0 6 6l1.5-2 4 1.3v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"/>`,
	"pin":      `<path d="M12 21s-6.5-6.1-6.5-11a6.5 6.5 0 0 1 13 0c0 4.9-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.3"/>`,
	"plus":     `<path d="M12 5v14M5 12h14"/>`,
	"print":    `<path d="M7 9V4h10v5M7 17H4.5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1h15a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H17M7 14h10v6H7z"/>`,
	"right":    `<path d="m9 5 7 7-7 7"/>`,
	"search":   `<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>`,
	"send":     `<path d="M20.5 3.5 10 14M20.5 3.5 14 20.5 10 14 3.5 10z"/>`,
	"star":     `<path d="m12 4 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z"/>`,
	"swap":     `<path d="M4 8.5h14M14.5 5l3.5 3.5-3.5 3.5M20 15.5H6M9.5 12 6 15.5 9.5 19"/>`,
	"sync":     `<path d="M20 11a8 8 0 0 0-14.5-3.5L4 9.5M4 4.5v5h5M4 13a8 8 0 0 0 14.5 3.5l1.5-2M20 19.5v-5h-5"/>`,
	"undo":     `<path d="M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11"/>`,
	"up":       `<path d="M12 19V5M6 11l6-6 6 6"/>`,
	"user":     `<circle cx="12" cy="8" r="3.8"/><path d="M4.5 20c.8-3.9 3.8-6 7.5-6s6.7 2.1 7.5 6"/>`,
	"users":    `<circle cx="9" cy="8.5" r="3.2"/><path d="M3 19c.6-3.2 3-5 6-5s5.4 1.8 6 5M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17.5 14.3c2 .6 3.2 2.2 3.6 4.7"/>`,
	"walk":     `<circle cx="13" cy="4.8" r="1.6"/><path d="m9 21 2.5-6.5L9 12l1.5-4L13.5 9l2 2.5 2.5.5M10.5 8 7.5 9.5 7 12.5M11.5 14.5l3 2 1 4.5"/>`,
	"whistle":  `<circle cx="9" cy="14" r="5.5"/><path d="M9 8.5h11.5v4h-6.3M9 14h.1M14 4.5V6M17.5 4 17 5.5"/>`,
	"x":        `<path d="m6 6 12 12M18 6 6 18"/>`,
}

// Icon draws the icon of that name, hidden from screen readers: the words beside
// it, or the accessible name of the link around it, say what it means. An unknown
// name is a mistake of the program and fails the page.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		body, ok := icons[name]
		if !ok {
			return fmt.Errorf("ui: no icon %q", name)
		}
		_, err := io.WriteString(w, `<svg class="i" viewBox="0 0 24 24" aria-hidden="true">`+body+`</svg>`)
		return err
	})
}

// Symbol is the icon as <symbol id="i-name">, for pages that scripts draw.
func Symbol(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		body, ok := icons[name]
		if !ok {
			return fmt.Errorf("ui: no icon %q", name)
		}
		_, err := io.WriteString(w, `<symbol id="i-`+name+`" viewBox="0 0 24 24">`+body+`</symbol>`)
		return err
	})
}

// Icons are the names of all icons, sorted.
func Icons() []string { return slices.Sorted(maps.Keys(icons)) }

// HasIcon reports whether an icon of that name exists.
func HasIcon(name string) bool { _, ok := icons[name]; return ok }
