package text

import (
	"strings"
	"unicode/utf8"
)

func isEmailRune(r rune) bool {
	return isAlnum(r) || r == '.' || r == '_' || r == '%' || r == '+' || r == '-'
}

// email begins at rune i with its local part; the first character and the domain stay.
func (t folded) email(i int) (match, bool) {
	j := i
	for isEmailRune(t.at(j)) {
		j++
	}
	if t.at(j) != '@' {
		return match{}, false
	}
	end, dots := j+1, 0
	for isAlnum(t.at(end)) || (t.at(end) == '.' || t.at(end) == '-') && isAlnum(t.at(end+1)) {
		if t.at(end) == '.' {
			dots++
		}
		end++
	}
	if dots == 0 || !isAlnum(t.at(j+1)) {
		return match{}, false
	}
	return match{KindEmail, i + 1, j, "***"}, true
}

const plateProvinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

// plate: province and letter, then five characters (six for new-energy vehicles) without I and O, among them at least two digits; the
// last may be one of 挂学警港澳 (GA 36). The province and letter stay.
func (t folded) plate(i int) (match, bool) {
	if t.r[i] < 0x80 || !strings.ContainsRune(plateProvinces, t.r[i]) || !isLetter(t.at(i+1)) {
		return match{}, false
	}
	j := i + 2
	if t.at(j) == '·' || t.at(j) == ' ' || t.at(j) == '-' || t.at(j) == '.' {
		j++
	}
	end, digits := j, 0
	for ; isAlnum(t.at(end)) && end-j < 7; end++ {
		switch r := t.at(end); {
		case isDigit(r):
			digits++
		case strings.ContainsRune("IOio", r):
			return match{}, false
		}
	}
	if r := t.at(end); end-j == 4 && r > 0x80 && strings.ContainsRune("挂学警港澳", r) {
		end++
	}
	if n := end - j; n != 5 && n != 6 || digits < 2 || isAlnum(t.at(end)) {
		return match{}, false
	}
	return match{KindPlate, j, end, strings.Repeat("*", end-j)}, true
}

var (
	wechatWords = []string{"微信", "薇信", "威信", "v信", "wechat", "weixin", "vx", "wx"}
	qqWords     = []string{"qq", "扣扣", "企鹅号"}
	linkWords   = []string{"号码是", "号码为", "号码", "帐号", "账号", "同号", "群号", "号是", "号为", "号", "id", "群", "是", "为"}
	appWords    = []string{"wechat", "weixin", "wechatpay", "android", "iphone", "alipay", "miniprogram", "public", "group"}
)

// account: the id that follows 微信 or QQ. WeChat ids have 6 to 20 characters and begin with a letter, QQ numbers 5 to 11 digits.
func (t folded) account(i int) (match, bool) {
	n := t.hasAny(i, wechatWords)
	qq := false
	if n == 0 {
		n, qq = t.hasAny(i, qqWords), true
	}
	if n == 0 || isLetter(t.r[i]) && isAlnum(t.at(i-1)) {
		return match{}, false
	}
	j, linked := i+n, false
	if k := t.hasAny(j, linkWords); k > 0 {
		j, linked = j+k, true
	}
	for range 3 {
		if r := t.at(j); r == ':' || r == ' ' || r == '=' {
			j, linked = j+1, linked || r != ' '
		}
	}
	if m, ok := t.mobile(min(j, len(t.r))); ok {
		return m, true // a mobile number serves as id; its mask says more
	}
	end := j
	for end-j <= 20 && (isAlnum(t.at(end)) || t.at(end) == '_' || t.at(end) == '-') {
		end++
	}
	id := strings.ToLower(t.str(j, end))
	if !accountID(id, qq, linked) || t.at(end) == '@' || t.at(end) == '.' && isAlnum(t.at(end+1)) {
		return match{}, false
	}
	if next := t.at(end); !linked && (next == '元' || next == '年' || next == '月' || plausibleDate(id)) {
		return match{}, false
	}
	return match{KindAccount, j, end, "***"}, true
}

// accountID judges the characters behind the word; linked says that 号 or a colon stood between.
func accountID(id string, qq, linked bool) bool {
	letters := strings.IndexFunc(id, isLetter) >= 0
	switch n := utf8.RuneCountInString(id); {
	case n == 0 || n > 20:
		return false
	case !letters:
		least := 6
		if qq {
			least = 5
		}
		return n >= least && n <= 11 && id[0] != '0' && strings.IndexFunc(id, func(r rune) bool { return !isDigit(r) }) < 0
	case qq || n < 6 || !isLetter(rune(id[0])):
		return false
	case linked:
		return true
	}
	for _, w := range appWords {
		if id == w {
			return false
		}
	}
	return true
}
