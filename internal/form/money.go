package form

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

var moneyUnits = []struct {
	word string
	yuan int64
}{{"亿元", 1e8}, {"亿", 1e8}, {"万元", 1e4}, {"万", 1e4}, {"元", 1}}

// most is the greatest amount a form takes: 10^14 yuan, far inside int64 fen.
const mostFen = 1e16

// ParseMoney reads an amount as people write it, such as 3.25亿, 1,467 万元 or 12.50, in fen. It is exact: more decimals
// than the unit has fen are refused, and so are negative amounts.
func ParseMoney(s string) (fen int64, ok bool) {
	s = fold(s)
	yuan := int64(1)
	for _, u := range moneyUnits {
		if rest, found := strings.CutSuffix(s, u.word); found {
			s, yuan = rest, u.yuan
			break
		}
	}
	if s == "" || strings.Trim(s, "0123456789.") != "" || strings.Count(s, ".") > 1 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || len(s) > 24 {
		return 0, false
	}
	x, good := new(big.Rat).SetString(s)
	if !good {
		return 0, false
	}
	x.Mul(x, new(big.Rat).SetInt64(yuan*100))
	if !x.IsInt() || x.Num().Cmp(big.NewInt(mostFen)) > 0 {
		return 0, false
	}
	return x.Num().Int64(), true
}

// fold takes out blanks, thousands separators and the currency's sign, and makes full-width figures narrow.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == ',' || r == '，' || r == '¥' || r == '￥':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．':
			return '.'
		}
		return r
	}, s)
}

func (fd Field) likely(fen int64) bool {
	return (fd.Low == 0 || fen >= fd.Low || fen == 0) && (fd.High == 0 || fen <= fd.High)
}

func sure(s string) bool { return s == "true" || s == "yes" || s == "1" || s == "on" }

func (fd Field) decimal(s string) (any, Fault) {
	s = fold(s)
	whole, part, dot := strings.Cut(s, ".")
	if dot && (part == "" || len(part) > fd.Places) {
		return nil, Fault{Code: "decimal", N: fd.Places}
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", fd.Places-len(part)), 10, 64)
	if err != nil || n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
		return nil, Fault{Code: "decimal", N: fd.Places}
	}
	if n < int64(fd.Min) || fd.Max > 0 && n > int64(fd.Max) {
		scale := 1
		for range fd.Places {
			scale *= 10
		}
		return nil, Fault{Code: "range", N: fd.Min / scale, Of: fd.Max / scale}
	}
	return n, Fault{}
}

// FormatMoney writes an amount so that ParseMoney reads the same: 325000000.00 元 as 3.25亿.
func FormatMoney(fen int64) string {
	switch {
	case fen != 0 && fen%1e8 == 0 && fen >= 1e10: // whole 万 and at least a 亿
		return trimmed(fen, 1e10) + "亿"
	case fen != 0 && fen%1e4 == 0 && fen >= 1e6: // whole yuan hundreds and at least a 万
		return trimmed(fen, 1e6) + "万"
	}
	return trimmed(fen, 100)
}

func trimmed(n, unit int64) string {
	places := len(strconv.FormatInt(unit, 10)) - 1
	s := new(big.Rat).SetFrac64(n, unit).FloatString(places)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
