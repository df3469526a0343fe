package mask_test

import (
	"testing"

	"zhitong/internal/mask"
)

func TestContact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                     "",
		"13800000000":          "138****0000",
		"+8613800000000":       "+86****0000",
		"0571-88888888":        "057****8888",
		"a@example.cn":         "a***@example.cn",
		"buyer@example.cn":     "b***@example.cn",
		"赵六 13900000000":       "赵*** 139****0000",
		"2088000000000101":     "208****0101",
		"123456":               "1***",
		"wechat_id":            "w***",
		"@":                    "@***",
		"x@y@example.cn":       "x***@example.cn",
		"电话：13900000000":       "电***",
		"138****0000":          "1***",
		"buyer@example.cn,QQ1": "b***@example.cn,QQ1",
	} {
		if have := mask.Contact(in); have != want {
			t.Errorf("%q: have %q, want %q", in, have, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "12345": "*****", "123456": "123*56", "330106198001011235": "330*************35",
	} {
		if have := mask.Number(in); have != want {
			t.Errorf("%q: have %q, want %q", in, have, want)
		}
	}
}
