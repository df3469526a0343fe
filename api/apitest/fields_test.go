package apitest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/api/contract"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

// sensitive looks like something that not every role may see.
var sensitive = regexp.MustCompile(
	`contact|mobile|phone|mail|account|key|secret|cert_no|logon|url|token|metadata|card|sign|bank|client_address`)

// harmless are properties that only look so, and why.
func harmless() map[string]string {
	return map[string]string{
		"Tenant.card_keys_shown_days":              "a number of days",
		"Tenant.unpaid_orders_per_api_key":         "a number of orders",
		"Tenant.unpaid_orders_per_contact":         "a number of orders",
		"Tenant.held_card_keys_per_product":        "a number of card keys",
		"AlipayConnection.gateway_url":             "an address of Alipay",
		"AlipayConnection.notify_url":              "a public address of ours, without a secret",
		"AlipayConnection.app_gateway_url":         "a public address of ours, without a secret",
		"TenantCreated.api_key":                    "an object; its secret is marked",
		"Factors.passkeys":                         "objects with names and times; their keys stay with the device",
		"PasskeyCreated.passkey":                   "an object with a name and a time",
		"ApplicationForm.contact_name":             "a name; it reaches nobody",
		"ApplicationForm.service_phone":            "published by the merchant to its buyers",
		"ApplicationForm.site_url":                 "a public address",
		"ApplicationForm.settle_card":              "an object; its number is marked",
		"SettleCard.account_holder_name":           "the name on the licence",
		"SettleCard.account_inst_province":         "where a bank is",
		"SettleCard.account_inst_city":             "where a bank is",
		"SettleCard.account_branch_name":           "where a bank is",
		"SettleCard.account_inst_name":             "the name of a bank",
		"SettleCard.account_inst_id":               "the name of a bank",
		"SettleCard.bank_code":                     "the number of a branch",
		"Application.sign_url":                     "only the merchant's own Alipay account can sign there",
		"OrderCardKeys.card_keys":                  "objects; their card_key is marked",
		"Order.return_url":                         "the shop's own page",
		"ApiKeyEvent.api_key_id":                   "names a key, opens nothing",
		"ApiKeyEvent.previous_secret_until":        "a time",
		"WebhookSecretEvent.previous_secret_until": "a time",
		"Case.assignee":                            "an object with the name of a member",
		"Case.assigned_at":                         "a time",
		"Shop.service_contact":                     "published by the platform to its buyers",
		"NoticeRoute.signed":                       "whether there is a secret",
		"Posting.from_account":                     "the name of an account of the book",
		"Posting.to_account":                       "the name of an account of the book",
		"WebhookEndpoint.url":                      "the tenant's own address, for roles that set it",
		"WebhookEndpointCreated.url":               "the tenant's own address, for roles that set it",
		"WebhookEndpoint.previous_secret_until":    "a time",
		"WebhookSecret.previous_secret_until":      "a time",
		"APIKey.previous_secret_until":             "a time",
		"APIKeyRolled.previous_secret_until":       "a time",
		"WebhookAttemptDetail.url":                 "the tenant's own address, for roles that set it",
		"SignedInSession.client_address":           "of one's own sessions, for oneself",
	}
}

// classOf is the class of a property, or "".
func classOf(p *openapi3.SchemaRef) authz.Class {
	for _, e := range []map[string]any{p.Extensions, p.Value.Extensions} {
		if c, ok := e["x-sensitive"].(string); ok {
			return authz.Class(c)
		}
	}
	return ""
}

// answered is every schema that an answer or a webhook has, by name.
func answered(t *testing.T, doc *openapi3.T) map[string]*openapi3.Schema {
	t.Helper()
	found := map[string]*openapi3.Schema{}
	var visit func(s *openapi3.SchemaRef)
	visit = func(s *openapi3.SchemaRef) {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		if name != "" && found[name] != nil {
			return
		}
		if name == "" && len(s.Value.Properties) > 0 {
			name = fmt.Sprintf("unnamed %p", s.Value)
		}
		if name != "" {
			found[name] = s.Value
		}
		for _, p := range s.Value.Properties {
			visit(p)
		}
		if s.Value.Items != nil {
			visit(s.Value.Items)
		}
	}
	for _, path := range doc.Paths.Map() {
		for _, op := range path.Operations() {
			for _, r := range op.Responses.Map() {
				for _, m := range r.Value.Content {
					if m.Schema != nil {
						visit(m.Schema)
					}
				}
			}
		}
	}
	for name, s := range doc.Components.Schemas {
		if strings.HasSuffix(name, "Event") {
			found[name] = s.Value
		}
	}
	return found
}

