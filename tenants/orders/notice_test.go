package orders_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

// TestNoticeInformation: rubbish in a field that only informs, correctly signed, loses no payment.
func TestNoticeInformation(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	for field, rubbish := range map[string]string{
		"fund_bill_list":      `[{"amount":"1e2","fundChannel":[]}]`,
		"voucher_detail_list": "[{",
		"buyer_id":            "\x00\xff",
		"subject":             "\xc9\xff\x00",
		"gmt_payment":         "9999-12-31 23:59:59",
		"notify_time":         "yesterday",
		"receipt_amount":      "many",
		"refund_fee":          "none",
		"charset":             "klingon",
		"of_a_later_version":  strings.Repeat("x", 20_000),
	} {
		o := r.Order(1)
		if !apply(t, r, r.Sign(with(r.Notification(o), field, rubbish))) {
			t.Errorf("%s: it is not acknowledged", field)
		}
		if got := r.Get(o.ID); got.Status != orders.StatusDelivered {
			t.Errorf("%s: the order is %s", field, got.Status)
		}
	}
	o := r.Order(1)
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("游戏点卡")
	if err != nil {
		t.Fatal(err)
	}
	if !apply(t, r, r.Sign(with(with(r.Notification(o), "subject", gbk), "charset", "GBK"))) {
		t.Error("a notification in GBK is not acknowledged")
	}
}

// TestNoticeEssentials: rubbish in a field that decides, correctly signed, is never answered with success and
// forgotten: it is refused, or a person has to look, and it is kept either way.
func TestNoticeEssentials(t *testing.T) {
	t.Parallel()
	never := []string{"\x00", "\xff\xfe", strings.Repeat("9", 5000)}
	for field, more := range map[string][]string{
		"out_trade_no": {"", "rubbish", "0"},
		"trade_no":     {""}, // nothing says what Alipay's numbers look like
		"total_amount": {"", "rubbish", "0", "1e2"},
		"trade_status": {"", "rubbish", "0"},
		"app_id":       {"", "rubbish", "0"},
		"seller_id":    {"rubbish", "0"}, // a query's answer has none
		"notify_id":    {""},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r := tenantstest.NewRoad(t)
			o := r.Order(1)
			for _, rubbish := range slices.Concat(never, more) {
				ack := apply(t, r, r.Sign(with(r.Notification(o), field, rubbish)))
				review := r.Count("cases", "true")
				kept := r.Count("notifications", "verdict IN ('refused', 'review')")
				if ack && review == 0 || kept == 0 {
					t.Errorf("%.10q: acknowledged: %v, cases: %d, kept: %d", rubbish, ack, review, kept)
				}
			}
			if n := r.Count("card_keys", "status = 'delivered'"); n != 0 {
				t.Errorf("%d keys were delivered", n)
			}
			paidBy(t, r, o)
		})
	}
}

// TestNoticeOfAnUndocumentedStatus: nothing can be concluded from it, so it is neither acknowledged nor the end of the
// watch.
func TestNoticeOfAnUndocumentedStatus(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	if apply(t, r, r.Sign(with(r.Notification(o), "trade_status", "TRADE_REBORN"))) {
		t.Error("it is acknowledged")
	}
	if n := r.Count("notifications", "verdict = 'refused'"); n != 1 {
		t.Errorf("%d are kept, want 1", n)
	}
	unpaid(t, r, o)
	paidBy(t, r, o)
}

// TestNoticeCutAnew (attack A15): the fields of a truly signed notification of another trade, cut out of its subject,
// deliver nothing.
func TestNoticeCutAnew(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o := r.Order(1)
	truth := r.Notification(o)
	cut := with(with(truth, "subject", "x"), "version", "")
	cut["z"] = "&total_amount=0.01&trade_no=2026100122001400000000000002&trade_status=WAIT_BUYER_PAY&version=1.0"
	if apply(t, r, r.Sign(cut)) { // what Alipay signs for the subject "x&total_amount=…&z=" is the same text
		t.Error("it is acknowledged")
	}
	unpaid(t, r, o)
	paidBy(t, r, o)
}
