package vault

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func counted(from byte) []byte {
	b := make([]byte, keySize)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

// TestGoldenValue fixes the format: the value was computed by another program
// (Python's cryptography) from the description in cell.go.
func TestGoldenValue(t *testing.T) {
	const golden = "0101d493bf66a0a1a2a3a4a5a6a7a8a9aaab03a4dcc9fd4282d47a7065b5366acbccd0b99e76b938"
	sealed, _ := hex.DecodeString(golden)
	plain, err := dataKey(counted(0)).open(cell{"220605", "persons", "p1", "name"}, sealed)
	if err != nil || string(plain) != "张三" {
		t.Fatalf("%q, %v", plain, err)
	}
	k := &Keys{index: counted(32)}
	if got := hex.EncodeToString(k.blind("220605", FieldPhone, normalPhone("+86 138-1234-1234"))); got != "7e9c0212f588e1a2f541c76b1d684d825c5dc8c5fc689210630729c76b92e918" {
		t.Errorf("blind index %s", got)
	}
}

func TestValuesOpenOnlyInTheirCell(t *testing.T) {
	c := cell{"220605", "persons", "p1", "name"}
	k := dataKey(counted(1))
	sealed, err := k.seal(c, []byte("张三"))
	if err != nil {
		t.Fatal(err)
	}
	flip := func(i int) []byte {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		return b
	}
	sameKid := key{k.id, counted(2)}
	cases := []struct {
		name   string
		key    key
		cell   cell
		sealed []byte
	}{
		{"another district", k, cell{"220606", "persons", "p1", "name"}, sealed},
		{"another table", k, cell{"220605", "person_texts", "p1", "name"}, sealed},
		{"another row", k, cell{"220605", "persons", "p2", "name"}, sealed},
		{"another column", k, cell{"220605", "persons", "p1", "phone"}, sealed},
		{"parts shifted", k, cell{"220605", "personsp", "1", "name"}, sealed},
		{"another key", dataKey(counted(2)), c, sealed},
		{"another key of the same kid", sameKid, c, sealed},
		{"a forged kid", key{k.id ^ 1, counted(1)}, c, flip(5)},
		{"nothing", k, c, nil},
		{"no room for a tag", k, c, sealed[:headerSize+12+15]},
	}
	for i := range sealed {
		cases = append(cases, struct {
			name   string
			key    key
			cell   cell
			sealed []byte
		}{fmt.Sprintf("bit flipped in byte %d", i), k, c, flip(i)})
		cases = append(cases, struct {
			name   string
			key    key
			cell   cell
			sealed []byte
		}{fmt.Sprintf("cut to %d bytes", i), k, c, sealed[:i]})
	}
	for _, tc := range cases {
		plain, err := tc.key.open(tc.cell, tc.sealed)
		if _, ok := errors.AsType[*Broken](err); !ok || plain != nil {
			t.Errorf("%s: %q, %v", tc.name, plain, err)
		}
	}
	if plain, err := k.open(c, sealed); err != nil || string(plain) != "张三" {
		t.Errorf("in its place: %q, %v", plain, err)
	}
}

func TestSealOpenRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringN(0, 20, 60)
		c := cell{part.Draw(t, "district"), part.Draw(t, "table"), part.Draw(t, "row"), part.Draw(t, "column")}
		other := cell{part.Draw(t, "district2"), part.Draw(t, "table2"), part.Draw(t, "row2"), part.Draw(t, "column2")}
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		k := dataKey(rapid.SliceOfN(rapid.Byte(), keySize, keySize).Draw(t, "secret"))
		sealed, err := k.seal(c, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.open(c, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%x, %v", got, err)
		}
		if _, err := k.open(other, sealed); other != c && err == nil {
			t.Fatalf("opened in %v", other)
		}
		again, _ := k.seal(c, plain)
		if bytes.Equal(again, sealed) {
			t.Fatal("two sealings are equal: the nonce was used twice")
		}
	})
}

func TestNormalForms(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"13812341234", "13812341234"},
		{" 138-1234-1234 ", "13812341234"},
		{"+86 138 1234 1234", "13812341234"},
		{"+8613812341234", "13812341234"},
		{"008613812341234", "13812341234"},
		{"8613812341234", "13812341234"},
		{"（＋８６）１３８１２３４１２３４", "13812341234"},
		{"0439-3721234", "04393721234"},
		{"(0439) 372 1234", "04393721234"},
		{"+86 439 3721234", "04393721234"},
		{"+86 0439 3721234", "04393721234"},
		{"+86 10 12345678", "01012345678"},
		{"0439-3721234转801", "04393721234"},
		{"0439-3721234 ext. 801", "04393721234"},
		{"3721234", "3721234"},
		{"12345", "12345"},
		{"+1 650 555 0100", "+16505550100"},
		{"+86", ""},
		{"+", ""},
		{"无", ""},
		{"", ""},
	} {
		if got := normalPhone(c.in); got != c.want {
			t.Errorf("phone %q: %q, want %q", c.in, got, c.want)
		}
	}
	if got := normalIDNumber("220605 19900101 123x"); got != "22060519900101123X" {
		t.Errorf("id number: %q", got)
	}
}

// TestNothingPrints: what a log or an error message may catch by accident.
func TestNothingPrints(t *testing.T) {
	p := Person{Name: "张三", Phone: "13812341234", Address: "金源小区3号楼"}
	k := &Keys{keks: []key{{1, []byte(strings.Repeat("S", keySize))}}, index: []byte(strings.Repeat("S", keySize))}
	s, err := New(k, Options{}).Seal("220605", p)
	if err != nil {
		t.Fatal(err)
	}
	copy(s.key.secret, strings.Repeat("S", keySize))
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "person", p, "keys", k)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "person", p, "keys", k)
	out := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		out += fmt.Sprintf(verb+verb+verb+verb, p, &p, k, s)
	}
	for _, bad := range []string{"张三", "1381234", "金源", "SSSS", "5353", "83, 83", "53, 0x53", hex.EncodeToString([]byte("张三"))} {
		if strings.Contains(out, bad) {
			t.Errorf("%q is in %s", bad, out)
		}
	}
}
