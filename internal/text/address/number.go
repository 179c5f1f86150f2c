package address

import "strconv"

var hanDigits = map[rune]int{'零': 0, '〇': 0, '○': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}

var hanPowers = map[rune]int{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000}

func isNumeral(r rune) bool {
	_, digit := hanDigits[r]
	_, power := hanPowers[r]
	return digit || power
}

// figures writes Chinese numerals as figures: 二十三 is 23, 五零一 is 501. False if it is not a number below 10,000.
func figures(s string) (string, bool) {
	total, digit, powers, any := 0, -1, false, false
	plain := ""
	for _, r := range s {
		if d, ok := hanDigits[r]; ok {
			plain += strconv.Itoa(d)
			if digit >= 0 && d != 0 && digit != 0 && powers {
				return "", false // 二十三四
			}
			digit, any = d, true
			continue
		}
		p, ok := hanPowers[r]
		if !ok {
			return "", false
		}
		if digit < 0 || digit == 0 {
			digit = 1
		}
		total += digit * p
		digit, powers, any = -1, true, true
	}
	switch {
	case !any:
		return "", false
	case !powers:
		return plain, len(plain) <= 4
	case digit > 0:
		total += digit
	}
	return strconv.Itoa(total), total < 10_000
}

// Figures replaces Chinese numerals in a text by figures where they count a part of an address: 三号楼 becomes 3号楼,
// 三岔子 stays.
func Figures(s string) string {
	r := []rune(s)
	var out []rune
	for i := 0; i < len(r); {
		j := i
		for j < len(r) && isNumeral(r[j]) {
			j++
		}
		if j > i && j < len(r) && counts(r[j]) {
			if f, ok := figures(string(r[i:j])); ok {
				out = append(out, []rune(f)...)
				i = j
				continue
			}
		}
		if j == i {
			j++
		}
		out = append(out, r[i:j]...)
		i = j
	}
	return string(out)
}

// counts says that what stands before r is a number.
func counts(r rune) bool {
	switch r {
	case '号', '栋', '幢', '座', '单', '楼', '层', '室', '组', '队', '弄', '门', '#', '期', '区', '排', '段':
		return true
	}
	return false
}
