package desk

import (
	"strconv"
	"strings"

	"weixiao/internal/cases"
)

func parseCursor(s string) cases.Cursor {
	due, number, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(due, 10, 64)
	if !ok || err != nil || len(number) > 40 {
		return cases.Cursor{}
	}
	return cases.Cursor{Due: n, Number: number}
}

// cursorText is the cursor as an address has it; "" at the beginning of a list.
func cursorText(c cases.Cursor) string {
	if c == (cases.Cursor{}) {
		return ""
	}
	return strconv.FormatInt(c.Due, 10) + "." + c.Number
}
