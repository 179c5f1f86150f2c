package text

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The numbers in these tests are made up; identity numbers have a correct check character and card numbers pass Luhn.
var redactCases = []struct {
	name, in, want string
	kinds          []Kind
}{
	// Mobile numbers.
	{"mobile", "请打13812341234联系", "请打138****1234联系", []Kind{KindMobile}},
	{"mobile alone", "19912345678", "199****5678", []Kind{KindMobile}},
	{"mobile with blanks", "电话 138 1234 1234。", "电话 138****1234。", []Kind{KindMobile}},
	{"mobile with dashes", "138-1234-1234", "138****1234", []Kind{KindMobile}},
	{"mobile 3-8", "138 12341234", "138****1234", []Kind{KindMobile}},
	{"mobile full width", "１３８１２３４１２３４", "138****1234", []Kind{KindMobile}},
	{"mobile full-width dashes", "138－1234－1234", "138****1234", []Kind{KindMobile}},
	{"mobile +86", "+8613812341234", "+86138****1234", []Kind{KindMobile}},
	{"mobile +86 blank", "+86 138 1234 1234", "+86 138****1234", []Kind{KindMobile}},
	{"mobile 0086", "008613812341234", "0086138****1234", []Kind{KindMobile}},
	{"mobile trunk 0", "013812341234", "0138****1234", []Kind{KindMobile}},
	{"mobile list", "13812341234，13912341234、13712341234", "138****1234，139****1234、137****1234", []Kind{KindMobile, KindMobile, KindMobile}},
	{"mobile after letters", "tel13812341234", "tel138****1234", []Kind{KindMobile}},
	{"mobile after a room", "3A-13812341234", "3A-138****1234", []Kind{KindMobile}},
	{"mobile numbered", "1.13812341234", "1.138****1234", []Kind{KindMobile}},
	{"mobile before a stop", "13812341234.谢谢", "138****1234.谢谢", []Kind{KindMobile}},
	{"mobile zero-width", "138\u200b1234\u200b1234", "138****1234", []Kind{KindMobile}},
	{"mobile before New Year", "13812341234元旦前打", "138****1234元旦前打", []Kind{KindMobile}},
	{"no mobile: 12 digits", "138123412345", "138123412345", nil},
	{"no mobile: 10 digits", "1381234123", "1381234123", nil},
	{"no mobile: 12x", "12012341234", "12012341234", nil},
	{"no mobile: money", "共13800000000元", "共13800000000元", nil},
	{"no mobile: sign", "￥13800000000", "￥13800000000", nil},
	{"no mobile: coordinate", "126.13812341234,42.13812341234", "126.13812341234,42.13812341234", nil},
	// Landlines.
	{"landline 7", "0439-3721234", "0439-***1234", []Kind{KindLandline}},
	{"landline 8", "010-65521234", "010-****1234", []Kind{KindLandline}},
	{"landline run", "拨04393721234", "拨0439***1234", []Kind{KindLandline}},
	{"landline brackets", "（0439）3721234", "（0439）***1234", []Kind{KindLandline}},
	{"landline ASCII brackets", "(010) 6552 1234", "(010) ****1234", []Kind{KindLandline}},
	{"landline extension", "0439-3721234转801", "0439-***1234转801", []Kind{KindLandline}},
	{"local number", "家里电话：3721234", "家里电话：***1234", []Kind{KindLandline}},
	{"no landline: hotline", "拨打12345或0439-12345", "拨打12345或0439-12345", nil},
	{"no landline: service", "客服电话95598、400-123-4567", "客服电话95598、400-123-4567", nil},
	{"no landline: date after 电话", "电话20221123打的", "电话20221123打的", nil},
	{"no landline: area 0000", "0000-00000000", "0000-00000000", nil},
	// Identity numbers.
	{"id", "身份证110101199003070011。", "身份证110101********0011。", []Kind{KindID}},
	{"id with X", "22060519900101126X", "220605********126X", []Kind{KindID}},
	{"id with x", "22060519900101126x", "220605********126X", []Kind{KindID}},
	{"id in groups", "110101 19900307 0011", "110101********0011", []Kind{KindID}},
	{"id full width", "１１０１０１１９９００３０７００１１", "110101********0011", []Kind{KindID}},
	{"id 15", "旧证220605900101123", "旧证220605*****1123", []Kind{KindID}},
	{"no id: wrong check", "110101199003070012", "110101199003070012", nil},
	{"no id 15: no such day", "220605900231123", "220605900231123", nil},
	{"no id 15: no province", "990605900101123", "990605900101123", nil},
	// Cards.
	{"card 16", "卡号6222021234567894", "卡号6222****7894", []Kind{KindCard}},
	{"card 19", "6222021234567890128", "6222****0128", []Kind{KindCard}},
	{"card in groups", "6222 0212 3456 7894", "6222****7894", []Kind{KindCard}},
	{"no card: Luhn", "6222021234567895", "6222021234567895", nil},
	{"no card: time stamp", "20221123101112346", "20221123101112346", nil},
	// E-mail.
	{"email", "发到zhang.san@qq.com吧", "发到z***@qq.com吧", []Kind{KindEmail}},
	{"email full-width @", "zhangsan＠163.com", "z***＠163.com", []Kind{KindEmail}},
	{"email with a mobile", "13812341234@139.com", "1***@139.com", []Kind{KindEmail}},
	{"no email", "@所有人 a@b 3@4", "@所有人 a@b 3@4", nil},
	// Plates.
	{"plate", "车牌吉F12345乱停", "车牌吉F*****乱停", []Kind{KindPlate}},
	{"plate with dot", "吉F·A1234", "吉F·*****", []Kind{KindPlate}},
	{"plate new energy", "吉AD12345", "吉A******", []Kind{KindPlate}},
	{"plate lower case", "吉f12345", "吉f*****", []Kind{KindPlate}},
	{"plate trailer", "吉F1234挂", "吉F*****", []Kind{KindPlate}},
	{"no plate: too long", "吉F12345678", "吉F12345678", nil},
	{"no plate: no figures", "新ABCDEF", "新ABCDEF", nil},
	// WeChat and QQ.
	{"wechat", "加微信zhangsan66", "加微信***", []Kind{KindAccount}},
	{"wechat with colon", "微信号：wx_abcdef", "微信号：***", []Kind{KindAccount}},
	{"wechat is a mobile", "微信同号13812341234", "微信同号138****1234", []Kind{KindMobile}},
	{"vx", "vx：abc12345", "vx：***", []Kind{KindAccount}},
	{"qq", "QQ12345678", "QQ***", []Kind{KindAccount}},
	{"qq number", "qq号码是 10001", "qq号码是 ***", []Kind{KindAccount}},
	{"no account: paying", "微信支付18元，微信转账2000元", "微信支付18元，微信转账2000元", nil},
	{"no account: hotline", "关注微信12345公众号", "关注微信12345公众号", nil},
	{"no account: date", "微信20221123通知的", "微信20221123通知的", nil},
	{"no account: app", "微信WeChat小程序", "微信WeChat小程序", nil},
	// Rooms.
	{"room", "3号楼2单元501室", "3号楼***", []Kind{KindRoom}},
	{"room in a sentence", "金源小区3号楼2单元501室漏水", "金源小区3号楼***漏水", []Kind{KindRoom}},
	{"room without unit", "5栋306号漏水", "5栋***漏水", []Kind{KindRoom}},
	{"room without word", "A座1201业主", "A座***业主", []Kind{KindRoom}},
	{"room in Chinese figures", "三号楼二单元五零一室", "三号楼***", []Kind{KindRoom}},
	{"room by dashes", "金源小区3-2-501", "金源小区3-***", []Kind{KindRoom}},
	{"room with floor", "3号楼5层501", "3号楼***", []Kind{KindRoom}},
	{"room without building", "住2单元501室", "住***", []Kind{KindRoom}},
	{"room alone", "我住501室", "我住***室", []Kind{KindRoom}},
	{"rooms listed", "8栋702、703私搭", "8栋***私搭", []Kind{KindRoom}},
	{"no room: unit stays", "3号楼2单元电梯坏了", "3号楼2单元电梯坏了", nil},
	{"no room: floor stays", "3号楼15层漏水", "3号楼15层漏水", nil},
	{"no room: households", "9栋100户居民，3栋2000平方米", "9栋100户居民，3栋2000平方米", nil},
	{"no room: layout", "3栋3室2厅，三室两厅，4栋05户型", "3栋3室2厅，三室两厅，4栋05户型", nil},
	{"no room: year", "15栋2019年交房", "15栋2019年交房", nil},
	{"no room: buildings", "7、8栋楼下，1栋2栋3栋", "7、8栋楼下，1栋2栋3栋", nil},
	{"no room: bus", "3号楼东门201路公交", "3号楼东门201路公交", nil},
	{"no room: shop", "6栋106号门面", "6栋106号门面", nil},
	// What must never change.
	{"marker id", "cc-1a2b3c-12-89abcdef", "cc-1a2b3c-12-89abcdef", nil},
	{"marker id with digits", "cc-123456-13812341234-89012345", "cc-123456-13812341234-89012345", nil},
	{"uuid", "018f3c2e-7b1a-7000-8000-013812341234", "018f3c2e-7b1a-7000-8000-013812341234", nil},
	{"case number", "JY20221123-7K3Q9", "JY20221123-7K3Q9", nil},
	{"dates", "2022-11-23 14:05，2022年11月23日，20221123，12月15号2019年", "2022-11-23 14:05，2022年11月23日，20221123，12月15号2019年", nil},
	{"amounts", "1,234,567.89元，¥100.00，15000000元，3.5万", "1,234,567.89元，¥100.00，15000000元，3.5万", nil},
	{"unit grid", "220605001001007", "220605001001007", nil},
	{"masked already", "138****1234 吉F***** z***@qq.com", "138****1234 吉F***** z***@qq.com", nil},
	{"markup", "<b>你好</b> =1+2 👍🏽", "<b>你好</b> =1+2 👍🏽", nil},
	{"empty", "", "", nil},
	{"invalid UTF-8 stays", "\xff13812341234\xff", "\xff138****1234\xff", []Kind{KindMobile}},
	{"all at once", "张三13812341234，吉F12345，金源小区3号楼2单元501室，QQ：123456",
		"张三138****1234，吉F*****，金源小区3号楼***，QQ：***", []Kind{KindMobile, KindPlate, KindRoom, KindAccount}},
}

