package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"zhitong/internal/fault"
	"zhitong/internal/secret"
)

// Lengths of a password, in characters (NIST SP 800-63B-4, 3.1.1).
const (
	passwordMin      = 10 // beside a second factor
	passwordMinAlone = 15
	passwordMax      = 128
	// passwordScore is the least that a password must score: from 0, guessed at once, to 4.
	passwordScore = 3
)

// ownWords are what nobody's password contains.
func ownWords() []string { return []string{"zhitong", "直通", "支付宝", "alipay"} }

// wordMin is the shortest word that a password is searched for: shorter ones are found by chance.
const wordMin = 4

// normal is the one form of a password that is measured and hashed.
func normal(p secret.String) string { return norm.NFC.String(p.Reveal()) }

// checkPassword returns password_refused for a password that is too short, too long, easily guessed, or made of what
// everybody knows about the person. There are no rules of composition.
func checkPassword(p secret.String, alone bool, words ...string) error {
	text := normal(p)
	least := passwordMin
	if alone {
		least = passwordMinAlone
	}
	n := utf8.RuneCountInString(text)
	if !utf8.ValidString(text) || n < least || n > passwordMax {
		return fault.New(CodePasswordRefused, "The password must have %d to %d characters.", least, passwordMax)
	}
	lower := strings.ToLower(text)
	var all []string
	for _, w := range append(ownWords(), words...) {
		w = strings.ToLower(norm.NFC.String(w))
		all = append(all, w)
		if local, _, ok := strings.Cut(w, "@"); ok {
			all = append(all, local)
		}
	}
	for _, w := range all {
		if (len(w) >= wordMin) && strings.Contains(lower, w) {
			return fault.New(CodePasswordRefused, "The password contains your address, or a name that is known.")
		}
	}
	if zxcvbn.PasswordStrength(text, all).Score < passwordScore {
		return fault.New(CodePasswordRefused, "The password is easily guessed.")
	}
	return nil
}

// Parameters of argon2id (RFC 9106; the first of OWASP's list). They stand in each hash, so that they can change.
const (
	argonMemory  = 46 * 1024 // KiB
	argonTime    = 1
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// hasher computes few hashes at once: each takes memory.
type hasher struct {
	free  chan struct{}
	dummy []byte // the hash of no password, for people who are not there
	count atomic.Int64
}

func newHasher() *hasher {
	h := &hasher{free: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	salt, key := make([]byte, argonSalt), make([]byte, argonKey)
	_, _ = rand.Read(salt) // never fails: the program is ended instead
	_, _ = rand.Read(key)
	h.dummy = written(salt, key)
	return h
}

func written(salt, key []byte) []byte {
	enc := base64.RawStdEncoding
	return fmt.Appendf(nil, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		enc.EncodeToString(salt), enc.EncodeToString(key))
}

func (h *hasher) hash(ctx context.Context, p secret.String) ([]byte, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails: the program is ended instead
	key, err := h.key(ctx, normal(p), salt, argonMemory, argonTime, argonThreads)
	return written(salt, key), err
}

func (h *hasher) key(ctx context.Context, text string, salt []byte, m, t uint32, p uint8) ([]byte, error) {
	select {
	case h.free <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.free }()
	h.count.Add(1)
	return argon2.IDKey([]byte(text), salt, t, m, p, argonKey), nil
}

// is tells whether the password is the one that was hashed. Without a hash it computes one all the same and says no.
func (h *hasher) is(ctx context.Context, p secret.String, hash []byte) (bool, error) {
	stored := h.dummy
	if hash != nil {
		stored = hash
	}
	m, t, threads, salt, want, err := readHash(stored)
	if err != nil {
		return false, err
	}
	text := normal(p)
	if utf8.RuneCountInString(text) > passwordMax {
		text = ""
	}
	have, err := h.key(ctx, text, salt, m, t, threads)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(have, want) == 1 && hash != nil, nil
}

func readHash(stored []byte) (m, t uint32, p uint8, salt, key []byte, err error) {
	parts := strings.Split(string(stored), "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return 0, 0, 0, nil, nil, fmt.Errorf("people: a password hash is of no known kind")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil {
		return 0, 0, 0, nil, nil, fmt.Errorf("people: a password hash has no parameters")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
		key, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(key) != argonKey {
		return 0, 0, 0, nil, nil, fmt.Errorf("people: a password hash is not base64")
	}
	return m, t, p, salt, key, nil
}

// Hashed is how many password hashes were computed, for tests: as many for an account that is not there.
func (s *Service) Hashed() int64 { return s.hasher.count.Load() }
