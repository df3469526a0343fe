package webhooks_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"zhitong/internal/secret"
	"zhitong/tenants/webhooks"
)

// The vector that the libraries of Standard Webhooks share.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorAt        = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestSignVector(t *testing.T) {
	t.Parallel()
	got, err := webhooks.Sign(secret.New(vectorSecret), vectorID, time.Unix(vectorAt, 0), []byte(vectorBody))
	if err != nil || got != vectorSignature {
		t.Fatalf("Sign = %q, %v; want %q", got, err, vectorSignature)
	}
	for _, bad := range []string{"", "whsec_", "whsec_***"} {
		if _, err := webhooks.Sign(secret.New(bad), vectorID, time.Unix(vectorAt, 0), nil); err == nil {
			t.Errorf("a secret %q must be refused", bad)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Unix(vectorAt, 0)
	header := func(id, sig string, at int64) http.Header {
		h := http.Header{}
		h.Set(webhooks.HeaderID, id)
		h.Set(webhooks.HeaderTimestamp, strconv.FormatInt(at, 10))
		h.Set(webhooks.HeaderSignature, sig)
		return h
	}
	for _, c := range []struct {
		name string
		h    http.Header
		body string
		now  time.Time
		ok   bool
	}{
		{"the vector", header(vectorID, vectorSignature, vectorAt), vectorBody, now, true},
		{"one of several", header(vectorID, "v1,AAAA v2,x "+vectorSignature, vectorAt), vectorBody, now, true},
		{"edge of the tolerance", header(vectorID, vectorSignature, vectorAt), vectorBody,
			now.Add(webhooks.Tolerance), true},
		{"too old", header(vectorID, vectorSignature, vectorAt), vectorBody,
			now.Add(webhooks.Tolerance + time.Second), false},
		{"too new", header(vectorID, vectorSignature, vectorAt), vectorBody,
			now.Add(-webhooks.Tolerance - time.Second), false},
		{"another body", header(vectorID, vectorSignature, vectorAt), vectorBody + " ", now, false},
		{"another id", header("msg_2", vectorSignature, vectorAt), vectorBody, now, false},
		{"another time", header(vectorID, vectorSignature, vectorAt+1), vectorBody, now, false},
		{"another version", header(vectorID, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", vectorAt), vectorBody,
			now, false},
		{"no signature", header(vectorID, "", vectorAt), vectorBody, now, false},
		{"no timestamp", http.Header{}, vectorBody, now, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := webhooks.Verify(secret.New(vectorSecret), c.h, []byte(c.body), c.now)
			if (err == nil) != c.ok || (!c.ok && !errors.Is(err, webhooks.ErrSignature)) {
				t.Errorf("Verify: %v, want ok %v", err, c.ok)
			}
		})
	}
}
