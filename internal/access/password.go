package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"weixiao/internal/form"
)

// Rules is a profile of password rules. Both want 10 to 128 characters and
// refuse what is guessed first. ASVS 5.0 forbids rules of composition and forced
// change (6.2.5, 6.2.10), GB/T 22239-2019 8.1.4.1 a demands both: hence two.
type Rules string

const (
	ASVS  Rules = "asvs"  // the default
	MLPS3 Rules = "mlps3" // 等保三级: three kinds of characters, a new one every 90 days
)

const (
	minPassword = 10
	maxPassword = 128
	mlps3Age    = 90 * 24 * time.Hour
)

func (r Rules) valid() error {
	switch r {
	case "", ASVS, MLPS3:
		return nil
	}
	return fmt.Errorf("access: password rules %q: use %q or %q", string(r), ASVS, MLPS3)
}

// MaxAge is how long a password lasts; 0 = for ever.
func (r Rules) MaxAge() time.Duration {
	if r == MLPS3 {
		return mlps3Age
	}
	return 0
}

// Check lists what is wrong with a password, on the field "password": short and
// long (N characters, Of allowed), utf8, login (contains it), common (is guessed
// first), simple (MLPS3: fewer than three kinds of characters).
func (r Rules) Check(login, password string) form.Faults {
	fault := func(code string, n, of int) form.Faults {
		return form.Faults{{Field: "password", Code: code, N: n, Of: of}}
	}
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return fault("utf8", 0, 0)
	case n < minPassword:
		return fault("short", n, minPassword)
	case n > maxPassword:
		return fault("long", n, maxPassword)
	}
	low := strings.ToLower(password)
	switch {
	case len(login) >= 3 && strings.Contains(low, strings.ToLower(login)):
		return fault("login", 0, 0)
	case guessable(low):
		return fault("common", 0, 0)
	case r == MLPS3 && kinds(password) < 3:
		return fault("simple", kinds(password), 3)
	}
	return nil
}

// kinds counts which of lower case, upper case, digits and everything else occur.
func kinds(s string) int {
	var k [4]int
	for _, r := range s {
		switch {
		case unicode.IsLower(r):
			k[0] = 1
		case unicode.IsUpper(r):
			k[1] = 1
		case unicode.IsDigit(r):
			k[2] = 1
		default:
			k[3] = 1
		}
	}
	return k[0] + k[1] + k[2] + k[3]
}

//go:embed common.txt
var commonFile string

var common = func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonFile) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "# ") {
			m[line] = true
		}
	}
	return m
}()

// phoneOrID: a mobile number, a date or an ID number is known to many people.
var phoneOrID = regexp.MustCompile(`^(1[3-9]\d{9}|\d{17}[\dx]|(19|20)\d{6}\d{0,4})$`)

// guessable reports whether a lower case password is on the list, is such a word
// with digits and signs around it or repeated, hardly has different characters,
// runs along the alphabet, or is a number people know of each other.
func guessable(low string) bool {
	if common[low] || phoneOrID.MatchString(low) || straight(low) {
		return true
	}
	distinct := map[rune]bool{}
	for _, r := range low {
		distinct[r] = true
	}
	if len(distinct) < 4 {
		return true
	}
	letters := strings.TrimFunc(low, func(r rune) bool { return !unicode.IsLetter(r) })
	if common[letters] && utf8.RuneCountInString(low)-utf8.RuneCountInString(letters) < minPassword {
		return true
	}
	for n := 1; n <= len(low)/2; n++ {
		if len(low)%n == 0 && strings.Repeat(low[:n], len(low)/n) == low && (n < 5 || common[low[:n]]) {
			return true
		}
	}
	return false
}

// straight reports whether every character follows or precedes its neighbour by one
// (1234567890, abcdefghij, zyxwvutsrq).
func straight(s string) bool {
	r := []rune(s)
	for _, step := range []rune{1, -1} {
		ok := true
		for i := 1; i < len(r) && ok; i++ {
			ok = r[i] == r[i-1]+step || (r[i-1] == '9' && r[i] == '0') || (r[i-1] == '0' && r[i] == '9')
		}
		if ok {
			return true
		}
	}
	return false
}

// Hash is a password hash with its parameters, $argon2id$v=19$m=…,t=…,p=…$salt$sum.
// "" means no password: nobody can sign in with it.
type Hash string

// Cost of new hashes (OWASP's second choice): 27 ms on the machine measured.
// Stored hashes keep the parameters they were made with.
const (
	argonTime   = 2
	argonMemory = 19 * 1024 // KiB
	argonLanes  = 1
	saltLen     = 16
	sumLen      = 32
)

// decoy is compared with when there is no account, so that it costs the same. No
// password has this sum.
const decoy Hash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher bounds how many hashes are computed at once: each takes 19 MiB, so that
// unbounded signing in would be a memory bomb.
type hasher struct {
	slots               chan struct{}
	patience            time.Duration
	computed, evaluated atomic.Int64
}

func newHasher() *hasher {
	return &hasher{slots: make(chan struct{}, 2*runtime.NumCPU()), patience: 5 * time.Second}
}

// slot waits for the right to compute one hash; ErrBusy after a while.
func (h *hasher) slot(ctx context.Context) (release func(), err error) {
	t := time.NewTimer(h.patience)
	defer t.Stop()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		return nil, ErrBusy
	}
}

// make computes the hash of a new password; the caller has a slot.
func (h *hasher) make(password string) Hash {
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails
	h.computed.Add(1)
	sum := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, sumLen)
	e := base64.RawStdEncoding
	return Hash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, e.EncodeToString(salt), e.EncodeToString(sum)))
}

// check computes one hash and compares; the caller has a slot. real says whether
// it is the hash of an account.
func (h *hasher) check(hash Hash, password string, real bool) bool {
	p, ok := hash.parse()
	if !ok {
		p, _ = decoy.parse()
		real = false
	}
	if len(password) > 4*maxPassword {
		password, ok = password[:4*maxPassword], false
	}
	h.computed.Add(1)
	if real {
		h.evaluated.Add(1)
	}
	sum := argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.lanes, uint32(len(p.sum)))
	return subtle.ConstantTimeCompare(sum, p.sum) == 1 && ok && real
}

type params struct {
	memory, time uint32
	lanes        uint8
	salt, sum    []byte
}

// parse reads a stored hash. Parameters that would stop the server are refused.
func (h Hash) parse() (p params, ok bool) {
	part := strings.Split(string(h), "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, false
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil ||
		fmt.Sprintf("m=%d,t=%d,p=%d", p.memory, p.time, p.lanes) != part[3] ||
		p.memory < 8 || p.memory > 256*1024 || p.time < 1 || p.time > 10 || p.lanes < 1 || p.lanes > 8 {
		return p, false
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(part[4])
	p.sum, err2 = base64.RawStdEncoding.DecodeString(part[5])
	return p, err1 == nil && err2 == nil && len(p.salt) >= 8 && len(p.salt) <= 64 && len(p.sum) >= 16 && len(p.sum) <= 64
}

// current reports whether new hashes are made with the same cost.
func (h Hash) current() bool {
	p, ok := h.parse()
	return ok && p.memory == argonMemory && p.time == argonTime && p.lanes == argonLanes
}

// Hash checks a new password against the rules and hashes it, outside of any
// transaction: it takes tens of milliseconds. form.Faults says what is wrong
// with the password.
func (g *Gate) Hash(ctx context.Context, login, password string) (Hash, error) {
	if f := g.opt.Rules.Check(login, password); len(f) > 0 {
		return "", f
	}
	release, err := g.hash.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return g.hash.make(password), nil
}
