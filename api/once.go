package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/internal/fault"
	"zhitong/tenants/idempotency"
)

const (
	idempotencyHeader = "Idempotency-Key"
	replayedHeader    = "Idempotency-Replayed"
)

const (
	// inUseRetry is after how many seconds to ask again for a request that is running.
	inUseRetry = 1
	// recordMax bounds the recording of an answer, which goes on when the caller has left.
	recordMax = 5 * time.Second
)

// claimsKey lists the operations that claim their Idempotency-Key in the transaction that creates what they create. A
// repeat of theirs shows the thing as it now is. Every other POST records its answer.
func claimsKey() []string {
	return []string{
		"createAPIKey",
		"createApplication",
		"createApproval",
		"createCardKeyImport",
		"createExport",
		"createFile",
		"createMember",
		"createMerchant",
		"createNoticeRoute",
		"createOrder",
		"createProduct",
		"createRefund",
		"createSplitRule",
		"createTenant",
		"createWebhookEndpoint",
		"importCardKeys",
		"publishSplitRuleVersion",
		"rollAPIKey",
		"rotateWebhookSecret",
	}
}

// claimed tells whether the contract has every operation of claimsKey.
func claimed(c *contract.Contract) error {
	var errs []error
	for _, name := range claimsKey() {
		if !slices.ContainsFunc(c.Operations(), func(o *contract.Operation) bool {
			return o.ID == name && o.TakesHeader(idempotencyHeader)
		}) {
			errs = append(errs, fmt.Errorf("%s claims its %s, and there is no such operation with one", name,
				idempotencyHeader))
		}
	}
	return errors.Join(errs...)
}

// recordsAnswer tells whether a repeat of the operation is given the recorded answer.
func recordsAnswer(op *contract.Operation) bool {
	return op.TakesHeader(idempotencyHeader) && !slices.Contains(claimsKey(), op.ID)
}

// keyOf is the request's Idempotency-Key with the hash of what it asks for: its path and the value of its body.
func keyOf(r *http.Request, op *contract.Operation, asked any) (k idempotency.Key, err error) {
	if !op.TakesHeader(idempotencyHeader) || r.Header.Get(idempotencyHeader) == "" {
		return k, nil
	}
	k.Value = r.Header.Get(idempotencyHeader)
	body, err := json.Marshal(asked)
	if err != nil {
		return k, fmt.Errorf("write the body for its idempotency key: %w", err)
	}
	h := sha256.New()
	h.Write([]byte(r.URL.Path))
	h.Write([]byte{0})
	h.Write(body)
	k.Request = [32]byte(h.Sum(nil))
	return k, nil
}

// once runs a request with an Idempotency-Key once, and gives its answer to every repeat.
func (g *gate) once(op *contract.Operation, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := keyIn(r.Context())
		if key.Value == "" {
			next.ServeHTTP(w, r)
			return
		}
		claim, seen, err := g.answers.Begin(r.Context(), authn.From(r.Context()), key, op.ID)
		switch {
		case err != nil:
			if fault.CodeOf(err) == idempotency.CodeKeyInUse {
				w.Header().Set("Retry-After", strconv.Itoa(inUseRetry))
			}
			g.problems.Write(w, r, err)
		case seen != nil:
			w.Header().Set(replayedHeader, "true")
			give(w, *seen)
		default:
			g.first(w, r, claim, next)
		}
	})
}

// first runs a request, records its answer when it succeeded, and only then gives it. After a panic nobody knows what
// was done: the claim stays until its time is up.
func (g *gate) first(w http.ResponseWriter, r *http.Request, claim *idempotency.Claim, next http.Handler) {
	within, cancel := context.WithTimeout(r.Context(), idempotency.Lease-recordMax)
	defer cancel()
	held := &heldAnswer{ResponseWriter: w}
	next.ServeHTTP(held, r.WithContext(within))
	after, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), recordMax)
	defer cancel()
	answer := held.answer()
	var err error
	if answer.Status < http.StatusMultipleChoices {
		err = g.answers.Finish(after, claim, answer)
	} else {
		err = g.answers.Abandon(after, claim)
	}
	if err != nil { // what was done stands, and its answer is given; a repeat runs again
		it := call.From(r.Context())
		it.Err = errors.Join(it.Err, err)
	}
	give(w, answer)
}

func give(w http.ResponseWriter, a idempotency.Answer) {
	if a.ContentType != "" {
		w.Header().Set("Content-Type", a.ContentType)
	}
	if a.ETag != "" {
		w.Header().Set("ETag", a.ETag)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// heldAnswer keeps an answer back.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write implements http.ResponseWriter.
func (h *heldAnswer) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

func (h *heldAnswer) answer() idempotency.Answer {
	h.WriteHeader(http.StatusOK)
	return idempotency.Answer{
		Status:      h.status,
		ContentType: h.Header().Get("Content-Type"),
		ETag:        h.Header().Get("ETag"),
		Body:        h.body.Bytes(),
	}
}
