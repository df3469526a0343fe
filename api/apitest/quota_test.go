package apitest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/contract"
	"zhitong/db"
	"zhitong/tenants"
)

// filled is how a table gets as many rows as a tenant may have of a thing: copies of one row with what must differ.
type filled struct {
	thing   tenants.Thing
	table   string
	differs string // a JSON object in SQL; n is the copy's number
}

// bounded are the operations that make something that stays, and what bounds it.
func bounded() map[string]filled {
	return map[string]filled{
		"createMember":   {tenants.Members, "members", "'email_digest', '\\x' || md5(n::text)"},
		"createAPIKey":   {tenants.APIKeys, "api_keys", "'secret_hash', sha256(n::text::bytea)"},
		"createMerchant": {tenants.Merchants, "merchants", "'smid', NULL, 'status', 'pending'"},
		"createApplication": {tenants.Applications, "applications", "'status', 'rejected', 'submitted_at', now(), " +
			"'decided_at', now()"},
		"createProduct":           {tenants.Products, "products", ""},
		"createSplitRule":         {tenants.SplitRules, "split_rules", "'name', 'rule ' || n"},
		"publishSplitRuleVersion": {tenants.SplitRuleVersions, "split_rule_versions", "'version', n + 100"},
	}
}

// boundedOtherwise are the other operations that are answered 201, and what bounds what they make.
func boundedOtherwise() map[string]string {
	return map[string]string{
		"createTenant":          "sign-ups of an address in a minute",
		"createFile":            "too_many_objects, before its body is read; TestTooManyFiles",
		"createOrder":           "too_many_unpaid_orders; what is paid is what a platform is for",
		"eraseContact":          "one at a time of a contact; owner and admin only",
		"createApproval":        "one that waits of a kind for a thing; an ended one stays for two years",
		"createRefund":          "one for what is left of an order",
		"createWebhookEndpoint": "webhook_endpoint_limit",
		"createNoticeRoute":     "notice_route_limit",
		"importCardKeys":        "10,000 in a request; stock is what a platform sells",
		"rotateWebhookSecret":   "replaces what is there",
		"addCaseNote":           "case_note_limit, 200 of a case",
		"createPasskey":         "passkey_limit, ten of a person",
		"createInvitation":      "200 that wait, and as many members as there may be",
		"createLiveTenant":      "is made once for each sandbox",
		"rollAPIKey":            "ends a key for the one that it makes",
	}
}

// TestEveryCreationIsBounded walks the operations that are answered 201: a tenant that has as many things as it may is
// refused one more, with the one code.
func TestEveryCreationIsBounded(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	doc, err := contract.Parse()
	if err != nil {
		t.Fatal(err)
	}
	bounds, others := bounded(), boundedOtherwise()
	for _, op := range w.Contract.Operations() {
		if op.Method != http.MethodPost || doc.Paths.Find(op.Path).Post.Responses.Status(http.StatusCreated) == nil {
			continue
		}
		f, ok := bounds[op.ID]
		if !ok {
			if others[op.ID] == "" {
				t.Errorf("%s makes something, and nothing bounds it", op.ID)
			}
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			p := w.NewTenant(t, "甲")
			fresh := draft(t, w, p)
			if op.ID == "createApplication" { // of a merchant that may apply
				w.Must(t, p.Key(owner), http.MethodDelete, "/v1/applications/"+fresh["application_id"], nil, nil)
			}
			fill(t, w, p, f)
			a := send(t, w, op, p.Key(owner), p.With(fresh))
			if a.Status != http.StatusConflict || a.Code() != "too_many_objects" {
				t.Errorf("with %d %s: %d %s", tenants.Most(f.thing), f.table, a.Status, a.Body)
			}
		})
	}
}

// fill gives the tenant as many rows as it may have.
func fill(t *testing.T, w *apitest.World, p *apitest.Tenant, f filled) {
	t.Helper()
	differs := "'id', md5(gen_random_uuid()::text || n)"
	if f.differs != "" {
		differs += ", " + f.differs
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO %[1]s
			SELECT copied.* FROM generate_series(1, $1 - (SELECT count(*)::int FROM %[1]s)) n,
				LATERAL (SELECT o FROM %[1]s o LIMIT 1) one,
				LATERAL jsonb_populate_record(one.o, jsonb_build_object(%[2]s)) copied`, f.table, differs),
			tenants.Most(f.thing))
		return err
	})
}
