package tenantstest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"

	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
)

// Notification is the parameters of a true notification that an order was paid, but for its signature.
func (r *Road) Notification(o orders.Order) map[string]string {
	return map[string]string{
		"notify_time": "2026-10-01 10:00:00", "notify_type": "trade_status_sync",
		"notify_id": "n-" + payments.OutTradeNo(o.Payment.ID), "charset": "utf-8", "version": "1.0",
		"sign_type": "RSA2", "app_id": r.AppID, "auth_app_id": r.AppID, "trade_no": "2026100122001400000000000001",
		"out_trade_no": payments.OutTradeNo(o.Payment.ID),
		"trade_status": "TRADE_SUCCESS", "total_amount": o.Total.Yuan(), "receipt_amount": o.Total.Yuan(),
		"buyer_id": "2088000000000001", "seller_id": r.PID,
		"gmt_payment": "2026-10-01 09:59:59",
	}
}

// Sign signs a notification's parameters with Alipay's own key, as the body that Alipay would send. It is written here
// once more, apart from the client and the simulator, so that an error common to both would show.
func (s *Sandbox) Sign(params map[string]string) []byte {
	s.t.Helper()
	k, err := theKeys()
	if err != nil {
		s.t.Fatal(err)
	}
	var text []string
	form := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		form.Set(name, params[name])
		if name != "sign_type" && params[name] != "" {
			text = append(text, name+"="+params[name])
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(text, "&")))
	sig, err := rsa.SignPKCS1v15(nil, k.alipay, crypto.SHA256, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	form.Set("sign", base64.StdEncoding.EncodeToString(sig))
	return []byte(form.Encode())
}