// TestSensitiveFieldsAreMarked: a property that looks sensitive has a class, or stands in the list with a reason.
func TestSensitiveFieldsAreMarked(t *testing.T) {
	t.Parallel()
	doc, err := contract.Parse()
	if err != nil {
		t.Fatal(err)
	}
	excused, seen := harmless(), map[authz.Class]bool{}
	for name, s := range answered(t, doc) {
		for field, p := range s.Properties {
			full := name + "." + field
			c := classOf(p)
			seen[c] = true
			if sensitive.MatchString(field) && c == "" && excused[full] == "" && !strings.HasPrefix(name, "Problem") {
				t.Errorf("%s looks sensitive: mark it x-sensitive, or say in harmless why it is not", full)
			}
			if c != "" && excused[full] != "" {
				t.Errorf("%s is marked and excused", full)
			}
			delete(excused, full)
		}
	}
	for full := range excused {
		t.Errorf("%s is excused and not there", full)
	}
	for _, c := range authz.Classes() {
		if !seen[c] {
			t.Errorf("no property is of the class %s", c)
		}
	}
}

// observed are the values of each class in an answer; nil stands for a field that is missing, or {}.
type observed map[authz.Class][]any

func (o observed) walk(s *openapi3.Schema, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if s.Items != nil {
				o.walk(s.Items.Value, item)
			}
		}
	case map[string]any:
		for field, p := range s.Properties {
			value := v[field]
			if m, ok := value.(map[string]any); ok && len(m) == 0 {
				value = nil
			}
			if c := classOf(p); c != "" {
				o[c] = append(o[c], value)
				continue
			}
			o.walk(p.Value, value)
		}
	}
}

// misshown tells how an answer differs from what the view shows. canaries are the plain values of each class that the
// world has; whatever the schema says, none may stand in the answer of who does not see its class plain.
func misshown(view authz.View, s *openapi3.Schema, body []byte, canaries map[authz.Class][]string) (faults []string) {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{err.Error()}
	}
	seen := observed{}
	seen.walk(s, v)
	for c, values := range seen {
		filled := 0
		for _, value := range values {
			text := fmt.Sprint(value)
			if value == nil || text == "" {
				continue
			}
			filled++
			if hidden := strings.Contains(text, "*"); view.Of(c) == authz.Absent ||
				hidden != (view.Of(c) == authz.Masked) {
				faults = append(faults, fmt.Sprintf("%s is %s, but shows %q", c, view.Of(c), text))
			}
		}
		if filled == 0 && view.Of(c) != authz.Absent {
			faults = append(faults, fmt.Sprintf("%s is %s, and not there", c, view.Of(c)))
		}
	}
	for c, values := range canaries {
		for _, canary := range values {
			if view.Of(c) != authz.Plain && strings.Contains(string(body), canary) {
				faults = append(faults, fmt.Sprintf("%s is %s, but %q is in the answer", c, view.Of(c), canary))
			}
		}
	}
	return faults
}

// fieldsWorld is a tenant in which every sensitive field of every thing that a role can read has a value.
type fieldsWorld struct {
	*apitest.World
	p        *apitest.Tenant
	of       map[tenants.Role]*apitest.Tenant // with the identifiers that the role may name
	canaries map[authz.Class][]string
}

const (
	canaryPhone = "13987654321"
	canaryMail  = "canary.person@example.cn"
	canaryID    = "11010519491231002X"
	canaryCard  = "6222021234567890"
	canaryNote  = "canary-of-the-platform"
	canaryBuyer = "13712345678"
	canaryLogon = "13611112222"
)

