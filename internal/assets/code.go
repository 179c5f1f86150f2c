package assets

import (
	"fmt"
	"strings"
)

// CodeError says what is wrong with an id, in both languages.
type CodeError struct{ ZH, EN string }

func (e *CodeError) Error() string { return "assets: " + e.EN }

// Words are those for the person who entered it.
func (e *CodeError) Words() (field, zh, en string) { return "id", e.ZH, e.EN }

// Length of an id: 6 of the district, 2 of the class, 3 of the subclass, 6 in sequence (GB/T 47678.5, GLBJBSM). GB/T
// 30428.2 had 16, with two for the subclass.
const Length, oldLength = 17, 16

// CheckID checks the 17 digits of an id: the district, the component, the sequence. kindOf says whether a component of
// that code is known. It returns the code of the component.
func CheckID(id, district string, kindOf func(code string) bool) (kind string, err error) {
	wrong := func(zh, en string, args ...any) (string, error) {
		return "", &CodeError{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
	}
	switch {
	case strings.ContainsAny(id, "eE+."):
		return wrong("标识码“%s”被表格软件改成了数字，请把这一列设为文本后重填", "a spreadsheet turned the id %s into a number; format the column as text", id)
	case strings.Trim(id, "0123456789") != "":
		return wrong("标识码“%s”只能有数字", "the id %s must have figures only", id)
	case len(id) == oldLength:
		return wrong("标识码“%s”是 16 位的旧码（GB/T 30428.2），请按 GB/T 47678.5 换成 17 位：6 位区划、2 位大类、3 位小类、6 位流水号", "the id %s has the 16 digits of GB/T 30428.2; write the 17 of GB/T 47678.5: 6 district, 2 class, 3 subclass, 6 sequence", id)
	case len(id) != Length:
		return wrong("标识码应为 17 位数字，“%s”是 %d 位", "an id has 17 digits; %s has %d", id, len(id))
	case id[:6] != district:
		return wrong("标识码“%s”不是本区的：前 6 位应为 %s", "the id %s is not of this district: it must begin with %s", id, district)
	case !kindOf(id[6:11]):
		return wrong("标识码“%s”里的部件代码 %s 不在部件目录里", "the component %[2]s of the id %[1]s is not in the catalogue", id, id[6:11])
	case id[11:] == "000000":
		return wrong("标识码“%s”的流水号从 000001 开始", "the sequence of the id %s begins with 000001", id)
	}
	return id[6:11], nil
}