func TestRedact(t *testing.T) {
	for _, c := range redactCases {
		t.Run(c.name, func(t *testing.T) {
			got, found := Redact(c.in)
			if got != c.want {
				t.Errorf("Redact(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			var kinds []Kind
			for _, f := range found {
				kinds = append(kinds, f.Kind)
			}
			if !slices.Equal(kinds, c.kinds) {
				t.Errorf("Redact(%q) found %v, want %v", c.in, kinds, c.kinds)
			}
		})
	}
}

// checkRedaction tests what must hold for any input, and returns the redacted text.
func checkRedaction(t interface{ Fatalf(string, ...any) }, s string) string {
	out, found := Redact(s)
	again, more := Redact(out)
	if again != out || len(more) != 0 {
		t.Fatalf("not idempotent:\n   in %q\n once %q\ntwice %q", s, out, again)
	}
	if len(found) == 0 && out != s {
		t.Fatalf("changed without a finding: %q to %q", s, out)
	}
	if utf8.ValidString(s) && !utf8.ValidString(out) {
		t.Fatalf("broke UTF-8: %q to %q", s, out)
	}
	end := 0
	for _, f := range found {
		if f.Start < end || f.End > len(out) || !strings.Contains(out[f.Start:f.End], "*") {
			t.Fatalf("finding %v does not cover a mask in %q", f, out)
		}
		end = f.End
	}
	return out
}

// Any chain of pieces must keep the invariants, and must not need many passes (each costs a reading of the whole text).
func TestRedactInvariants(t *testing.T) {
	pieces := []string{"13812341234", "138", "1234", "0439", "3721234", "110101199003070011", "22060519900101126X", "6222021234567894", "zhang", "@qq.com",
		"吉F", "12345", "A", "微信", "QQ", "号", "号楼", "栋", "单元", "501", "室", "房", "3", "二", "-", " ", ".", ":", "：", "(", ")", "（", "）", "、", "*", "****", "元", "+86", "小区", "门", "cc-1a", "_", "\u200b", "电话", "楼"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), "")
		checkRedaction(t, s)
		passes := 0
		for changes := []change{{}}; len(changes) > 0; passes++ {
			s, changes = redactOnce(s)
		}
		if passes > 5 {
			t.Fatalf("%d passes", passes)
		}
	})
}

