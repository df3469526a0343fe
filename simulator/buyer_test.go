package simulator_test

import "testing"

// TestBuyerIDs: an application knows a buyer by the user id, or by an open id of its own, in answers and notifications
// alike and never by both (Alipay documentation, alipay.trade.query: buyer_open_id replaces buyer_user_id).
func TestBuyerIDs(t *testing.T) {
	t.Parallel()
	w := start(t)
	r := newReceiver(t, nil)
	for n, byOpenID := range []bool{false, true, false} {
		w.desk("PATCH", "/apps/"+w.app, obj{"settings": obj{"open_ids": byOpenID}}, 200)
		no := w.paidTo(r.URL, "8.00")
		until(t, "the notification", func() bool { return len(r.got()) == n+1 })
		told := r.got()[n]
		for what, ids := range map[string][2]string{
			"query": {w.must("alipay.trade.query", obj{"trade_no": no}).str("buyer_user_id"),
				w.must("alipay.trade.query", obj{"trade_no": no}).str("buyer_open_id")},
			"notification": {told.Get("buyer_id"), told.Get("buyer_open_id")},
			"refund": func() [2]string {
				a := w.must("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "1.00", "out_request_no": no})
				return [2]string{a.str("buyer_user_id"), a.str("buyer_open_id")}
			}(),
		} {
			userID, openID := ids[0], ids[1]
			wanted := map[bool]string{false: "2088000000000001"}[byOpenID]
			if userID != wanted || (openID != "") != byOpenID {
				t.Errorf("by open id %v, %s: user id %q, open id %q", byOpenID, what, userID, openID)
			}
		}
	}
}
