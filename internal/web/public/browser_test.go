package public_test

import (
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weixiao/internal/cases/casestest"
	"weixiao/internal/store/storetest"
	"weixiao/internal/web/uitest"
)

const lampWords = "我们小区 3 号楼东侧的路灯坏了三天了，晚上老人下楼看不清路，前天有人差点摔倒，麻烦尽快修一下。"

func browserEnv(t *testing.T) *env {
	t.Helper()
	return newEnv(t, storetest.Open(t, "sqlite", schemas))
}

// photoFile is a picture on disk for a file input.
func photoFile(t *testing.T, c color.Color) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(path, picture(c), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// modes are the ways in which every page is looked at.
var modes = []struct{ name, query string }{{"standard", "?lang=zh-CN&elder=0"}, {"elder", "?lang=zh-CN&elder=1"}, {"english", "?lang=en&elder=0"}}

// tall is a phone so high that the sticky foot covers nothing.
var tall = uitest.Size{W: 390, H: 4000, Touch: true, Scale: 1}

// check looks for faults of accessibility, then takes a picture at phone size.
func check(tab *uitest.Tab, name string) {
	tab.Resize(tall)
	tab.Axe()
	tab.Resize(uitest.Phone)
	tab.Shot(name)
}

// look checks a page in every mode, with a picture of each.
func look(t *testing.T, tab *uitest.Tab, url, name string) {
	t.Helper()
	for _, m := range modes {
		sep := m.query
		if strings.Contains(url, "?") {
			sep = "&" + m.query[1:]
		}
		tab.Open(url + sep)
		check(tab, name+"-"+m.name)
		tab.Resize(uitest.Narrow)
		tab.Overflow()
		tab.Resize(uitest.Phone)
	}
	tab.Open(url + modes[0].query)
}

// TestWithScripts goes the whole way as most people do, with every page looked at
// in three modes on a phone.
func TestWithScripts(t *testing.T) {
	e := browserEnv(t)
	p := e.person(t)
	old := p.report("东门口路灯不亮，黑灯瞎火的")
	tab := uitest.New(t, uitest.Phone)
	tab.At(126.580, 42.046, 15)
	look(t, tab, e.url+"/", "home")
	tab.Open(e.url + "/report")
	tab.Fill("#say-words", lampWords)
	tab.Files("#say-photos", photoFile(t, color.RGBA{20, 40, 90, 255}))
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	check(tab, "words-typed")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "问题在什么地方")
	look(t, tab, e.url+"/report", "words")
	tab.Open(e.url + "/report/place")
	tab.Wait(`document.querySelector("[data-map]").dataset.ready === "1"`)
	tab.Click("[data-locate]")
	tab.WaitText("[data-locate-state]", "15")
	tab.Fill("#where-place", "锦绣花园 3 号楼东侧")
	check(tab, "place-located")
	tab.Click(".foot .btn.p")
	tab.WaitText("#similar-h", "像是同一个问题")
	if n := tab.Count(`a[href="/cases/` + old.number + `"]`); n != 1 {
		t.Errorf("the similar case is shown %d times", n)
	}
	check(tab, "place-similar")
	look(t, tab, e.url+"/report/place", "place")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "核对后提交")
	tab.Fill("#send-phone", "138 0013 800")
	tab.Click(".foot .btn.p")
	tab.WaitText(".err-sum", "现在少了 1 位")
	check(tab, "check-fault")
	look(t, tab, e.url+"/report/check", "check")
	tab.Fill("#send-phone", "138 0013 8000")
	tab.Press("Enter")
	tab.WaitText("h1", "已经收到")
	look(t, tab, e.url+"/report/done", "done")
	number := tab.Text("#number")
	tab.Click(".foot .btn.p")
	tab.WaitText(".hero", number)
	tab.Shot("track-pending")
	centre, street := e.Scope("", "dispatcher"), e.Scope(casestest.Street, "street")
	e.act(t, centre, number, "dispatch", "unit", casestest.Street)
	e.act(t, street, number, "sign")
	look(t, tab, e.url+"/follow/"+number, "track-signed")
	e.act(t, street, number, "contact", "how", "phone")
	e.act(t, street, number, "reply", "result", "solved", "reply", "路灯线路老化短路，已更换线缆和灯头，亮灯正常。")
	look(t, tab, e.url+"/follow/"+number, "track-replied")
	tab.Click(".foot .btn.danger")
	tab.WaitText("h1", "请您评价")
	look(t, tab, e.url+"/follow/"+number+"/rate", "rate")
	tab.Open(e.url + "/follow/" + number + "/rate?solved=no")
	tab.Choose("#rate-contacted", "true")
	tab.Choose(`input[name=satisfied][value=dissatisfied]`, "dissatisfied")
	check(tab, "rate-filled")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "重新办理")
	look(t, tab, e.url+"/follow/"+number+"/rated", "rated")
	look(t, tab, e.url+"/follow/"+number+"/rate", "gone")
	look(t, tab, e.url+"/follow/"+number+"/withdraw", "withdraw")
	look(t, tab, e.url+"/follow", "follow")
	look(t, tab, e.url+"/cases", "cases")
	look(t, tab, e.url+"/cases/"+old.number, "case")
	look(t, tab, e.url+"/about", "about")
	look(t, tab, e.url+"/privacy", "privacy")
	look(t, tab, e.url+"/accessibility", "accessibility")
}

