package checkout_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zhitong/tenants/orders"
)

// over makes the delivered order's page an ended one, with a mail address or without.
func over(b *bundle, to string) {
	b.set("delivered", func(v *orders.CheckoutView) {
		v.CardKeys, v.CodeTo, v.BuyerContact = nil, to, "buyer@example.cn"
		v.ShownUntil = b.clock.Now().AddDate(0, 0, -1)
	})
}

// post sends a form and does not follow where it leads.
func (b *bundle) post(t *testing.T, path string, form url.Values) *http.Response {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res
}

// TestCodeForms: an ended page offers a code, takes it however it is typed, and leads on; without a mail address it
// offers nothing. It never shows the whole contact.
func TestCodeForms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	over(b, "")
	if _, page := b.get(t, "/checkout/delivered"); strings.Contains(page, "/code") ||
		!strings.Contains(page, "请联系卖家索要新的链接") || strings.Contains(page, "buyer@example.cn") {
		t.Errorf("without a mail address:\n%s", page)
	}
	over(b, "b***@example.cn")
	for said, want := range map[string]string{
		"": "验证码将发送至 b***@example.cn", "sent": "验证码已发送至 b***@example.cn", "soon": "请求过于频繁", "wrong": "验证码不正确",
		"void": "验证码已失效", "<script>": "验证码将发送至 b***@example.cn",
	} {
		_, page := b.get(t, "/checkout/delivered?code="+url.QueryEscape(said))
		form := said == "sent" || said == "soon" || said == "wrong"
		if !strings.Contains(page, want) || strings.Contains(page, `name="code"`) != form ||
			strings.Contains(page, "buyer@example.cn") || strings.Contains(page, "<script>") {
			t.Errorf("%q:\n%s", said, page)
		}
	}
	leads := func(path string, form url.Values, want string) {
		t.Helper()
		res := b.post(t, path, form)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want ||
			res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %v: %d to %s", path, form, res.StatusCode, res.Header.Get("Location"))
		}
	}
	page := "/checkout/delivered?lang="
	leads("/checkout/delivered/code?lang=en", nil, page+"en&code=sent")
	leads("/checkout/delivered/code", nil, page+"zh-CN&code=sent")
	if got := strings.Join(b.asked, " "); got != "en zh" {
		t.Errorf("the mails are in %q", got)
	}
	for _, typed := range []string{"12345678", " 1234 5678 ", "1234-5678", "１２３４５６７８"} {
		leads("/checkout/delivered/open?lang=en", url.Values{"code": {typed}},
			"https://example.cn/checkout/new?lang=en")
	}
	leads("/checkout/delivered/open", url.Values{"code": {"87654321"}}, page+"zh-CN&code=wrong")
	for _, typed := range []string{"", "abc", strings.Repeat("1", 2000)} {
		leads("/checkout/delivered/open", url.Values{"code": {typed}}, page+"zh-CN&code=void")
	}
	for err, said := range map[error]string{orders.ErrCodeTooSoon: "&code=soon", orders.ErrCodeNotOffered: ""} {
		b.err = err
		leads("/checkout/delivered/code", nil, page+"zh-CN"+said)
	}
	b.err = errors.New("no database")
	if res := b.post(t, "/checkout/delivered/code", nil); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a fault: %d", res.StatusCode)
	}
	b.err = nil
	for _, path := range []string{"/checkout/none/code", "/checkout/none/open"} {
		if res := b.post(t, path, url.Values{"code": {"12345678"}}); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}
