package seed

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"runtime"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Notice is the body of the notification that the n-th order was paid, signed with Alipay's key as Alipay does. It
// carries what Alipay documents for a trade notification of 当面付, so that it is as long.
func Notice(key *rsa.PrivateKey, n int64) ([]byte, error) {
	return NoticeOf(key, UID(Payment, n), TradeNo(n))
}

// NoticeOf is Notice for a payment that the product made.
func NoticeOf(key *rsa.PrivateKey, payment uuid.UUID, tradeNo string) ([]byte, error) {
	hex := strings.ReplaceAll(payment.String(), "-", "")
	// in the order of names, as they are signed
	params := [][2]string{
		{"app_id", AppID}, {"auth_app_id", AppID}, {"buyer_id", "2088000000000002"}, {"buyer_logon_id", "138****0000"},
		{"buyer_pay_amount", "100.00"}, {"charset", "utf-8"},
		{"fund_bill_list", `[{"amount":"100.00","fundChannel":"ALIPAYACCOUNT"}]`},
		{"gmt_create", "2026-10-01 09:59:50"}, {"gmt_payment", "2026-10-01 10:00:00"},
		{"invoice_amount", "100.00"}, {"notify_id", NotifyID(payment)}, {"notify_time", "2026-10-01 10:00:01"},
		{"notify_type", "trade_status_sync"}, {"out_trade_no", hex},
		{"point_amount", "0.00"}, {"receipt_amount", "100.00"}, {"seller_id", PID}, {"subject", "月卡"},
		{"total_amount", "100.00"}, {"trade_no", tradeNo},
		{"trade_status", "TRADE_SUCCESS"}, {"version", "1.0"},
	}
	var text, form strings.Builder
	for i, p := range params {
		if i > 0 {
			text.WriteByte('&')
			form.WriteByte('&')
		}
		text.WriteString(p[0] + "=" + p[1])
		form.WriteString(p[0] + "=" + url.QueryEscape(p[1]))
	}
	sum := sha256.Sum256([]byte(text.String()))
	sign, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign a notification: %w", err)
	}
	form.WriteString("&sign_type=RSA2&sign=" + url.QueryEscape(base64.StdEncoding.EncodeToString(sign)))
	return []byte(form.String()), nil
}

// NotifyID is as long as Alipay's are.
func NotifyID(payment uuid.UUID) string {
	return "20" + strings.ReplaceAll(payment.String(), "-", "")
}

// Notices signs the notifications of the orders from … to on every core.
func Notices(key *rsa.PrivateKey, from, to int64) ([][]byte, error) {
	out := make([][]byte, to-from+1)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var done sync.WaitGroup
	for w := range errs {
		done.Go(func() {
			for i := w; i < len(out); i += len(errs) {
				if out[i], errs[w] = Notice(key, from+int64(i)); errs[w] != nil {
					return
				}
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
