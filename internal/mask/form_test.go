package mask_test

import (
	"strings"
	"testing"

	"zhitong/internal/mask"
)

// TestForm: what names a person is masked, by parameters and in JSON, and nothing else is changed.
func TestForm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "",
		"out_trade_no=a1&buyer_id=2088000000000001&total_amount=1.00": "out_trade_no=a1&buyer_id=%2A%2A%2A%2A&" +
			"total_amount=1.00",
		"buyer%5Flogon_id=138%2A&sign=A%2BB&&x": "buyer%5Flogon_id=%2A%2A%2A%2A&sign=A%2BB&&x",
		"subject=%C4%E3%BA%C3&buyer_open_id=x":  "subject=%C4%E3%BA%C3&buyer_open_id=%2A%2A%2A%2A", // GBK
		"fund_bill_list=%5B%7B%22amount%22%3A%221.00%22%7D%5D": "fund_bill_list=%5B%7B%22amount%22%3A%221.00%22%7D" +
			"%5D",
		"biz_content=" + `{"order_id":"7","contact_infos":[{"name":"张\"三","mobile":"13800004711"}]}`: "biz_content=" +
			"%7B%22order_id%22%3A%227%22%2C%22contact_infos%22%3A%5B%7B%22name%22%3A%22%2A%2A%2A%2A%22%2C%22mobile%22" +
			"%3A%22%2A%2A%2A%2A%22%7D%5D%7D",
		"buyer_pay_amount=1.00&app_id=2021": "buyer_pay_amount=1.00&app_id=2021",
		"{not a form":                       "{not a form",
	} {
		if have := string(mask.Form([]byte(in))); have != want {
			t.Errorf("%s\n\tis %s\n\twant %s", in, have, want)
		}
	}
	if have := string(mask.Form([]byte("a=%zz&buyer_id=%zz2088"))); strings.Contains(have, "2088") {
		t.Errorf("what cannot be read stays: %s", have)
	}
}
