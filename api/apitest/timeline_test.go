package apitest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
)

// eventful is an order of each merchant with everything that a time line can tell, as far as the API makes it.
func eventful(t *testing.T, f *fieldsWorld, order string) {
	t.Helper()
	o, err := id.Parse[id.Order](order)
	if err != nil {
		t.Fatal(err)
	}
	f.Must(t, f.p.Key(owner), "GET", "/v1/orders/"+order+"/card_keys", nil, nil)
	f.Must(t, f.p.Key(owner), "POST", "/v1/orders/"+order+"/checkout_url/renew", nil, nil, key()...)
	f.In(t, f.p, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseSplitRefused, Order: o,
			Detail: "canary of a case", At: f.Clock.Now()}); err != nil {
			return err
		}
		for _, insert := range []string{
			`INSERT INTO order_reviews (id, order_id, decision, status, amount_fen, note, asked_by, asked_by_id)
				VALUES (gen_random_uuid(), $1, 'refund', 'asked', 1, 'canary of a review', 'key_x', gen_random_uuid())`,
			`INSERT INTO checkout_codes (order_id, since, asked_at, lang, expires_at)
				VALUES ($1, now(), now(), 'zh', now())`,
			`INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, error, duration_ms, url)
				SELECT gen_random_uuid(), w.id, e.id, 1, 'canary of a webhook', 1, 'https://hooks.example.com/zhitong'
				FROM webhook_endpoints w, events e WHERE e.subject_id = $1 LIMIT 1`,
			`INSERT INTO refunds (id, order_id, payment_id, amount_fen, status, reason, merchant_of_record_id, done_at)
				SELECT gen_random_uuid(), $1, id, 1, 'refused', 'canary of a refund', merchant_of_record_id, now()
				FROM payments WHERE order_id = $1`,
			`INSERT INTO refund_parts (refund_id, split_id, position, amount_fen)
				SELECT r.id, s.id, 5, 1 FROM refunds r, splits s WHERE r.order_id = $1 AND s.order_id = $1`,
		} {
			if _, err := tx.Exec(ctx, insert, o); err != nil {
				return err
			}
		}
		return nil
	})
}

// seenKinds is what each role sees of such an order.
func seenKinds() map[tenants.Role][]vocabulary.TimelineKind {
	all := vocabulary.TimelineKinds()
	without := func(kinds ...vocabulary.TimelineKind) []vocabulary.TimelineKind {
		return slices.DeleteFunc(slices.Clone(all), func(k vocabulary.TimelineKind) bool {
			return slices.Contains(kinds, k)
		})
	}
	split := []vocabulary.TimelineKind{vocabulary.TimelineSettlement, vocabulary.TimelineSplit,
		vocabulary.TimelineSplitPart}
	acts := []vocabulary.TimelineKind{vocabulary.TimelineAct, vocabulary.TimelineRevealed}
	refunds := []vocabulary.TimelineKind{vocabulary.TimelineRefund, vocabulary.TimelineRefundPart}
	handled := []vocabulary.TimelineKind{vocabulary.TimelineCaseOpened, vocabulary.TimelineReviewAsked}
	const code, webhook = vocabulary.TimelineCodeAsked, vocabulary.TimelineWebhookAttempt
	merchant := without(slices.Concat(acts, handled, []vocabulary.TimelineKind{code, webhook,
		vocabulary.TimelineRefundPart, vocabulary.TimelineNotification})...)
	return map[tenants.Role][]vocabulary.TimelineKind{
		owner:                   all,
		admin:                   all,
		finance:                 without(slices.Concat(acts, []vocabulary.TimelineKind{code, webhook, handled[0]})...),
		riskRole:                without(slices.Concat(split, refunds, []vocabulary.TimelineKind{code, webhook})...),
		support:                 without(slices.Concat(split, acts, []vocabulary.TimelineKind{webhook})...),
		developer:               without(slices.Concat(refunds, acts, handled, []vocabulary.TimelineKind{code})...),
		tenants.RoleDistributor: merchant,
		supplier:                merchant,
	}
}

