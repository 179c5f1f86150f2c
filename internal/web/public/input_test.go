package public_test

import (
	"bytes"
	"image/color"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weixiao/internal/cases"
	"weixiao/internal/cases/casestest"
	"weixiao/internal/vault"
)

func TestBadWords(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, c := range []struct {
			name, words, says, shown string
		}{
			{"nothing", "", "请写一写遇到的问题", ""},
			{"blanks", " \n\t ", "请写一写遇到的问题", " \n\t "},
			{"zero-width", "\u200b\u200b", "请写一写遇到的问题", "\u200b\u200b"},
			{"too long", strings.Repeat("灯", cases.MaxBody+3), "现在多了 3 个字", strings.Repeat("灯", cases.MaxBody+3)},
			{"broken UTF-8", "路灯\xff坏了", "从第 3 个字起有乱码", "路灯\ufffd坏了"},
			{"control", "路灯\x07坏了", "第 3 个字是电脑认不出的符号", "路灯\ufffd坏了"},
			{"NUL", "路灯坏了\x00", "第 5 个字是电脑认不出的符号", "路灯坏了\ufffd"},
			{"direction", "路灯\u202e坏了", "第 3 个字是电脑认不出的符号", "路灯\ufffd坏了"},
		} {
			t.Run(c.name, func(t *testing.T) {
				p := e.person(t)
				x := p.send(p.get("/report"), "say", "words", c.words).want(422, c.says)
				if !strings.HasPrefix(title(x), "出错：") {
					t.Errorf("title %q", title(x))
				}
				if _, _, v := x.form("say"); v.Get("words") != c.shown {
					t.Errorf("shown again as %q, want %q", v.Get("words"), c.shown)
				}
				p.get("/report/place").want(303)
			})
		}
		if n := len(e.all(t)); n != 0 {
			t.Errorf("%d cases came of bad words", n)
		}
	})
}

func title(x *page) string { return between(x.Body, "<title>", "</title>") }

// TestOddWords: text that means something to a program means nothing here.
func TestOddWords(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, s := range []string{
			`<script>alert(1)</script><img src=x onerror=alert(2)>路灯坏了`,
			"=HYPERLINK(\"http://x\",\"路灯\")坏了", "+路灯坏了", "@SUM(A1)路灯", "-2+3 路灯坏了",
			"'; DROP TABLE cases; -- 路灯坏了", "路灯坏了 {{.}} ${7*7} %s %!d(MISSING)", "路灯坏了😀👨‍👩‍👧", "路灯坏了\r\n第二行\u2028第三行",
			strings.Repeat("灯", cases.MaxBody),
		} {
			p := e.person(t)
			r := p.report(s)
			k, err := e.Cases.Get(t.Context(), e.Scope("", "dispatcher"), r.number)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("\r\n", "\n", "\u2028", "\n").Replace(s)
			if k.Body != want {
				t.Errorf("kept %q, want %q", k.Body, want)
			}
			for _, path := range []string{"/", "/cases", "/cases/" + r.number, "/follow/" + r.number} {
				if x := p.get(path); x.Status >= 500 || strings.Contains(x.Body, "<script>alert") || strings.Contains(x.Body, "<img src=x") {
					t.Errorf("%s: the words became part of the page", path)
				}
			}
		}
	})
}

func TestPhotos(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		good := picture(color.White)
		many := make([][]byte, 30)
		for i := range many {
			many[i] = good
		}
		for _, c := range []struct {
			name   string
			photos [][]byte
			status int
			says   string
			stored int
		}{
			{"none", nil, 303, "", 0},
			{"nine", many[:9], 303, "", 9},
			{"thirty", many, 422, "最多 9 张照片", 9},
			{"one too big", [][]byte{good, append(bytes.Clone(good), make([]byte, 1<<20)...)}, 422, "第 2 张照片超过 1 MB", 1},
			{"not a photo", [][]byte{[]byte("hello, this is no picture at all"), good}, 422, "第 1 个文件不是照片", 1},
			{"cut off", [][]byte{good[:len(good)/2]}, 422, "第 1 张照片打不开", 0},
			{"HEIC", [][]byte{append([]byte{0, 0, 0, 24}, "ftypheic\x00\x00\x00\x00mif1heic"...)}, 422, "HEIC", 0},
			{"a page in disguise", [][]byte{append([]byte("<html><script>alert(1)</script>"), good...)}, 422, "不是照片", 0},
		} {
			t.Run(c.name, func(t *testing.T) {
				p := e.person(t)
				action, _, v := p.get("/report").form("say")
				v.Set("words", words1)
				x := p.upload(action, v, c.photos...).want(c.status)
				if c.says != "" && !strings.Contains(x.text(), c.says) {
					t.Errorf("does not say %q: %s", c.says, x.text())
				}
				x = p.get("/report")
				if _, _, v := x.form("say"); v.Get("words") != words1 {
					t.Errorf("the words are lost: %q", v.Get("words"))
				}
				if n := strings.Count(x.Body, `class="rm"`); n != c.stored {
					t.Errorf("%d photos stored, want %d", n, c.stored)
				}
			})
		}
	})
}

