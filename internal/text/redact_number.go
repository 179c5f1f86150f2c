package text

import "strings"

// number tries all rules for plain numbers on a run of digits that begins at rune i (or on a bracket that opens an area code).
func (t folded) number(i int) (match, bool) {
	if t.r[i] == '(' {
		return t.landline(i)
	}
	if isDigit(t.at(i-1)) || t.coordinate(i) {
		return match{}, false
	}
	if m, ok := t.identity(i); ok {
		return m, true
	}
	if m, ok := t.mobile(i); ok {
		return m, true
	}
	if m, ok := t.landline(i); ok {
		return m, true
	}
	return t.card(i)
}

// coordinate reports whether the digits at rune i are the fraction of a degree (126.58763812345) or of a number below one. A list's
// numbering (1.13812341234) is not meant.
func (t folded) coordinate(i int) bool {
	if t.at(i-1) != '.' {
		return false
	}
	k, whole := i-2, 0
	for ten := 1; isDigit(t.at(k)) && ten <= 1000; ten *= 10 {
		whole += ten * int(t.at(k)-'0')
		k--
	}
	return k < i-2 && (whole == 0 || whole >= 18 && whole <= 180)
}

// ends reports whether a number may end before rune j.
func (t folded) ends(j int) bool { return !isDigit(t.at(j)) }

// group collects digits from rune i on whose runs have the lengths of one of the shapes, with one blank, dash or zero-width character
// between the runs. It returns the digits and the rune behind them.
func (t folded) group(i int, shapes [][]int) (digits string, end int, ok bool) {
	for _, shape := range shapes {
		var b strings.Builder
		j := i
		for k, n := range shape {
			if k > 0 {
				if !isSeparator(t.at(j)) {
					break
				}
				j++
			}
			if t.digits(j, n) < n {
				break
			}
			b.WriteString(t.str(j, j+n))
			j += n
			if k == len(shape)-1 {
				return b.String(), j, true
			}
		}
	}
	return "", 0, false
}

func isSeparator(r rune) bool {
	return r == ' ' || r == '-' || 0x200B <= r && r <= 0x200D || r == 0x2060
}

var mobileShapes = [][]int{{11}, {3, 4, 4}, {3, 8}, {7, 4}}

// mobile: 1[3-9] and nine digits, alone or 3-4-4, with or without +86, 0086, 86 or the 0 of trunk calls before it.
func (t folded) mobile(i int) (match, bool) {
	start := i
	switch {
	case t.has(i, "0086"):
		start += 4
	case t.has(i, "86"):
		start += 2
	case t.has(i, "01"):
		start++
	}
	if start > i+1 && isSeparator(t.at(start)) {
		start++
	}
	digits, end, ok := t.group(start, mobileShapes)
	if !ok || digits[0] != '1' || digits[1] < '3' || !t.ends(end) || t.idLike(i, end) || t.money(i, end) {
		return match{}, false
	}
	return match{KindMobile, start, end, maskMobile(digits)}, true
}

func maskMobile(digits string) string { return digits[:3] + "****" + digits[7:] }

// money: a currency sign before, or a unit of money behind.
func (t folded) money(i, end int) bool {
	switch t.at(i - 1) {
	case '¥', '$', '￥':
		return true
	}
	if f := t.digits(end+1, 3); t.at(end) == '.' && f > 0 && f < 3 {
		end += 1 + f
	}
	next := t.at(end)
	return next == '元' && t.at(end+1) != '旦' || next == '万' || next == '亿'
}

// idLike reports whether runes i to j are part of a longer identifier, such as cc-1a2b3c-12-89abcdef or a UUID, rather than a number
// with letters before it (tel13812341234) or a room and a phone (3A-13812341234).
func (t folded) idLike(i, j int) bool {
	letters, digits, dashes := 0, 0, 0
	count := func(r rune) bool {
		switch {
		case isLetter(r):
			letters++
		case isDigit(r):
			digits++
		case r == '-' || r == '_':
			dashes++
		default:
			return false
		}
		return true
	}
	const reach = 64 // identifiers are shorter, and a long word must not be read again for each number in it
	for k := i - 1; k >= i-reach && count(t.at(k)); k-- {
	}
	for k := j; k < j+reach && count(t.at(k)); k++ {
	}
	touchesLetter := isLetter(t.at(i-1)) || isLetter(t.at(j))
	return letters > 0 && digits > 0 && (touchesLetter || dashes >= 2)
}

// joined reports whether a letter or underscore touches the number: then it is a part of a word, not a number.
func (t folded) joined(i, j int) bool {
	a, b := t.at(i-1), t.at(j)
	return isLetter(a) || isLetter(b) || a == '_' || b == '_'
}

// landline: an area code (010, 02x, 03xx to 09xx) and a local number, or a local number after the word 电话. The area code stays.
func (t folded) landline(i int) (match, bool) {
	j, bracket := i, false
	if t.r[i] == '(' {
		j, bracket = i+1, true
	}
	area := t.areaCode(j)
	if area == 0 {
		return t.localNumber(i)
	}
	j += area
	if bracket {
		if t.at(j) != ')' {
			return match{}, false
		}
		j++
	}
	for range 3 { // "0439 - 3721234" and "(0439) 3721234" are written too
		if isSeparator(t.at(j)) {
			j++
		}
	}
	start := j
	digits, end, ok := t.group(start, [][]int{{8}, {4, 4}, {7}, {3, 4}})
	if !ok || area == 3 && len(digits) != 8 || digits[0] < '2' || !t.ends(end) || t.joined(i, end) || t.idLike(i, end) {
		return match{}, false
	}
	return match{KindLandline, start, end, maskLocal(digits)}, true
}

