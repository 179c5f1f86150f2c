package text

import (
	"strings"
	"unicode"
)

const (
	hanDigits   = "零〇一二三四五六七八九"
	hanNumerals = hanDigits + "两十百甲乙丙丁东西南北中"
)

// isHanNumeral reports whether r can be a unit's or a room's number in Chinese characters (二单元, 五零一室, 东单元).
func isHanNumeral(r rune) bool { return r > 0x80 && strings.ContainsRune(hanNumerals, r) }

func isHanDigit(r rune) bool { return r > 0x80 && strings.ContainsRune(hanDigits, r) }

var (
	// buildingWords end the part of an address that stays. 号 alone is too common; roomBehindBuilding asks more of it.
	buildingWords = []string{"号楼", "栋楼", "栋", "幢", "座", "#楼", "#", "号院", "号"}
	unitWords     = []string{"号单元", "单元"}
	stairWords    = []string{"号门", "门", "梯"} // the same in some cities; only behind figures, for 东门 is a gate
	floorWords    = []string{"层", "楼"}
	roomWords     = []string{"号室", "号房", "房间", "室", "房", "号"}
	// countWords behind a figure say that it counts something: 9栋100户, 3栋2000平方米.
	countWords = []string{"户型", "户", "套", "平", "米", "年", "月", "日", "时", "点", "分", "元", "万", "多", "余", "人", "名", "个", "家", "间",
		"台", "辆", "吨", "块", "位", "天", "次", "层", "楼", "栋", "幢", "座", "度", "支", "条", "只", "件", "亩", "公", "厘", "倍", "%", "㎡", "m", "-", "~", ":"}
	// shopWords: a place of business is not a home.
	shopWords = []string{"门面", "门市", "商铺", "铺面", "店铺", "店", "铺"}
)

// homeEndings are the last characters of names of estates; 5-2-501 behind one is building, unit and room.
const homeEndings = "苑园区寓村里家庭城湾庄院府郡墅邸居舍期厦轩阁庐坊"

// numeral is the length of a number at rune i: up to limit digits, or Chinese numerals.
func (t folded) numeral(i, limit int) int {
	if n := t.digits(i, limit+1); n > 0 {
		if n > limit {
			return 0
		}
		return n
	}
	n := 0
	for n <= limit && isHanNumeral(t.at(i+n)) {
		n++
	}
	if n > limit {
		return 0
	}
	return n
}

// counted is numeral followed by one of words; it returns the length of both, 0 if they are not there.
func (t folded) counted(i, limit int, words []string) int {
	n := t.numeral(i, limit)
	if n == 0 && isLetter(t.at(i)) && !isAlnum(t.at(i+1)) {
		n = 1 // A单元
	}
	if n == 0 {
		return 0
	}
	if k := t.hasAny(i+n, words); k > 0 {
		return n + k
	}
	return 0
}

// roomBehindBuilding: rune i begins a word for a building that has a number before it (3号楼, A座); what follows down to the room is
// replaced by ***. A unit without a room stays: handlers must know where the lift is broken.
func (t folded) roomBehindBuilding(i int) (match, bool) {
	n := t.hasAny(i, buildingWords)
	before := t.at(i - 1)
	if before == ' ' {
		before = t.at(i - 2)
	}
	if n == 0 || !isAlnum(before) && !isHanNumeral(before) {
		return match{}, false
	}
	j := t.skipAddressBlank(i + n)
	end, sure := t.room(j, !t.has(i, "号") || n > 1)
	if !sure {
		return match{}, false
	}
	return match{KindRoom, j, end, "***"}, true
}

// skipAddressBlank steps over one blank, dash or 的 inside an address.
func (t folded) skipAddressBlank(i int) int {
	if r := t.at(i); r == ' ' || r == '-' || r == '的' {
		return i + 1
	}
	return i
}

// room reads unit, floor and room from rune i on and returns the rune behind them. building says that a building stands before i for
// certain, so that a room needs no word behind its figures.
func (t folded) room(i int, building bool) (end int, ok bool) {
	j := i
	unit := false
	if n := t.counted(j, 3, unitWords); n > 0 {
		j, unit = t.skipAddressBlank(j+n), true
	} else if n := t.counted(j, 3, stairWords); building && n > 0 && isDigit(t.at(j)) {
		j, unit = t.skipAddressBlank(j+n), true
	} else if n := t.digits(j, 2); building && n > 0 && t.at(j+n) == '-' && t.digits(j+n+1, 5) >= 3 {
		j, unit = j+n+1, true // 3号楼2-501
	}
	if n := t.counted(j, 3, floorWords); n > 0 {
		j = t.skipAddressBlank(j + n)
	}
	longest := 4
	if unit {
		longest = 5
	}
	n := t.numeral(j, longest)
	if n == 0 {
		return 0, false
	}
	number := t.r[j : j+n]
	j += n
	if isDigit(number[0]) && isLetter(t.at(j)) && !isAlnum(t.at(j+1)) {
		j++ // 501A
	}
	if k := t.hasAny(j, roomWords); k > 0 && t.roomNamed(j, n, building, unit) {
		return t.moreRooms(j + k), t.hasAny(j+k, shopWords) == 0
	}
	if !building && !unit || n < 3 || n > 4 || isAlnum(t.at(j)) || !spelledOut(number) || t.hasAny(j, shopWords) > 0 {
		return 0, false
	}
	if t.at(j) == '.' && isDigit(t.at(j+1)) {
		return 0, false // a decimal
	}
	if unit && t.has(j, "户") && !t.has(j, "户型") {
		return j + 1, true
	}
	if more := t.moreRooms(j); more > j {
		return more, true
	}
	return j, t.hasAny(j, countWords) == 0
}