// TestPhotosGoWithTheCase: who may see a photo while it is being reported, and after.
func TestPhotosGoWithTheCase(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p, other := e.person(t), e.person(t)
		action, _, v := p.get("/report").form("say")
		v.Set("words", words1)
		v.Set("_do", "photos")
		p.upload(action, v, picture(color.White)).wantTo("/report")
		src := between(p.get("/report").Body, `<img src="/photo/`, `?`)
		p.get("/photo/" + src).want(200)
		p.get("/photo/" + src + "?thumb=1").want(200)
		other.get("/photo/" + src).want(404)
		p.send(p.get("/report"), "say").wantTo("/report/place")
		p.send(p.get("/report/place"), "where", "area", community).wantTo("/report/check")
		p.follow(p.send(p.get("/report/check"), "send", "contact", "none", "private", "true")).want(200)
		x := p.get("/photo/" + src).want(200)
		if x.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(x.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("headers %v", x.Header)
		}
		other.get("/photo/" + src).want(404)
		k := e.all(t)[0]
		if k.Photos != 1 {
			t.Errorf("the case has %d photos", k.Photos)
		}
		p.get("/follow/"+k.Number).want(200, "您拍的")
	})
}

func TestTooMuch(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		action, _, v := p.get("/report").form("say")
		v.Set("words", words1)
		big := make([]byte, 15<<20) // more than nine photos may have together
		p.upload(action, v, big).want(413, "最多 9 张照片")
		if _, _, v := p.get("/report").form("say"); v.Get("words") != words1 {
			t.Error("the words are lost")
		}
		long := strings.Repeat("a", 300<<10)
		v.Set("words", long)
		if _, _, v := p.upload(action, v).want(422, "最多写").form("say"); v.Get("words") != long {
			t.Error("words that are too long are lost")
		}
		p.post("/report/place", url.Values{"place": {strings.Repeat("a", 300<<10)}}).want(413)
		p.post("/report/check", url.Values{"name": {strings.Repeat("a", 300<<10)}}).want(413)
	})
}

// TestTorn: forms that are written wrongly or broken off lose nothing that could be
// read of them.
func TestTorn(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		send := func(p *person, path, kind, body string) *page {
			r, err := http.NewRequest("POST", e.url+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			return p.do(r)
		}
		const form = "multipart/form-data; boundary=b"
		words := "--b\r\nContent-Disposition: form-data; name=\"words\"\r\n\r\n路灯坏了\r\n"
		photo := "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n" + string(picture(color.White)[:200])
		for _, c := range []struct {
			kind, body string
			status     int
			words      string
		}{
			{form, words + photo, 422, "路灯坏了"},
			{form, words, 422, "路灯坏了"},
			{form, "", 422, ""},
			{form, "nonsense", 422, ""},
			{"multipart/form-data", words, 422, ""},
			{form, words + strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n", 300) + "--b--", 413, "路灯坏了"},
			{"application/x-www-form-urlencoded", "words=%E8%B7%AF%E7%81%AF&x=%zz", 303, "路灯"},
			{"text/plain", "words=x", 422, ""},
			{"", "words=x", 422, ""},
		} {
			p := e.person(t)
			x := send(p, "/report", c.kind, c.body)
			if x.Status != c.status {
				t.Errorf("%q %.60q: status %d, want %d", c.kind, c.body, x.Status, c.status)
			}
			if _, _, v := p.get("/report").form("say"); v.Get("words") != c.words {
				t.Errorf("%q %.60q: the words came back as %q", c.kind, c.body, v.Get("words"))
			}
		}
		p := e.person(t)
		send(p, "/follow", "application/x-www-form-urlencoded", "number=%zz&secret=%").want(422)
	})
}

