package open311_test

import (
	"net/http"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/api/apitest"
	"weixiao/internal/api/open311"
	"weixiao/internal/web"
)

// TestQuestionsOfTheCatalogue: a service asks what its matter asks, and answers
// come as attributes.
func TestQuestionsOfTheCatalogue(t *testing.T) {
	register := func(rt *access.Router, s *web.Site) { open311.Register(rt, s, open311.Options{}) }
	apitest.Each(t, register, func(t *testing.T, e0 *apitest.Env) {
		e := env{e0, t}
		metadata := map[string]bool{}
		for _, s := range records(t, e.get("v2/services.json")) {
			metadata[s["service_code"].(string)] = s["metadata"].(bool)
		}
		if !metadata["001"] || !metadata["081"] || metadata["194"] {
			t.Errorf("metadata of 001 %v, 081 %v, 194 %v", metadata["001"], metadata["081"], metadata["194"])
		}
		def := e.get("v2/services/001.json").Body.String()
		for _, want := range []string{`"code":"pole"`, `"datatype":"string"`, `"code":"many"`, `"datatype":"singlevaluelist"`, `"key":"row"`, "灯杆上的号", `"required":false`} {
			if !strings.Contains(def, want) {
				t.Errorf("the definition lacks %s: %s", want, def)
			}
		}
		if en := e.get("v2/services/001.json?lang=en").Body.String(); !strings.Contains(en, "Number on the pole") {
			t.Errorf("in English: %s", en)
		}
		if w := e.post("requests.json", good("attribute[many]", "all")); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "many") {
			t.Errorf("no answer: %d %s", w.Code, w.Body)
		}
		number := e.report("attribute[many]", "row", "attribute[pole]", "LD-7")
		v, err := e.Cases.View(t.Context(), e.Scope("", access.Dispatcher), number)
		if err != nil {
			t.Fatal(err)
		}
		if body := string(v.Entries[0].Body); !strings.Contains(body, `"many":["row"]`) || !strings.Contains(body, `"pole":["LD-7"]`) {
			t.Errorf("the act keeps %s", body)
		}
	})
}