func FuzzRedact(f *testing.F) {
	for _, c := range redactCases {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, s string) { checkRedaction(t, s) })
}

// A long text of one suspicious word must take time linear in its length.
func TestRedactLongWords(t *testing.T) {
	for _, word := range []string{"1", "13812341234-", "a-", "a@", "3号楼", "微信", "二", "东单元", "(0439", "吉F1234", "QQ1", "1栋501、", "zhang@qq.com."} {
		checkRedaction(t, strings.Repeat(word, 100_000/len(word)))
	}
}

// corpus makes messages with known personal data, and the same messages without.
type corpus struct{ r *rand.Rand }

func (c corpus) digits(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + c.r.IntN(10)))
	}
	return b.String()
}

func (c corpus) pick(s ...string) string { return s[c.r.IntN(len(s))] }

func (c corpus) secret(k Kind) (text, hidden string) {
	switch k {
	case KindMobile:
		a, b, d := "1"+c.pick("3", "4", "5", "6", "7", "8", "9")+c.digits(1), c.digits(4), c.digits(4)
		sep := c.pick("", "", "", " ", "-")
		return c.pick("", "", "+86", "tel:") + a + sep + b + sep + d, b + sep + d
	case KindLandline:
		if local := c.pick("2", "3", "6", "8") + c.digits(6); c.r.IntN(2) == 0 {
			return "0439" + c.pick("-", "", " ") + local, local
		}
		local := c.pick("2", "6", "8") + c.digits(7)
		return c.pick("010", "024") + c.pick("-", "") + local, local
	case KindID:
		id := c.pick("220605", "220602", "110101", "330106") + fmt.Sprintf("%04d%02d%02d", 1930+c.r.IntN(90), 1+c.r.IntN(12), 1+c.r.IntN(28)) + c.digits(3)
		id += strings.ToUpper(string(identityCheck(id)))
		return id, id[6:14]
	case KindCard:
		card := c.pick("622202", "622848", "621700") + c.digits(c.r.IntN(4)+9)
		for d := range 10 {
			if full := card + fmt.Sprint(d); luhn(full) {
				return full, full[4:12]
			}
		}
	case KindEmail:
		local := c.pick("zhang", "wang.li", "li_ming") + c.digits(4)
		return local + "@" + c.pick("qq.com", "163.com", "sina.com.cn"), local
	case KindPlate:
		n := c.pick("A", "B", "D", "7") + c.digits(4)
		return c.pick("吉F", "吉A", "辽B", "京A") + c.pick("", "·") + n, n
	case KindAccount:
		if id := c.pick("zs", "liming", "wx_") + c.digits(5); c.r.IntN(2) == 0 {
			return c.pick("微信", "微信号", "微信：", "加我vx:") + id, id
		}
		id := "5" + c.digits(5+c.r.IntN(4))
		return c.pick("QQ", "QQ号：", "qq:", "扣扣") + id, id
	case KindRoom:
		unit, room := c.pick("1", "2", "三"), c.pick("1", "5", "12")+"0"+c.pick("1", "2", "4")
		switch c.r.IntN(4) {
		case 0:
			return "金源小区" + c.pick("3", "12") + c.pick("号楼", "栋", "幢") + unit + "单元" + room + c.pick("室", "", "号"), room
		case 1:
			return "矿工家园" + c.pick("3", "12") + "-2-" + room, room
		case 2:
			return c.pick("A座", "7栋") + room + c.pick("室", "房", "的住户"), room
		}
		return unit + "单元" + room + "室", room
	}
	panic("no such kind: " + k)
}

