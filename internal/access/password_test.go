package access_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"weixiao/internal/access"
	"weixiao/internal/form"
	"weixiao/internal/store/storetest"
)

func TestPasswordRules(t *testing.T) {
	for _, c := range []struct{ password, asvs, mlps3 string }{
		{"correct horse battery", "", "simple"},
		{"Correct horse 1", "", ""},
		{"一二三四五六七八九十", "", "simple"}, // ten characters, thirty bytes
		{"一二三四五六七八九", "short", "short"},
		{"", "short", "short"},
		{"Tr0ub4dor&3", "", ""},
		{"aB3$aB3$a", "short", "short"},
		{strings.Repeat("长a1B!", 25), "", ""},
		{strings.Repeat("长a1B!", 26), "long", "long"},
		{"password12", "common", "common"},
		{"Password123!", "common", "common"},
		{"!!!WeiXiao2022", "common", "common"},
		{"jiangyuan@12345", "common", "common"},
		{"qwertyuiop", "common", "common"},
		{"1q2w3e4r5t", "common", "common"},
		{"1234567890", "common", "common"},
		{"9876543210", "common", "common"},
		{"0123456789", "common", "common"},
		{"abcdefghijk", "common", "common"},
		{"aaaaaaaaaaaa", "common", "common"},
		{"121212121212", "common", "common"},
		{"abababcbcbcc", "common", "common"}, // three different characters
		{"adminadmin", "common", "common"},
		{"abcdabcdabcd", "common", "common"},
		{"13800138000", "common", "common"},
		{"220605198001011234", "common", "common"},
		{"1980010112", "common", "common"},
		{"liuwei at work", "login", "login"},
		{"xx LiuWei 12345", "login", "login"},
		{"bad\xff utf8 password", "utf8", "utf8"},
	} {
		for r, want := range map[access.Rules]string{"": c.asvs, access.ASVS: c.asvs, access.MLPS3: c.mlps3} {
			got := ""
			if f := r.Check("liuwei", c.password); len(f) > 0 {
				got = f[0].Code
				if f[0].Field != "password" {
					t.Errorf("field %q", f[0].Field)
				}
			}
			if got != want {
				t.Errorf("%q under %q: %q, want %q", c.password, r, got, want)
			}
		}
	}
	if access.ASVS.MaxAge() != 0 || access.MLPS3.MaxAge().Hours() != 90*24 {
		t.Error("ages")
	}
}

func TestUnknownRulesDoNotStart(t *testing.T) {
	db := storetest.Open(t, "sqlite", schemas)
	if _, err := access.New(db, access.Options{District: district, Rules: "none"}); err == nil {
		t.Error("accepted")
	}
	if _, err := access.New(db, access.Options{}); err == nil {
		t.Error("no district, and accepted")
	}
	if _, err := access.New(db, access.Options{District: district, Limits: []access.Limit{{Name: "nothing", N: 1, Per: 1}}}); err == nil {
		t.Error("an unknown limit, and accepted")
	}
}

func TestHashRefusesBadPasswords(t *testing.T) {
	w := newWorld(t, storetest.Open(t, "sqlite", schemas))
	if _, err := w.Hash(t.Context(), "li", "short"); codes(err) != "password short" {
		t.Errorf("got %v", err)
	}
	a, err1 := w.Hash(t.Context(), "li", good)
	b, err2 := w.Hash(t.Context(), "li", good)
	if err1 != nil || err2 != nil || a == b || !strings.HasPrefix(string(a), "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(string(a), good) {
		t.Errorf("%q %v, %q %v", a, err1, b, err2)
	}
	if f, ok := errors.AsType[form.Faults](err1); ok {
		t.Error(f)
	}
}

// oldSum is the hash of `good` with the parameters of an old program.
func oldSum(t *testing.T) string {
	t.Helper()
	return base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(good), []byte("0123456789abcdef"), 1, 64, 1, 32))
}