func newFieldsWorld(t *testing.T) *fieldsWorld {
	t.Helper()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	f := &fieldsWorld{World: w, p: p, of: map[tenants.Role]*apitest.Tenant{}, canaries: map[authz.Class][]string{
		authz.Contact: {canaryPhone, canaryMail}, authz.IDNumber: {canaryID}, authz.MaskedAccount: {canaryCard},
		authz.Metadata: {canaryNote}, authz.BuyerContact: {canaryBuyer}, authz.AlipayAccount: {canaryLogon},
		authz.CheckoutAddress: {"/checkout/", "qr.alipay"}, authz.CardKey: {"canary-key-"},
	}}
	note := object{"note": canaryNote}
	staff := map[string]string{}
	w.Must(t, p.Key(owner), "POST", "/v1/approvals/"+p.IDs["approval_id"]+"/withdraw", nil, nil)
	for role, merchant := range map[tenants.Role]string{supplier: p.Supplier, tenants.RoleDistributor: p.Distributor} {
		w.Must(t, p.Key(owner), "PATCH", "/v1/merchants/"+merchant, object{"metadata": note,
			"contact": "赵六 " + canaryPhone}, nil)
		receives(t, w, p, merchant, object{"type": "loginName", "account": canaryLogon})
		ids := map[string]string{"merchant_id": merchant}
		body := and(w.ProductBody(p, "x"), note)
		body["merchant_of_record_id"] = merchant
		body["metadata"] = note
		var product, made struct{ ID string }
		w.Must(t, p.Key(owner), "POST", "/v1/products", body, &product)
		ids["product_id"] = product.ID
		w.Must(t, p.Key(owner), "POST", "/v1/products/"+product.ID+"/card_keys",
			object{"card_keys": apitest.Keys("canary-key-"+product.ID, 60)}, nil)
		order := object{"items": []any{object{"product_id": product.ID, "quantity": 1}}, "metadata": note,
			"buyer_contact": canaryBuyer}
		var o struct {
			ID      string
			Payment struct {
				ID         string
				OutTradeNo string `json:"out_trade_no"`
			}
		}
		w.Must(t, p.Key(owner), "POST", "/v1/orders", order, &o, key()...)
		w.Desk(t, "POST", "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
		w.Await(t, p, o.ID, "delivered")
		w.Settle(t, p, o.ID)
		f.receive(t, o.ID, merchant)
		ids["order_id"], ids["payment_id"] = o.ID, o.Payment.ID
		f.application(t, merchant, &made)
		ids["application_id"] = made.ID
		f.of[role] = p.With(ids)
		staff = ids
	}
	for _, role := range vocabulary.Roles() {
		if f.of[role] == nil {
			f.of[role] = p.With(staff)
		}
	}
	return f
}

// receive gives the merchant a part of its own order's split, as if it were another's.
func (f *fieldsWorld) receive(t *testing.T, order, merchant string) {
	t.Helper()
	o, err := id.Parse[id.Order](order)
	if err != nil {
		t.Fatal(err)
	}
	m, err := id.Parse[id.Merchant](merchant)
	if err != nil {
		t.Fatal(err)
	}
	f.In(t, f.p, func(ctx context.Context, tx db.TenantTx) error {
		var split id.Split
		if err := tx.QueryRow(ctx, "SELECT id FROM splits WHERE order_id = $1", o).Scan(&split); err != nil {
			return err
		}
		sealed, err := vault.PartReceiver.SealText(ctx, tx, f.Vault, vault.PartRow(split, 5), canaryLogon)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO split_parts (split_id, position, receiver, merchant_id,
			merchant_of_record_id, receiver_type, sealed_receiver, amount_fen)
			VALUES ($1, 5, 'merchant', $2, $2, 'loginName', $3, 1)`, split, m, sealed)
		return err
	})
}

// application files a whole form of a merchant that is active already: nobody may, so the database is asked to.
func (f *fieldsWorld) application(t *testing.T, merchant string, made any) {
	t.Helper()
	var smid string
	m, err := id.Parse[id.Merchant](merchant)
	if err != nil {
		t.Fatal(err)
	}
	f.In(t, f.p, func(ctx context.Context, tx db.TenantTx) error {
		if err := tx.QueryRow(ctx, "SELECT smid FROM merchants WHERE id = $1", m).Scan(&smid); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE merchants SET status = 'pending', smid = NULL WHERE id = $1", m)
		return err
	})
	f.Must(t, f.p.Key(owner), "POST", "/v1/merchants/"+merchant+"/applications", wholeForm(), made)
	f.In(t, f.p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET status = 'active', smid = $1 WHERE id = $2", smid, m)
		return err
	})
}

func wholeForm() object {
	return object{
		"name": "x", "cert_no": canaryID, "legal_cert_no": canaryID, "contact_mobile": canaryPhone,
		"contact_email": canaryMail, "alipay_logon_id": canaryLogon, "binding_alipay_logon_id": canaryLogon,
		"settle_card": object{
			"account_holder_name": "x", "account_no": canaryCard, "account_inst_province": "x",
			"account_inst_city": "x", "account_branch_name": "x", "usage_type": "01", "account_inst_name": "x",
			"account_inst_id": "CMB",
		},
	}
}

// changing are the requests by which an operation that is not a GET answers sensitive fields: what it is sent, and what
// is made for it.
func changing() map[string]struct {
	body    any
	prepare func(testing.TB, *apitest.World, *apitest.Tenant) map[string]string
} {
	type request = struct {
		body    any
		prepare func(testing.TB, *apitest.World, *apitest.Tenant) map[string]string
	}
	note := object{"note": canaryNote}
	merchant := object{"kind": "supplier", "name": "x", "contact": canaryPhone, "metadata": note,
		"receiver": object{"type": "loginName", "account": canaryLogon}}
	fresh := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		var o struct{ ID string }
		w.Must(t, p.Key(owner), "POST", "/v1/orders", p.FillBody(t, canaryOrder()), &o, key()...)
		return map[string]string{"order_id": o.ID}
	}
	another := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		var m, o struct{ ID string }
		w.Must(t, p.Key(owner), "POST", "/v1/merchants", merchant, &m)
		w.Must(t, p.Key(owner), "POST", "/v1/members", object{"email": apitest.Unique() + "@example.cn",
			"role": "support"}, &o)
		return map[string]string{"merchant_id": m.ID, "member_id": o.ID}
	}
	drafted := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		var a struct{ ID string }
		ids := another(t, w, p)
		w.Must(t, p.Key(owner), "POST", "/v1/merchants/"+ids["merchant_id"]+"/applications", wholeForm(), &a)
		ids["application_id"] = a.ID
		return ids
	}
	filed := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		ids := complete(t, w, p)
		path := "/v1/applications/" + ids["application_id"]
		var a struct{ Form object }
		w.Must(t, p.Key(owner), "GET", path, nil, &a)
		a.Form["contact_email"] = canaryMail
		card := wholeForm()["settle_card"].(object)
		card["account_holder_name"] = a.Form["name"]
		a.Form["settle_card"] = card
		w.Must(t, p.Key(owner), "PUT", path, a.Form, nil)
		return ids
	}
	suspended := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		ids := another(t, w, p)
		w.Must(t, p.Key(owner), "POST", "/v1/merchants/"+ids["merchant_id"]+"/suspend", nil, nil, key()...)
		return ids
	}
	return map[string]request{
		"createTenant":     {body: object{"name": "x", "owner_email": canaryMail}},
		"createMember":     {body: object{"email": "{unique}@example.cn", "role": "support"}},
		"createInvitation": {body: object{"email": "{unique}@example.cn", "role": "support"}},
		"updateMember":     {body: object{"name": "x"}, prepare: another},
		"createAPIKey":     {body: object{"name": "x", "role": "support"}},
		"createApproval":   {body: receiverChange("{merchant_id}"), prepare: newMerchant},
		"approveApproval":  {prepare: askedForReceiver}, "withdrawApproval": {prepare: askedForReceiver},
		"refuseApproval": {body: object{"reason": "x"}, prepare: askedForReceiver},
		"createMerchant": {body: merchant}, "updateMerchant": {body: object{"name": "y"}, prepare: another},
		"suspendMerchant": {prepare: another}, "reactivateMerchant": {prepare: suspended},
		"createApplication": {body: wholeForm(), prepare: another},
		"updateApplication": {body: wholeForm(), prepare: drafted}, "submitApplication": {prepare: filed},
		"createProduct": {body: object{"name": "x", "price_fen": 1, "supplier_id": "{supplier_id}",
			"merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}", "metadata": note}},
		"updateProduct": {body: object{"name": "x"}},
		"createOrder":   {body: canaryOrder()}, "closeOrder": {prepare: fresh},
		"retryOrderSplit":       {prepare: refusedSplit},
		"renewCheckoutURL":      {},
		"createWebhookEndpoint": {body: object{"url": "https://hooks.example.com/x"}},
		"rotateWebhookSecret":   {body: object{}},
		"decideSandboxApplication": {body: object{"step": "materials", "outcome": "rejected", "memo": "x"},
			prepare: sent},
		"rollAPIKey": {body: object{}},
	}
}

func canaryOrder() object {
	return object{"items": []any{object{"product_id": "{product_id}", "quantity": 1}},
		"metadata": object{"note": canaryNote}, "buyer_contact": canaryBuyer}
}

// TestFields calls every operation that answers something sensitive, as every role that may: the answer shows what
// fields.csv says and nothing else. The answer of the owner would not pass for a role that sees less.
func TestFields(t *testing.T) {
	t.Parallel()
	w := newFieldsWorld(t)
	doc, err := contract.Parse()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	fields, err := authz.NewFields(policy)
	if err != nil {
		t.Fatal(err)
	}
	requests, caught := changing(), map[authz.Class]bool{}
	for _, op := range w.Contract.Operations() {
		if op.Personal { // for people only
			continue
		}
		schema := answerOf(doc, op)
		if schema == nil || !slices.ContainsFunc(authz.Classes(), func(c authz.Class) bool { return has(schema, c) }) {
			continue
		}
		request, known := requests[op.ID]
		delete(requests, op.ID)
		if !known && op.Method != http.MethodGet {
			t.Errorf("%s answers something sensitive: give it a request in changing", op.ID)
			continue
		}
		roles := vocabulary.Roles()
		if op.Public {
			roles = []tenants.Role{authz.Anyone}
		}
		for _, role := range roles {
			if !op.Public && !policy.May(role, op.ID) {
				continue
			}
			as := w.of[role]
			if op.Public {
				as = w.p
			}
			if role.OfMerchant() && request.prepare != nil {
				continue // what is made for the request is not that merchant's; its own are read
			}
			if request.prepare != nil {
				as = as.With(request.prepare(t, w.World, as))
			}
			as = as.With(map[string]string{"unique": apitest.Unique()})
			a := w.Do(t, w.p.Keys[role], op.Method, as.Fill(op.Path), as.FillBody(t, request.body),
				"Idempotency-Key", apitest.Secret())
			if a.Code() == "approval_not_yours" {
				continue // the role decides about other kinds only
			}
			if a.Status >= 300 {
				t.Errorf("%s as %s: %d %s", op.ID, role, a.Status, a.Body)
				continue
			}
			view := fields.Of(role)
			if strings.HasPrefix(op.ID, "create") {
				view = fields.OfCreator(role)
			}
			for _, fault := range misshown(view, schema, a.Body, w.canaries) {
				t.Errorf("%s as %s: %s", op.ID, role, fault)
			}
			if role == owner {
				for c := range w.wouldLeak(fields, schema, a.Body) {
					caught[c] = true
				}
			}
		}
	}
	for op := range maps.Keys(requests) {
		t.Errorf("%s has a request in changing, and answers nothing sensitive", op)
	}
	for _, c := range []authz.Class{authz.CheckoutAddress, authz.BuyerContact, authz.Contact, authz.Metadata,
		authz.AlipayAccount, authz.CardKey, authz.NetworkAddress} {
		if !caught[c] {
			t.Errorf("nothing would have noticed a leak of %s", c)
		}
	}
}

// wouldLeak are the classes of which the owner's answer shows some other role too much.
func (f *fieldsWorld) wouldLeak(fields *authz.Fields, s *openapi3.Schema, body []byte) map[authz.Class]bool {
	leaks := map[authz.Class]bool{}
	for _, role := range []tenants.Role{finance, riskRole, supplier} {
		for _, fault := range misshown(fields.Of(role), s, body, f.canaries) {
			class, rest, _ := strings.Cut(fault, " is ")
			if !strings.HasSuffix(rest, "not there") {
				leaks[authz.Class(class)] = true
			}
		}
	}
	return leaks
}

// answerOf is the schema of an operation's answer that succeeds, or nil.
func answerOf(doc *openapi3.T, op *contract.Operation) *openapi3.Schema {
	for status, r := range doc.Paths.Value(op.Path).GetOperation(op.Method).Responses.Map() {
		if m := r.Value.Content["application/json"]; strings.HasPrefix(status, "2") && m != nil && m.Schema != nil {
			return m.Schema.Value
		}
	}
	return nil
}

// has tells whether a schema has a property of the class, however deep.
func has(s *openapi3.Schema, c authz.Class) bool {
	for _, p := range s.Properties {
		if classOf(p) == c || has(p.Value, c) {
			return true
		}
	}
	return s.Items != nil && has(s.Items.Value, c)
}