// areaCode is the length of an area code at rune i, 0 if there is none.
func (t folded) areaCode(i int) int {
	if t.at(i) != '0' {
		return 0
	}
	switch b := t.at(i + 1); {
	case b == '1' && t.at(i+2) == '0', b == '2' && isDigit(t.at(i+2)):
		return 3
	case '3' <= b && b <= '9' && t.digits(i+2, 2) == 2:
		return 4
	}
	return 0
}

func maskLocal(digits string) string {
	return strings.Repeat("*", len(digits)-4) + digits[len(digits)-4:]
}

var phoneWords = []string{"联系方式", "电话", "座机", "固话", "家电"}

// localNumber: seven or eight digits that stand behind a word for telephone. Dates written in eight digits are left alone.
func (t folded) localNumber(i int) (match, bool) {
	digits, end, ok := t.group(i, [][]int{{8}, {4, 4}, {7}, {3, 4}})
	if !ok || digits[0] < '2' || !t.ends(end) || t.joined(i, end) || plausibleDate(digits) {
		return match{}, false
	}
	k := i
	for n := 0; n < 3 && strings.ContainsRune(" :号码是为", t.at(k-1)) && k > 0; n++ {
		k--
	}
	for _, w := range phoneWords {
		n := len([]rune(w))
		if k >= n && t.has(k-n, w) {
			return match{KindLandline, i, end, maskLocal(digits)}, true
		}
	}
	return match{}, false
}

// identityShapes hold the 17 digits before the check character; it follows without a separator or is in a group of its own.
var identityShapes = [][]int{{17}, {6, 8, 3}, {6, 4, 4, 3}, {3, 3, 4, 4, 3}, {4, 4, 4, 4, 1}}

// identity: 18 places with the check character of GB 11643, or the old 15 digits when region and birth date are possible. Those ended
// in 1999; births before 1920 are not believed because they are written like a unit grid's code (220605001001007).
func (t folded) identity(i int) (match, bool) {
	if digits, end, ok := t.group(i, identityShapes); ok {
		check := t.at(end)
		if check == 'X' {
			check = 'x'
		}
		if end++; t.ends(end) && !t.joined(i, end) && identityCheck(digits) == check && knownProvince(digits) {
			return match{KindID, i, end, maskID(digits + strings.ToUpper(string(check)))}, true
		}
	}
	if n := t.digits(i, 16); n == 15 && t.ends(i+15) && !t.joined(i, i+15) {
		if digits := t.str(i, i+15); knownProvince(digits) && digits[6] >= '2' && plausibleDate("19"+digits[6:12]) {
			return match{KindID, i, i + 15, maskID(digits)}, true
		}
	}
	return match{}, false
}

// identityCheck computes the check character over 17 digits (ISO 7064 MOD 11-2, GB 11643-1999), x in lower case.
func identityCheck(digits17 string) rune {
	sum := 0
	for i := range 17 {
		weight := 1 << (17 - i) % 11
		sum += int(digits17[i]-'0') * weight
	}
	return rune("10x98765432"[sum%11])
}

// knownProvince checks the first two digits against the province codes of GB/T 2260.
func knownProvince(digits string) bool {
	switch p := digits[:2]; p[0] {
	case '1':
		return p <= "15" && p >= "11"
	case '2':
		return p <= "23" && p >= "21"
	case '3':
		return p <= "37" && p >= "31"
	case '4':
		return p <= "46" && p >= "41"
	case '5':
		return p <= "54" && p >= "50"
	case '6':
		return p <= "65" && p >= "61"
	case '7', '8':
		return p == "71" || p == "81" || p == "82" || p == "83"
	}
	return false
}

// plausibleDate reports whether digits read yyyymmdd from 1900 to 2099.
func plausibleDate(digits string) bool {
	if len(digits) != 8 {
		return false
	}
	n := func(i, j int) int {
		v := 0
		for _, c := range digits[i:j] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	y, m, d := n(0, 4), n(4, 6), n(6, 8)
	if y < 1900 || y > 2099 || m < 1 || m > 12 || d < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m-1]
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		days = 29
	}
	return d <= days
}

var cardShapes = [][]int{
	{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4, 1}, {4, 4, 4, 4}, {6, 13}, {6, 12}, {6, 10}, {19}, {18}, {17}, {16},
}

// card: 16 to 19 digits that pass the Luhn check. Numbers from 0, 1 or 2 on are not cards but dates, times and counters.
func (t folded) card(i int) (match, bool) {
	for k := range cardShapes {
		digits, end, ok := t.group(i, cardShapes[k:k+1])
		if ok && digits[0] >= '3' && t.ends(end) && !t.joined(i, end) && !t.idLike(i, end) && luhn(digits) {
			return match{KindCard, i, end, digits[:4] + "****" + digits[len(digits)-4:]}, true
		}
	}
	return match{}, false
}

// luhn is the check of ISO/IEC 7812-1.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