func TestRedactRecall(t *testing.T) {
	c := corpus{rand.New(rand.NewPCG(1, 2))}
	kinds := []Kind{KindMobile, KindLandline, KindID, KindCard, KindEmail, KindPlate, KindAccount, KindRoom}
	before := []string{"我是张三，", "反映人：", "联系 ", "（", "你好，", "找他", "2022年11月23日下午，"}
	after := []string{"，请处理。", "。", "）", " 谢谢", "反映路灯不亮", "，共3次", "\n第二行"}
	const each = 2000
	for _, k := range kinds {
		hit := 0
		for range each {
			text, hidden := c.secret(k)
			in := before[c.r.IntN(len(before))] + text + after[c.r.IntN(len(after))]
			out := checkRedaction(t, in)
			if !strings.Contains(out, hidden) {
				hit++
			} else if hit > each-40 {
				t.Logf("%s missed in %q", k, in)
			}
		}
		t.Logf("recall %-8s %.4f (%d texts)", k, float64(hit)/each, each)
		if float64(hit) < 0.995*each {
			t.Errorf("recall of %s is %.4f, want 0.995", k, float64(hit)/each)
		}
	}
}

func TestRedactSparesOrdinaryText(t *testing.T) {
	c := corpus{rand.New(rand.NewPCG(3, 4))}
	ordinary := func() string {
		switch c.r.IntN(9) {
		case 0:
			return fmt.Sprintf("%d-%02d-%02d %02d:%02d", 1990+c.r.IntN(50), 1+c.r.IntN(12), 1+c.r.IntN(28), c.r.IntN(24), c.r.IntN(60))
		case 1:
			return fmt.Sprintf("%d.%02d元", c.r.IntN(100000000), c.r.IntN(100))
		case 2:
			return fmt.Sprintf("cc-%06x-%d-%08x", c.r.IntN(1<<24), c.r.IntN(500), c.r.Uint32())
		case 3:
			return "JY20221123-" + c.pick("7K3Q9", "12345", "ABCDE", "13812")
		case 4:
			return fmt.Sprintf("%d号楼%d单元", 1+c.r.IntN(30), 1+c.r.IntN(6))
		case 5:
			return fmt.Sprintf("%d栋%d户", 1+c.r.IntN(30), 100+c.r.IntN(900))
		case 6:
			return fmt.Sprintf("126.%06d,42.%06d", c.r.IntN(1000000), c.r.IntN(1000000))
		case 7:
			return c.pick("12345热线", "95598热线", "400-820-1234", "〔2022〕15号", "国办函〔2025〕66号", "A3区", "2单元", "第12345号")
		}
		return fmt.Sprintf("2206%011d", c.r.IntN(90000)) // region codes
	}
	for range 5000 {
		in := "反映" + ordinary() + c.pick("，", "。", " ", "的问题") + ordinary()
		if out, _ := Redact(in); out != in {
			t.Errorf("changed %q to %q", in, out)
		}
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct {
		fn       func(string) string
		in, want string
	}{
		{MaskName, "张三", "张*"}, {MaskName, "张三丰", "张**"}, {MaskName, "欧阳小明", "欧**"}, {MaskName, "张", "*"}, {MaskName, "", ""},
		{MaskName, " 阿卜杜拉·买买提 ", "阿**"}, {MaskName, "John Smith", "J**"},
		{MaskPhone, "13812341234", "138****1234"}, {MaskPhone, "138 1234 1234", "138****1234"}, {MaskPhone, "+8613812341234", "138****1234"},
		{MaskPhone, "+86-138-1234-1234", "138****1234"}, {MaskPhone, "0439-3721234", "0439-***1234"}, {MaskPhone, "（0439）3721234", "(0439)***1234"},
		{MaskPhone, "010-65521234", "010-****1234"}, {MaskPhone, "12345", "***"}, {MaskPhone, "", ""}, {MaskPhone, "+", "***"}, {MaskPhone, "+1 202 555 0123", "***23"},
		{MaskID, "110101199003070011", "110101********0011"}, {MaskID, "22060519900101126X", "220605********126X"}, {MaskID, "110101199003070012", "110101********0012"},
		{MaskID, "220605900101123", "220605*****1123"}, {MaskID, "E12345678", "***78"}, {MaskID, "12", "***"}, {MaskID, "", ""},
		{MaskAddress, "吉林省白山市江源区孙家堡子街道江南社区金源小区3号楼2单元501室", "吉林省白山市江源区孙家堡子街道江南社区金源小区***"},
		{MaskAddress, "江源区三岔子街道苇塘社区五号楼", "江源区三岔子街道苇塘社区***"}, {MaskAddress, "大石人镇老矿家属房", "大石人镇***"},
		{MaskAddress, "家属房", "家***"}, {MaskAddress, "家", "***"}, {MaskAddress, "", ""}, {MaskAddress, "江源大街１２号", "江源大街***"},
	} {
		if got := c.fn(c.in); got != c.want {
			t.Errorf("mask of %q is %q, want %q", c.in, got, c.want)
		}
	}
}

// No mask may show a short secret whole, whatever is in the field.
func FuzzMasks(f *testing.F) {
	f.Add("13812341234")
	f.Add("张三")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range []func(string) string{MaskName, MaskPhone, MaskID, MaskAddress} {
			if got := m(s); strings.TrimSpace(s) != "" && !strings.Contains(got, "*") {
				t.Fatalf("mask of %q is %q", s, got)
			}
		}
	})
}