// TestWithoutScripts goes the whole way in a real browser with scripts off.
func TestWithoutScripts(t *testing.T) {
	e := browserEnv(t)
	tab := uitest.New(t, uitest.Phone)
	tab.NoScripts()
	// What lies under the sticky foot cannot be clicked before it is scrolled up.
	tab.Resize(tall)
	shot := func(name string) {
		tab.Resize(uitest.Phone)
		tab.Overflow() // axe itself is a script
		tab.Shot(name)
		tab.Resize(tall)
	}
	tab.Open(e.url + "/?lang=zh-CN")
	tab.Click(`a[href="/report"]`)
	tab.WaitText("h1", "您遇到了什么问题")
	tab.Click(".foot .btn.p") // nothing typed
	tab.WaitText(".err-sum", "请写一写遇到的问题")
	tab.Fill("#say-words", lampWords)
	tab.Files("#say-photos", photoFile(t, color.RGBA{20, 40, 90, 255}))
	tab.Click("noscript button")
	tab.Wait(`document.querySelectorAll(".pics .pic").length === 1`)
	if got := tab.Value("#say-words"); got != lampWords {
		t.Errorf("the words after uploading: %q", got)
	}
	shot("nojs-words")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "问题在什么地方")
	shot("nojs-place")
	tab.Choose("#where-area", community)
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "核对后提交")
	tab.Click(`button[name=_go][value=place]`)
	tab.WaitText("h1", "问题在什么地方")
	if got := tab.Value("#where-area"); got != community {
		t.Errorf("the area after going back: %q", got)
	}
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "核对后提交")
	tab.Fill("#send-phone", "1380013800")
	tab.Press("Enter")
	tab.WaitText(".err-sum", "现在少了 1 位")
	shot("nojs-check")
	tab.Fill("#send-phone", "13800138000")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "已经收到")
	number, secret := tab.Text("#number"), tab.Text("#secret")
	tab.Click(".foot .btn.p")
	tab.WaitText(".hero", number)
	tab.Click(`form[action$="/leave"] button`)
	tab.WaitText("h1", "查办理进度")
	tab.Fill("#follow-number", number)
	tab.Fill("#follow-secret", secret)
	tab.Click(".foot .btn.p")
	tab.WaitText(".hero", number)
	tab.Click(`a[href$="/supplement"]`)
	tab.Fill("#supplement-text", "昨晚又有人摔了")
	tab.Click(".foot .btn.p")
	tab.WaitText(".banner", "已经收到您补充的情况")
	e.toReply(t, number)
	tab.Open(e.url + "/f/" + number + "/" + secret)
	tab.WaitText(".ask", "问题真的解决了吗")
	tab.Click(".foot .btn.good")
	tab.WaitText("h1", "请您评价")
	tab.Choose("#rate-contacted", "true")
	tab.Choose(`input[name=satisfied][value=satisfied]`, "satisfied")
	tab.Click(".foot .btn.p")
	tab.WaitText("h1", "谢谢您的评价")
	shot("nojs-rated")
}