// moreRooms goes on over rooms listed behind a room that ends before rune j: 702、703, 302/304房, 601-608.
func (t folded) moreRooms(j int) int {
	for strings.ContainsRune("、/-~和至到", t.at(j)) && j < len(t.r) {
		n := t.digits(j+1, 5)
		if n != 3 && n != 4 || t.hasAny(j+1+n, countWords) > 0 {
			break
		}
		j += 1 + n
		j += t.hasAny(j, roomWords)
	}
	return j
}

// roomNamed judges a number of n characters before rune j, where one of roomWords stands.
func (t folded) roomNamed(j, n int, building, unit bool) bool {
	for _, other := range []string{"房屋", "房产", "号楼", "号线", "室外", "室一厅", "室两厅"} {
		if t.has(j, other) {
			return false
		}
	}
	if isDigit(t.at(j+1)) && t.at(j+2) == '厅' {
		return false // 3室2厅
	}
	if unit {
		return true
	}
	if t.has(j, "号") && !t.has(j, "号室") && !t.has(j, "号房") {
		return building && n >= 3 // 12号501号 are two house numbers, 3栋15号晚上 is a day
	}
	return n >= 2
}

// spelledOut reports whether a number gives each digit, as a room does (501, 五零一) and a quantity in characters does not (一百二十).
func spelledOut(number []rune) bool {
	for _, r := range number {
		if !isDigit(r) && !isHanDigit(r) {
			return false
		}
	}
	return true
}

// bareRoom: a unit and room without a building (2单元501室), 景苑5-2-501, or three to four figures and 室 or 房.
func (t folded) bareRoom(i int) (match, bool) {
	if prev := t.at(i - 1); isAlnum(prev) || isHanNumeral(prev) || prev == '.' || prev == '-' && isAlnum(t.at(i-2)) {
		return match{}, false
	}
	if n := t.counted(i, 3, unitWords); n > 0 {
		if end, ok := t.room(i, false); ok {
			return match{KindRoom, i, end, "***"}, true
		}
		return match{}, false
	}
	if m, ok := t.dashedRoom(i); ok {
		return m, true
	}
	n := t.digits(i, 5)
	if n != 3 && n != 4 {
		return match{}, false
	}
	end := i + n
	if isLetter(t.at(end)) {
		end++
	}
	switch next := t.at(end + 1); t.at(end) {
	case '室':
		if next == '外' {
			return match{}, false
		}
	case '房':
		if next > 0x80 && strings.ContainsRune("屋产型源款价贷东租企子地管改证", next) {
			return match{}, false
		}
	default:
		return match{}, false
	}
	return match{KindRoom, i, end, "***"}, true
}

// dashedRoom: building, unit and room with dashes between them, behind the name of an estate (景苑5-2-501, 小区16-221) or before 室 or 房;
// all three parts also behind any other name that is not a word for a number, unless they can be a date. The building stays.
func (t folded) dashedRoom(i int) (match, bool) {
	j, parts, longest := i, 0, 3
	for n := t.digits(j, 4); n > 0 && n <= longest && parts < 2 && t.at(j+n) == '-'; n = t.digits(j, 4) {
		j, parts, longest = j+n+1, parts+1, 2
	}
	n := t.digits(j, 5)
	end := j + n
	if parts == 0 || n < 3 || n > 4 || isAlnum(t.at(end)) || t.at(end) == '-' {
		return match{}, false
	}
	k := t.hasAny(end, roomWords[2:5]) // 房间, 室, 房
	if k == 0 {
		prev := t.at(i - 1)
		year := n == 4 && (t.has(j, "19") || t.has(j, "20"))
		estate := prev > 0x80 && strings.ContainsRune(homeEndings, prev)
		named := parts == 2 && !year && prev > 0x80 && unicode.Is(unicode.Han, prev) && !strings.ContainsRune("号第比分为是", prev)
		if !estate && !named || t.hasAny(end, countWords) > 0 {
			return match{}, false
		}
	}
	return match{KindRoom, i + t.digits(i, 3) + 1, end + k, "***"}, true
}
