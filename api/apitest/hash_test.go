package apitest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

// TestDumpTellsNoRequest: who has a dump and knows all of a request but a mobile number cannot try numbers against what
// is kept of it. The same computation finds, and has answered again, what a program of before kept.
func TestDumpTellsNoRequest(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	const path = "/v1/merchants"
	body := object{"kind": "supplier", "name": "猜", "contact": "13700008888"}
	var made, again struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, path, body, &made, "Idempotency-Key", "kept-keyed")
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	guess := idempotency.Key{Value: "kept-before", Request: sha256.Sum256([]byte(path + "\x00" + string(text)))}
	var merchant [16]byte // owners have none
	stored := sha256.Sum256(append(append(guess.Request[:], merchant[:]...), string(tenants.RoleOwner)...))
	tried := hex.EncodeToString(stored[:])
	dump := string(dumped(t, w))
	if !strings.Contains(dump, "kept-keyed") {
		t.Fatal("the key is not in the dump: the test proves nothing")
	}
	if strings.Contains(dump, tried) {
		t.Error("the dump tells the request")
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		a := tenants.Actor{Tenant: p.ID, Caller: tenants.ByKey(id.New[id.APIKey]()), Role: tenants.RoleOwner}
		_, _, err := guess.Claim(ctx, tx, a, "createMerchant", uuid.UUID(parsed[id.Merchant](t, made.ID)))
		return err
	})
	if !strings.Contains(string(dumped(t, w)), tried) {
		t.Error("what a program of before kept is not found either: the test proves nothing")
	}
	a := w.Do(t, p.Key(owner), http.MethodPost, path, body, "Idempotency-Key", "kept-before")
	if err := json.Unmarshal(a.Body, &again); err != nil || again.ID != made.ID ||
		a.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("what a program of before kept: %d %s", a.Status, a.Body)
	}
	body["contact"] = "13700009999"
	if a := w.Do(t, p.Key(owner), http.MethodPost, path, body, "Idempotency-Key", "kept-before"); a.Code() !=
		"idempotency_key_reused" {
		t.Errorf("another number: %d %s", a.Status, a.Body)
	}
}
