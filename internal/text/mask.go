package text

import (
	"strings"
	"unicode/utf8"
)

// MaskName shows a person's name as its first character: 张三 is 张*, 欧阳小明 is 欧**, so that no more than the surname and never the
// length of a long name is told. A name of one character is shown as *.
func MaskName(name string) string {
	name = strings.TrimSpace(name)
	first, size := utf8.DecodeRuneInString(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return ""
	case n == 1:
		return "*"
	case n == 2:
		return string(first) + "*"
	default:
		return name[:size] + "**"
	}
}

// MaskPhone shows a telephone number: 13812341234 is 138****1234, 0439-3721234 is 0439-***1234. A mobile number loses its blanks,
// dashes and +86. Anything that is neither shows its last two characters at most.
func MaskPhone(phone string) string {
	phone = strings.TrimSpace(phone)
	if phone == "" {
		return ""
	}
	t := fold(phone)
	i := 0
	if t.at(0) == '+' {
		i = 1
	}
	if i < len(t.r) {
		if m, ok := t.mobile(i); ok && m.end == len(t.r) {
			return m.mask
		}
		if m, ok := t.landline(i); ok && m.end == len(t.r) {
			return string(t.r[:m.start]) + m.mask
		}
	}
	return maskTail(t.r, 2)
}

// MaskID shows an identity number: 220605199001011234 is 220605********1234, the old 15 places keep six and four too. Other documents
// (passports, permits) show their last two characters at most.
func MaskID(id string) string {
	id = strings.TrimSpace(id)
	t := fold(id)
	switch n := len(t.r); {
	case n == 18 && t.digits(0, 18) >= 17, n == 15 && t.digits(0, 15) == 15:
		return maskID(string(t.r))
	case n == 0:
		return ""
	}
	return maskTail(t.r, 2)
}

func maskID(id string) string {
	return id[:6] + strings.Repeat("*", len(id)-10) + id[len(id)-4:]
}

// maskTail keeps the last keep characters of a text of at least three times as many, and nothing of a shorter one.
func maskTail(r []rune, keep int) string {
	if len(r) < 3*keep {
		return "***"
	}
	return "***" + string(r[len(r)-keep:])
}

// placeWords end the part of an address that many people share.
var placeWords = []string{"街道", "社区", "小区", "家园", "花园", "省", "市", "区", "县", "旗", "镇", "乡", "村", "屯", "路", "街", "巷", "苑", "园", "城", "里"}

// MaskAddress shows a home address down to the last place that many people share, then ***: …江南社区金源小区3号楼2单元501室 is
// …江南社区金源小区***. It cuts before the first house number; without one, after the last word for a place; without that, at two characters.
func MaskAddress(address string) string {
	address = strings.TrimSpace(address)
	if address == "" {
		return ""
	}
	t := fold(address)
	cut, shared := len(t.r), 0
	for i := range t.r {
		if isDigit(t.r[i]) || t.r[i] == '*' || t.houseNumber(i) {
			cut = i
			break
		}
		if n := t.hasAny(i, placeWords); n > 0 {
			shared = i + n
		}
	}
	if cut == len(t.r) {
		if cut = shared; cut == 0 {
			cut = min(2, len(t.r)/2)
		}
	}
	return address[:t.off[cut]] + "***"
}

// houseNumber: Chinese numerals and a word that a house, unit or group of a village has.
func (t folded) houseNumber(i int) bool {
	n := 0
	for r := t.at(i); isHanDigit(r) || r == '十' || r == '百'; r = t.at(i + n) {
		n++
	}
	return n > 0 && t.hasAny(i+n, houseWords) > 0
}

var houseWords = []string{"号", "栋", "幢", "座", "单元", "组", "社", "室"}
