package public_test

import (
	"strings"
	"testing"
)

// TestQuestionsOfAMatter: the last step asks what the matter asks, insists on
// nothing, refuses what is no answer, and keeps the answers with the case, masked.
func TestQuestionsOfAMatter(t *testing.T) {
	each(t, func(t *testing.T, e *env) {
		p := e.person(t)
		p.send(p.get("/report"), "say", "words", "锦绣花园路灯不亮，晚上看不见").wantTo("/report/place")
		p.send(p.get("/report/place"), "where", "place", "锦绣花园 3 号楼", "area", community).wantTo("/report/check")
		p.get("/report/check").want(200, "再答几个小问题", "灯杆上的号", "几盏不亮", "一整排")
		p.send(p.get("/report/check"), "send", "contact", "none", "ask.many", "all").want(422, "几盏不亮")
		x := p.send(p.get("/report/check"), "send", "contact", "none", "ask.pole", "LD-7，找 13812345678", "ask.many", "row", "ask.none", "x")
		x.wantTo("/report/done")
		number := p.follow(x).byID("number")
		v, err := e.Cases.View(t.Context(), e.Scope("", "dispatcher"), number)
		if err != nil {
			t.Fatal(err)
		}
		body := string(v.Entries[0].Body)
		if !strings.Contains(body, `"many":["row"]`) || !strings.Contains(body, `"pole":["LD-7`) || strings.Contains(body, "13812345678") || strings.Contains(body, `"none"`) {
			t.Errorf("the act keeps %s", body)
		}

		// What is asked is no wall, and a matter without questions asks none.
		q := e.person(t)
		q.send(q.get("/report"), "say", "words", "锦绣花园路灯不亮，晚上看不见")
		q.send(q.get("/report/place"), "where", "place", "锦绣花园 3 号楼", "area", community)
		q.send(q.get("/report/check"), "send", "contact", "none").wantTo("/report/done")
		r := e.person(t)
		r.send(r.get("/report"), "say", "words", "表扬社区工作人员，服务特别好，感谢")
		r.send(r.get("/report/place"), "where", "nowhere", "true")
		if strings.Contains(r.get("/report/check").want(200).Body, "再答几个小问题") {
			t.Error("praise is asked questions")
		}
	})
}