func TestPlace(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		in := e.Pack.Directory.Root().Center
		lon, lat := degrees(in[0]), degrees(in[1])
		for _, c := range []struct {
			name   string
			kv     []string
			says   string // a fault; "" goes on
			want   cases.Place
			street bool // a street was found
		}{
			{"nothing", nil, "请写一下地址，或选一个社区", cases.Place{}, false},
			{"nowhere", []string{"nowhere", "true"}, "", cases.Place{}, false},
			{"words", []string{"place", "东门口"}, "", cases.Place{Text: "东门口"}, false},
			{"community", []string{"area", community}, "", cases.Place{Community: community}, true},
			{"street", []string{"area", casestest.Street}, "", cases.Place{Street: casestest.Street}, true},
			{"no such area", []string{"area", "999999999"}, "请在列出的社区", cases.Place{}, false},
			{"a department as area", []string{"area", "urban"}, "请在列出的社区", cases.Place{}, false},
			{"point", []string{"lon", lon, "lat", lat, "accuracy", "15"}, "", cases.Place{Located: true}, true},
			{"point outside", []string{"lon", "116.4", "lat", "39.9"}, "您现在的位置不在江源区", cases.Place{}, false},
			{"point outside and words", []string{"lon", "116.4", "lat", "39.9", "place", "东门口"}, "", cases.Place{Text: "东门口"}, false},
			{"point off the earth", []string{"lon", "126.5", "lat", "91"}, "请写一下地址", cases.Place{}, false},
			{"no number", []string{"lon", "NaN", "lat", "x"}, "请写一下地址", cases.Place{}, false},
			{"infinite", []string{"lon", "Inf", "lat", "1e999"}, "请写一下地址", cases.Place{}, false},
			{"long", []string{"place", strings.Repeat("路", cases.MaxPlace+2)}, "现在多了 2 个字", cases.Place{}, false},
			{"broken", []string{"place", "东\xff门"}, "从第 2 个字起有乱码", cases.Place{}, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				p := e.person(t)
				p.send(p.get("/report"), "say", "words", "请问医保怎么报销").wantTo("/report/place")
				x := p.send(p.get("/report/place"), "where", c.kv...)
				if c.says != "" {
					x.want(422, c.says)
					_, _, v := x.form("where")
					for i := 0; i < len(c.kv); i += 2 {
						if c.kv[i] == "place" && v.Get("place") != strings.ToValidUTF8(c.kv[i+1], "\ufffd") {
							t.Errorf("the address came back as %q", v.Get("place"))
						}
					}
					p.get("/report/check").wantTo("/report/place")
					return
				}
				p.follow(x).want(200, "核对后提交")
				p.follow(p.send(p.get("/report/check"), "send", "contact", "none")).want(200)
				got := e.all(t)[0].Place
				if got.Text != c.want.Text || got.Located != c.want.Located || (c.want.Community != "" && got.Community != c.want.Community) || (got.Street != "") != c.street {
					t.Errorf("kept as %+v, want %+v", got, c.want)
				}
			})
		}
	})
}

func TestContact(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		for _, c := range []struct {
			name string
			kv   []string
			says string
			who  vault.Person
		}{
			{"nothing", []string{"phone", ""}, "请填手机号；不想留，就选", vault.Person{}},
			{"nameless", []string{"contact", "none"}, "", vault.Person{}},
			{"nameless after all", []string{"contact", "none", "phone", "138001", "name", "张三"}, "", vault.Person{}},
			{"phone", []string{"phone", "13812345678"}, "", vault.Person{Phone: "13812345678"}},
			{"blanks", []string{"phone", "138 1234 5678", "name", "李"}, "", vault.Person{Phone: "13812345678", Name: "李"}},
			{"landline", []string{"phone", "0439-3721234"}, "", vault.Person{Phone: "04393721234"}},
			{"one short", []string{"phone", "138 0013 800"}, "请填 11 位手机号，现在少了 1 位", vault.Person{}},
			{"two over", []string{"phone", "1380013800012"}, "现在多了 2 位", vault.Person{}},
			{"letters", []string{"phone", "call me"}, "请填 11 位手机号", vault.Person{}},
			{"long name", []string{"phone", "13812345678", "name", strings.Repeat("名", 41)}, "现在多了 1 字", vault.Person{}},
			{"odd name", []string{"phone", "13812345678", "name", "张\x01三"}, "看不见的特殊字符", vault.Person{}},
			{"no such choice", []string{"contact", "fax"}, "请在列出的选项里选", vault.Person{}},
		} {
			t.Run(c.name, func(t *testing.T) {
				before := len(e.all(t))
				p := e.person(t)
				p.send(p.get("/report"), "say", "words", "垃圾堆了好几天没人清").wantTo("/report/place")
				p.send(p.get("/report/place"), "where", "place", "某处").want(303)
				x := p.send(p.get("/report/check"), "send", c.kv...)
				if c.says != "" {
					x.want(422, c.says)
					_, _, v := x.form("send")
					for i := 0; i < len(c.kv); i += 2 {
						if c.kv[i] != "contact" && v.Get(c.kv[i]) != strings.ReplaceAll(c.kv[i+1], "\x01", "\ufffd") {
							t.Errorf("%s came back as %q", c.kv[i], v.Get(c.kv[i]))
						}
					}
					if n := len(e.all(t)); n != before {
						t.Error("a case was made all the same")
					}
					return
				}
				p.follow(x).want(200)
				k := e.all(t)[0]
				if c.who == (vault.Person{}) {
					if k.Person != "" {
						t.Error("somebody who stayed nameless is in the vault")
					}
				} else if got := e.revealed(t, k); got != c.who {
					t.Error("the vault holds another person")
				}
			})
		}
	})
}
