package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// FuzzBody compares the parser with encoding/json: what it takes means the same,
// and what it refuses is malformed, doubled, too deep or no object.
func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":{"b":[1,2,{"c":null}]}}`, `{"a":1,"a":2}`, `{"a":1} x`, ``, `[]`, `{"a":[[[[[[]]]]]]}`, "{\"\xff\":1}", `{"a":1e999}`, `{"\u0061":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parse(b)
		var want map[string]any
		dec := json.NewDecoder(strings.NewReader(string(b)))
		dec.UseNumber()
		plain := dec.Decode(&want)
		if err != nil {
			if _, ok := err.(*refusal); !ok {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		if strings.TrimSpace(string(b)) == "" {
			return
		}
		if plain != nil || want == nil {
			t.Fatalf("took %q, which is no object: %v", b, plain)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %v, want %v", b, got, want)
		}
		_, _ = raw(got)
	})
}
