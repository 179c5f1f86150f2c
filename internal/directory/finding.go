package directory

import (
	"fmt"
	"math"

	"weixiao/internal/geo"
	"weixiao/internal/words"
)

// FindingText says what is wrong with a file of polygons, where, and what to do about it.
func FindingText(lang words.Lang, f geo.Finding) string {
	key := "layers.finding." + f.Kind
	if f.Kind == geo.FindElsewhere && f.Other == "" {
		key += "_none" // in no area of the layer above
	}
	text := words.T(lang, key, findingArgs(lang, f))
	if f.Index == 0 && f.Code == "" {
		return text
	}
	code := ""
	if f.Code != "" {
		code = words.T(lang, "layers.finding.code", f.Code)
	}
	if f.Index == 0 {
		return f.Name + code + words.T(lang, "word.colon") + text
	}
	return words.T(lang, "layers.finding.feature", words.Args{"index": f.Index, "name": f.Name, "code": code, "text": text})
}

func findingArgs(lang words.Lang, f geo.Finding) words.Args {
	args := words.Args{"n": f.N, "word": f.Word, "other": f.Other, "other_name": f.OtherName, "metres": metres(f.Size), "area": squareMetres(f.Size)}
	switch f.Kind {
	case geo.FindUnreadable:
		args["word"] = words.T(lang, "layers.fault."+f.Word)
	case geo.FindMalformed:
		args["digits"] = words.T(lang, "layers.finding.code_plain")
		if f.N > 0 {
			args["digits"] = words.T(lang, "layers.finding.code_digits", f.N)
		}
	case geo.FindGap:
		args["beside"] = words.T(lang, "layers.finding.gap_none")
		if f.Other != "" {
			args["beside"] = words.T(lang, "layers.finding.gap_beside", f.OtherName+words.T(lang, "layers.finding.code", f.Other))
		}
	case geo.FindOutside:
		args["where"] = ""
		if f.Other != "" {
			args["where"] = words.T(lang, "layers.finding.outside_where", f.OtherName+words.T(lang, "layers.finding.code", f.Other))
		}
	case geo.FindMore:
		args["kind"] = words.T(lang, "layers.short."+f.Word)
	}
	if f.Way != "" {
		args["way"] = words.T(lang, "layers.way."+f.Way)
	}
	return args
}

// metres and squareMetres are written as people measure: no finer than they can.
func metres(m float64) string {
	switch {
	case m >= 10_000:
		return fmt.Sprintf("%.1f km", m/1000)
	case m >= 10:
		return fmt.Sprintf("%.0f m", m)
	}
	return fmt.Sprintf("%.2f m", m)
}

func squareMetres(m float64) string {
	if m >= 100_000 {
		return fmt.Sprintf("%.2f km²", m/1e6)
	}
	return fmt.Sprintf("%.0f m²", math.Max(1, m))
}
