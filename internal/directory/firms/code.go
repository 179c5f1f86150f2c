package firms

import (
	"fmt"
	"strings"
)

// alphabet are the 31 characters of a unified social credit code (GB 32100-2015): no I, O, S, V, Z.
const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// weights are 3 to the power of the position, modulo 31.
var weights = [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// CodeError says what is wrong with a code, in both languages.
type CodeError struct{ ZH, EN string }

func (e *CodeError) Error() string { return "firms: " + e.EN }

// Words are those for the person who entered it.
func (e *CodeError) Words() (field, zh, en string) { return "code", e.ZH, e.EN }

// CheckCode checks the 18 characters of a unified social credit code and returns it in capitals (GB 32100-2015: one of
// the registering department, one of the kind, six of the division, nine of the organisation, one check character).
func CheckCode(code string) (string, error) {
	wrong := func(zh, en string, args ...any) (string, error) {
		return "", &CodeError{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
	}
	code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	if n := len([]rune(code)); n != 18 {
		return wrong("统一社会信用代码应为 18 位，“%s”是 %d 位", "a unified social credit code has 18 characters; %s has %d", code, n)
	}
	sum := 0
	for i, r := range code {
		v := strings.IndexRune(alphabet, r)
		if v < 0 {
			return wrong("统一社会信用代码“%s”第 %d 位的“%c”不能用：没有 I、O、S、V、Z，看看是不是 1、0、5、U、2", "character %[2]d of the code %[1]s, %[3]c, is not allowed: I, O, S, V and Z are not used", code, i+1, r)
		}
		if i >= 2 && i < 8 && v > 9 {
			return wrong("统一社会信用代码“%s”第 3 至 8 位是区划代码，应为数字", "characters 3 to 8 of the code %s are a division code and must be figures", code)
		}
		if i < 17 {
			sum += v * weights[i]
		}
	}
	if want := alphabet[(31-sum%31)%31]; code[17] != want {
		return wrong("统一社会信用代码“%s”的校验位不对：按前 17 位应为 %c，请核对", "the check character of the code %s is wrong: the first 17 ask for %c; please compare", code, want)
	}
	return code, nil
}
