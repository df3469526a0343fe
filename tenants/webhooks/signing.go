package webhooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/secret"
)

// Names of the headers that Standard Webhooks defines.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

const (
	secretPrefix  = "whsec_"
	secretBytes   = 32
	signaturesMax = 8 // a header may carry several during a change of secrets
	// Tolerance is how far a message's time may be from the receiver's.
	Tolerance = 5 * time.Minute
)

// ErrSignature tells that a message is not signed with the secret, or is too old or too new.
var ErrSignature = errors.New("webhooks: signature")

// newSecret makes the secret of an endpoint in the form of Standard Webhooks: whsec_ and 32 random bytes in base64.
func newSecret() secret.String {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails: the program is ended instead
	return secret.New(secretPrefix + base64.StdEncoding.EncodeToString(b))
}

// Sign is the webhook-signature of a message: v1, a comma, and the base64 HMAC-SHA256 of "id.timestamp.body". The
// timestamp is in Unix seconds.
func Sign(s secret.String, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), secretPrefix))
	if err != nil || len(key) == 0 {
		return "", errors.New("webhooks: the secret is not whsec_ and base64")
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// Verify checks a received message as a receiver should: one of its v1 signatures is right and its time is within
// Tolerance of now. It returns ErrSignature.
func Verify(s secret.String, h http.Header, body []byte, now time.Time) error {
	seconds, err := strconv.ParseInt(h.Get(HeaderTimestamp), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: no timestamp", ErrSignature)
	}
	at := time.Unix(seconds, 0)
	if d := now.Sub(at); d > Tolerance || d < -Tolerance {
		return fmt.Errorf("%w: the timestamp is out of tolerance", ErrSignature)
	}
	want, err := Sign(s, h.Get(HeaderID), at, body)
	if err != nil {
		return err
	}
	for _, got := range strings.SplitN(h.Get(HeaderSignature), " ", signaturesMax) {
		if hmac.Equal([]byte(got), []byte(want)) {
			return nil
		}
	}
	return fmt.Errorf("%w: none matches", ErrSignature)
}