// TestTimelineByRole: each role sees of an order what it may read elsewhere, and not a word of the rest. Nobody sees a
// card key, a contact, an account or a checkout address, which time lines do not tell.
func TestTimelineByRole(t *testing.T) {
	t.Parallel()
	f := newFieldsWorld(t)
	for _, role := range []tenants.Role{supplier, tenants.RoleDistributor} {
		eventful(t, f, f.of[role].IDs["order_id"])
	}
	// what an order of this kind does not have
	never := []vocabulary.TimelineKind{vocabulary.TimelineOrderClosed, vocabulary.TimelineCaseClosed,
		vocabulary.TimelineReviewEnded}
	for role, want := range seenKinds() {
		a := f.Do(t, f.p.Keys[role], "GET", "/v1/orders/"+f.of[role].IDs["order_id"]+"/timeline?lang=en", nil)
		var line struct {
			Data []struct {
				Kind          vocabulary.TimelineKind
				Title, Detail string
				Actor         *struct {
					Name          string
					ClientAddress string `json:"client_address"`
				}
			}
		}
		a.Into(t, &line)
		have := map[vocabulary.TimelineKind]bool{}
		for _, e := range line.Data {
			have[e.Kind] = true
			if e.Title == "" {
				t.Errorf("%s: %s has no title", role, e.Kind)
			}
			created := e.Kind == vocabulary.TimelineOrderCreated
			if named := e.Actor != nil && e.Actor.ClientAddress != ""; created &&
				named != slices.Contains([]tenants.Role{owner, admin, riskRole}, role) {
				t.Errorf("%s: who created the order: %+v", role, e.Actor)
			}
			if called := e.Actor != nil && e.Actor.Name != ""; created &&
				called != slices.Contains([]tenants.Role{owner, admin}, role) {
				t.Errorf("%s: how the key is called: %+v", role, e.Actor)
			}
		}
		want = slices.DeleteFunc(slices.Clone(want), func(k vocabulary.TimelineKind) bool {
			return slices.Contains(never, k)
		})
		if got := slices.Sorted(maps.Keys(have)); fmt.Sprint(got) != fmt.Sprint(slices.Sorted(slices.Values(want))) {
			t.Errorf("%s sees %v, want %v", role, got, want)
		}
		for canary, kind := range map[string]vocabulary.TimelineKind{
			"canary of a case": vocabulary.TimelineCaseOpened, "canary of a review": vocabulary.TimelineReviewAsked,
			"canary of a webhook": vocabulary.TimelineWebhookAttempt, "canary of a refund": vocabulary.TimelineRefund,
		} {
			if strings.Contains(string(a.Body), canary) != slices.Contains(want, kind) {
				t.Errorf("%s: %q in %s", role, canary, a.Body)
			}
		}
		for class, canaries := range f.canaries {
			for _, canary := range canaries {
				if strings.Contains(string(a.Body), canary) {
					t.Errorf("%s: the time line tells a %s: %q", role, class, canary)
				}
			}
		}
	}
	others := f.of[tenants.RoleDistributor].IDs["order_id"]
	a := f.Do(t, f.p.Keys[supplier], "GET", "/v1/orders/"+others+"/timeline", nil)
	if a.Code() != "order_not_found" {
		t.Errorf("the time line of another merchant's order: %d %s", a.Status, a.Body)
	}
}

// TestTimelineOfARestrictedKey: what narrows a key narrows the time line.
func TestTimelineOfARestrictedKey(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	w.Settle(t, p, p.IDs["order_id"])
	var made struct{ Secret string }
	w.Must(t, p.Key(owner), "POST", "/v1/api_keys", object{"name": "x", "role": "admin",
		"permissions": object{"orders": "read"}}, &made)
	a := w.Do(t, made.Secret, "GET", "/v1/orders/"+p.IDs["order_id"]+"/timeline", nil)
	for text, there := range map[string]bool{`"kind":"payment_paid"`: true, `"kind":"split"`: true,
		`"kind":"refund"`: false, `"actor"`: false, `"kind":"webhook_attempt"`: false} {
		if strings.Contains(string(a.Body), text) != there {
			t.Errorf("%s is there: %v; %s", text, !there, a.Body)
		}
	}
}
