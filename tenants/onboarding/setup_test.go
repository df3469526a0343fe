package onboarding_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/tenantstest"
)

type testBundle struct {
	*tenantstest.Sandbox
	t        *testing.T
	svc      *onboarding.Service
	merchant id.Merchant // pending, without a number
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	b := &testBundle{Sandbox: tenantstest.New(t), t: t}
	b.svc = b.service(nil)
	b.merchant = b.pending("供货商")
	return b
}

func (b *testBundle) service(step func(string)) *onboarding.Service {
	return onboarding.New(onboarding.Config{DB: b.DB, Vault: b.Vault, Gateways: b.Gateways, Clock: b.Clock, Step: step})
}

// pending is a merchant that Alipay does not know yet.
func (b *testBundle) pending(name string) (m id.Merchant) {
	b.t.Helper()
	b.In(func(_ context.Context, tx db.TenantTx) {
		m = dbtest.Merchant(b.t, tx, func(m *dbsqlc.Merchant) {
			m.Name, m.Status, m.Smid = name, "pending", nil
			m.ReceiverType, m.ReceiverAccount, m.ReceiverBoundAt = nil, nil, nil
		}).ID
	})
	return m
}

// form is complete: an ordinary business that takes payments by QR code and settles to its company's card.
func form() onboarding.Form {
	return onboarding.Form{
		Name: "杭州示例网络科技有限公司", AliasName: "示例充值", MerchantType: "01", MCC: "B0125", CertNo: "91330100MA0000000C",
		LegalName:   "李四",
		LegalCertNo: "330106198001011235", ContactName: "赵六", ContactMobile: "13900000000",
		Service: []string{"当面付", "电脑支付"},
		SiteURL: "https://pay.example.cn", SiteName: "示例充值", BindingAlipayLogonID: "finance@example.cn",
		BusinessAddress: &onboarding.BusinessAddress{
			ProvinceCode: "330000",
			CityCode:     "330100",
			DistrictCode: "330106",
			Address:      "示例路1号",
		},
		SettleCard: &onboarding.SettleCard{
			HolderName: "杭州示例网络科技有限公司",
			No:         "571900000010001",
			Province:   "浙江省",
			City:       "杭州市",
			Branch:     "招商银行股份有限公司杭州分行",
			Usage:      "01",
			BankName:   "招商银行",
			BankID:     "CMB",
		},
	}
}

// pictures are the images that form needs.
func pictures() []string { return []string{"cert_image", "out_door_image", "in_door_image"} }

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// draft is a complete draft of the merchant's.
func (b *testBundle) draft(merchant id.Merchant, f onboarding.Form) id.Application {
	b.t.Helper()
	a, _, err := b.svc.Create(b.t.Context(), b.Actor, idempotency.Key{}, merchant, f)
	if err != nil {
		b.t.Fatalf("draft: %v", err)
	}
	for _, p := range pictures() {
		if _, err := b.svc.PutImage(b.t.Context(), b.Actor, a.ID, p, reads(picture(b.t))); err != nil {
			b.t.Fatalf("image %s: %v", p, err)
		}
	}
	return a.ID
}

// submitted is an application that was submitted and not sent yet.
func (b *testBundle) submitted() id.Application {
	b.t.Helper()
	a := b.draft(b.merchant, form())
	if _, err := b.svc.Submit(b.t.Context(), b.Actor, a); err != nil {
		b.t.Fatalf("submit: %v", err)
	}
	return a
}

// sent is an application that Alipay has.
func (b *testBundle) sent() (id.Application, string) {
	b.t.Helper()
	a := b.submitted()
	if err := b.svc.ExecuteSubmit(b.t.Context(), b.Tenant, a); err != nil {
		b.t.Fatalf("send: %v", err)
	}
	return a, b.only(a).OrderID
}

func (b *testBundle) get(a id.Application) onboarding.Application {
	b.t.Helper()
	got, err := b.svc.Get(b.t.Context(), b.Actor, a)
	if err != nil {
		b.t.Fatalf("read the application: %v", err)
	}
	return got
}

func (b *testBundle) want(a id.Application, status onboarding.Status) onboarding.Application {
	b.t.Helper()
	got := b.get(a)
	if got.Status != status {
		b.t.Errorf("the application is %s, want %s (reason %q)", got.Status, status, got.Reason)
	}
	return got
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || (code == "") != (err == nil) {
		t.Errorf("error %v, want code %q", err, code)
	}
}

// simulated is an application as the simulator has it.
type simulated struct {
	OrderID string          `json:"order_id"`
	SMID    string          `json:"smid"`
	Form    json.RawMessage `json:"form"`
}

func (b *testBundle) simulated(a id.Application) []simulated {
	b.t.Helper()
	var list struct {
		Applications []simulated `json:"applications"`
	}
	b.Desk(http.MethodGet, "/applications?"+url.Values{"external_id": {a.Hex()}}.Encode(), nil, &list)
	return list.Applications
}

// only is the one application that the simulator must have.
func (b *testBundle) only(a id.Application) simulated {
	b.t.Helper()
	list := b.simulated(a)
	if len(list) != 1 {
		b.t.Fatalf("the simulator has %d applications, want 1", len(list))
	}
	return list[0]
}

// decide is a decision at the simulator's desk: approve, audit, reject, confirm or refuse.
func (b *testBundle) decide(order, what string, body map[string]any) {
	b.t.Helper()
	if body == nil {
		body = map[string]any{}
	}
	b.Desk(http.MethodPost, "/applications/"+order+"/"+what, body, nil)
}

// events counts the application's events by type.
func (b *testBundle) events(a id.Application) map[vocabulary.EventType]int {
	b.t.Helper()
	n := map[vocabulary.EventType]int{}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		rows, err := tx.Query(ctx, "SELECT type, count(*)::int FROM events WHERE subject_id = $1 GROUP BY type", a)
		if err != nil {
			b.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var name vocabulary.EventType
			var count int
			if err := rows.Scan(&name, &count); err != nil {
				b.t.Fatal(err)
			}
			n[name] = count
		}
	})
	return n
}

func (b *testBundle) scan(sql string, dest any, args ...any) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if err := tx.QueryRow(ctx, sql, args...).Scan(dest); err != nil {
			b.t.Fatalf("%s: %v", sql, err)
		}
	})
}

// message is a signed message of Alipay's to the app gateway.
func (b *testBundle) message(method, notifyID string, content map[string]string) []byte {
	b.t.Helper()
	raw, err := json.Marshal(content)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Sign(map[string]string{
		"notify_id":     notifyID,
		"utc_timestamp": "1790820305731",
		"msg_method":    method,
		"app_id":        b.AppID,
		"version":       "1.1",
		"msg_type":      "sys",
		"charset":       "UTF-8",
		"sign_type":     "RSA2",
		"biz_content":   string(raw),
	})
}

// reads gives an upload's bytes.
func reads(content []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return content, nil }
}
