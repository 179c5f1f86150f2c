package words

import (
	"strconv"
	"strings"
)

// Match chooses the language of a request: an explicit choice in the address
// (?lang=en) wins over the remembered one (cookie), that over what the browser
// asks for. Anything not understood is passed over; the default is Chinese.
func Match(acceptLanguage, cookie, query string) Lang {
	for _, s := range []string{query, cookie} {
		if l, ok := tag(s); ok {
			return l
		}
	}
	best, bestQ := ZH, 0.0
	for _, part := range strings.Split(acceptLanguage, ",") {
		name, params, _ := strings.Cut(part, ";")
		l, ok := tag(name)
		if !ok {
			continue
		}
		q := 1.0
		if v, found := strings.CutPrefix(strings.TrimSpace(params), "q="); found {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil || f < 0 || f > 1 {
				continue
			}
			q = f
		}
		if q > bestQ {
			best, bestQ = l, q
		}
	}
	return best
}

// tag maps a language tag to one of ours by its primary part.
func tag(s string) (Lang, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "-")
	switch primary {
	case "zh":
		return ZH, true
	case "en":
		return EN, true
	}
	return "", false
}
