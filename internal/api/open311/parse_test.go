package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"math"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
	"unicode/utf8"

	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/pack"
	"weixiao/internal/web"
)

// bare is a door without a database: enough for what is pure.
func bare(t testing.TB) *door {
	t.Helper()
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(matter string) []Question {
		return []Question{{Code: "n", Datatype: Number}, {Code: "t", Datatype: Datetime, Required: matter == "001"}, {Code: "m", Datatype: Multi, Values: []Value{{"a", "A"}}}}
	}
	return &door{Site: &web.Site{Pack: p}, opt: Options{Questions: ask}}
}

// FuzzForm feeds any bytes to the form parser: it never breaks, and what it lets
// through is fit to be kept.
func FuzzForm(f *testing.F) {
	d := bare(f)
	for _, s := range []string{
		"service_code=001&lat=42&long=126&description=%E8%B7%AF", "attribute[x][]=a&attribute[x][]=b", "attribute[]=1&attribute[x=2", "lat=NaN&long=1e999",
		"description=%FF%FE&first_name=%00", "a=b;c=d", "%zz", "media_url=javascript:x", "attribute[t]=2022-13-01&attribute[n]=٣", "address_id=220605001",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		s := parse(body)
		r := d.report(&s)
		if len(s.list) > 0 {
			for _, x := range s.list {
				if x.Code < 400 || x.Code > 499 || x.key == "" {
					t.Fatalf("fault %+v", x)
				}
			}
			return
		}
		texts := []string{r.Body, r.Person.Name, r.Person.Phone, r.Person.Email, r.Place.Text}
		for code, values := range r.Answers {
			texts = append(append(texts, code), values...)
		}
		for _, x := range texts {
			if !utf8.ValidString(x) || utf8.RuneCountInString(x) > cases.MaxBody {
				t.Fatalf("let through: %q", x)
			}
			for _, c := range x {
				if form.Control(c) {
					t.Fatalf("control character in %q", x)
				}
			}
		}
		if r.Body == "" || r.Matter == "" || math.Abs(r.Place.Lat) > 90 || math.Abs(r.Place.Lon) > 180 || math.IsNaN(r.Place.Lat+r.Place.Lon) {
			t.Fatalf("let through: %+v", r)
		}
		again := parse(body)
		if !bytes.Equal(s.request(), again.request()) {
			t.Fatal("one form has two hashes")
		}
	})
}

// FuzzQuery feeds any query to the listing: the window never exceeds 90 days nor a
// page its size.
func FuzzQuery(f *testing.F) {
	d := bare(f)
	now := time.Date(2022, 11, 23, 1, 0, 0, 0, time.UTC)
	for _, s := range []string{"", "status=open,closed", "start_date=2022-11-23T00:00:00 08:00&page=2&page_size=9", "end_date=9999-12-31T23:59:59Z", "service_request_id=a,b", "page=-1", "status=,,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := d.parseQuery(&url.URL{RawQuery: raw}, now)
		if err != nil {
			if len(err.(faults)) == 0 {
				t.Fatal("refused without a fault")
			}
			return
		}
		if q.ids != nil {
			return
		}
		end := now.UnixMicro()
		if q.filter.To > 0 {
			end = q.filter.To
		}
		if end-q.filter.From > (maxSpan+time.Second).Microseconds() || q.size < 1 || q.size > maxRequests || (q.page > 0 && q.size > maxPage) {
			t.Fatalf("%q gives %+v", raw, q)
		}
	})
}

// FuzzAnswer writes any text in both formats and reads it back.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"路灯不亮", "<b>&amp;]]>", "=1+1", "a\r\nb\tc", "\u2028", "👨‍👩‍👧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list := []request{{Description: s, Address: optional(s)}}
		w := httptest.NewRecorder()
		if err := write(w, asJSON, 200, nil, list); err != nil {
			t.Fatal(err)
		}
		var loose []map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &loose); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(s) && loose[0]["description"] != s {
			t.Fatalf("JSON: %q became %q", s, loose[0]["description"])
		}
		w = httptest.NewRecorder()
		if err := write(w, asXML, 200, requestsDocument{Requests: list}, nil); err != nil {
			t.Fatal(err)
		}
		dec := xml.NewDecoder(w.Body)
		for {
			if _, err := dec.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("XML: %v", err)
			}
		}
	})
}

func TestNames(t *testing.T) {
	for _, c := range [][3]string{{"张", "三", "张三"}, {"Zhang", "San", "San Zhang"}, {"", "San", "San"}, {"欧阳", "", "欧阳"}, {"", "", ""}} {
		if got := fullName(c[0], c[1]); got != c[2] {
			t.Errorf("%s, %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
