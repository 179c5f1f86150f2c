package web

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/cases"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/posts"
	"weixiao/internal/places"
	"weixiao/internal/record"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/words"
)

// TestProblems: a refusal of any work package is a clear problem, in both languages, and never a fault of ours.
func TestProblems(t *testing.T) {
	_, code := firms.CheckCode("91350100M000100Y44")
	for name, c := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"case":       {&cases.RefusedError{Code: "open_whistle"}, 409, "吹哨"},
		"sanitation": {fmt.Errorf("wrapped: %w", &sanitation.RefusedError{Code: "sanit_sealed"}), 409, "已固定"},
		"village":    {&villages.RefusedError{Code: "village_checked"}, 409, "已检查过"},
		"record":     {record.Refuse("village_checked"), 409, "已检查过"},
		"post":       {&posts.Refusal{Field: "from", ZH: "开始日期在结束之后", EN: "it begins after its end"}, 422, "开始日期在结束之后"},
		"workday":    {&workdays.Refusal{Field: "until", ZH: "结束要晚于开始", EN: "it must end after it begins"}, 422, "结束要晚于开始"},
		"visit":      {&visits.Refusal{Field: "day", ZH: "还没有到这一天", EN: "the day is to come"}, 422, "还没有到"},
		"firm":       {code, 422, "应为"},
		"stale 1":    {rounds.ErrStale, 412, ""}, "stale 0": {record.ErrStale, 412, ""}, "stale 2": {visits.ErrStale, 412, ""}, "stale 3": {workdays.ErrStale, 412, ""}, "stale 4": {villages.ErrStale, 412, ""},
		"stale 5": {formalism.ErrStale, 412, ""}, "stale 6": {posts.ErrStale, 412, ""}, "stale 7": {firms.ErrStale, 412, ""}, "stale 8": {assets.ErrStale, 412, ""}, "stale 9": {places.ErrStale, 412, ""},
		"stale": {access.ErrStale, 412, ""},
	} {
		for _, lang := range words.Langs() {
			p := ProblemOf(lang, c.err)
			said := p.Detail
			for _, e := range p.Errors {
				said += e.Message
			}
			if status, _ := access.Status(c.err); p.Status != c.status || status != c.status || said == "" || lang == words.ZH && !strings.Contains(said, c.says) {
				t.Errorf("%s %s: %d %d %q", name, lang, p.Status, status, said)
			}
			if lang == words.EN && regexp.MustCompile(`\p{Han}`).MatchString(said) {
				t.Errorf("%s in English: %q", name, said)
			}
		}
	}
}

// TestRefusalsHaveWords finds every code of a refusal in the program: each has words in both languages.
func TestRefusalsHaveWords(t *testing.T) {
	found := 0
	literal := regexp.MustCompile(`(?:RefusedError\{(?:Code: )?|\brefuse\()"([a-z0-9_]+)"[})]|\brecord\.Refuse\("([a-z0-9_.]+)"`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
			found++
			if !words.Has("refused." + m[1] + m[2]) {
				t.Errorf("%s: no words for refused.%s", name, m[1]+m[2])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 100 {
		t.Errorf("only %d refusals found", found)
	}
}
