package checkout_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"zhitong/api/checkout"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/orders"
	"zhitong/tenants/shops"
)

const logoDigest = "0123456789abcdef0123456789abcdef"

// Logo has one logo of one platform.
func (s *shelf) Logo(_ context.Context, tenant id.Tenant, name string) ([]byte, error) {
	if tenant != (id.Tenant{9}) || name != logoDigest {
		return nil, fault.New(shops.CodeLogoNotFound, "There is no logo.")
	}
	return []byte("\x89PNG\r\n\x1a\n"), nil
}

// TestBrand: the page has the platform's name, notice, contact, logo and colours; without them it is the product's own.
func TestBrand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, plain := b.get(t, "/checkout/awaiting")
	for _, s := range []string{"/checkout/accents/", "/checkout/logos/", "announce", "客服"} {
		if strings.Contains(plain, s) {
			t.Errorf("without a brand the page has %s", s)
		}
	}
	b.set("awaiting", func(v *orders.CheckoutView) {
		v.Brand = shops.Shop{Name: "星河", Accent: "#ffe600", Notice: "23 点后\n<script>", ServiceHours: "9–23",
			ServiceContact: "QQ 1", Logo: logoDigest}
	})
	res, page := b.get(t, "/checkout/awaiting")
	for _, s := range []string{"<b>星河</b>", "<p>23 点后</p><p>&lt;script&gt;</p>", "QQ 1", "9–23",
		`src="` + checkout.LogoPath(id.Tenant{9}, logoDigest) + `"`,
		`content="` + shops.ColorsOf("#ffe600").Light.Accent + `"`} {
		if !strings.Contains(page, s) {
			t.Errorf("the page lacks %s", s)
		}
	}
	if p := res.Header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") ||
		strings.Contains(page, "style=") || strings.Contains(page, "<style") {
		t.Errorf("the policy %q, or a style in the page", p)
	}
	address := regexp.MustCompile(`/checkout/accents/ffe600\.[0-9a-f]{12}\.css`).FindString(page)
	sheet, css := b.get(t, address)
	if sheet.StatusCode != http.StatusOK || !strings.Contains(sheet.Header.Get("Cache-Control"), "immutable") ||
		sheet.Header.Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.HasPrefix(css, ":root{--blue:"+shops.ColorsOf("#ffe600").Light.Accent) {
		t.Errorf("the style sheet %s: %d %v %s", address, sheet.StatusCode, sheet.Header, css)
	}
	logo, _ := b.get(t, checkout.LogoPath(id.Tenant{9}, logoDigest))
	if logo.StatusCode != http.StatusOK || logo.Header.Get("Content-Type") != "image/png" ||
		!strings.Contains(logo.Header.Get("Cache-Control"), "immutable") ||
		!strings.Contains(logo.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the logo: %d %v", logo.StatusCode, logo.Header)
	}
}

// TestAttackBrandAddresses: nothing is served but what a page names.
func TestAttackBrandAddresses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tenant := id.Tenant{9}.String()
	for _, path := range []string{
		"/checkout/accents/ffe600.css", "/checkout/accents/ffe600.000000000000.css",
		"/checkout/accents/%7D%2A%7Bcolor:red.0.css", "/checkout/accents/FFE600.000000000000.css",
		"/checkout/logos/" + tenant + "/" + logoDigest, "/checkout/logos/" + tenant + "/" + logoDigest + ".svg",
		"/checkout/logos/" + tenant + "/..%2F..%2Fetc%2Fpasswd.png",
		"/checkout/logos/" + id.Tenant{8}.String() + "/" + logoDigest + ".png",
		"/checkout/logos/x/" + logoDigest + ".png",
	} {
		if res, body := b.get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
}

// TestCashier: the link to the cashier goes by the configured address of the simulator, and only in a sandbox.
func TestCashier(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for url, shown := range map[string]bool{
		simulated + "/cashier/x":             true,
		"https://qr.alipay.com/cashier/bax":  false,
		simulated + ".evil.example/cashier/": false,
	} {
		b.set("awaiting", func(v *orders.CheckoutView) { v.Payment.PayURL = url })
		if _, page := b.get(t, "/checkout/awaiting"); strings.Contains(page, `class="cashier`) != shown {
			t.Errorf("%s: a link to the cashier is %v", url, !shown)
		}
	}
	b.set("awaiting", func(v *orders.CheckoutView) { v.Payment.PayURL, v.Sandbox = simulated+"/cashier/x", false })
	if _, page := b.get(t, "/checkout/awaiting"); strings.Contains(page, `class="cashier`) {
		t.Error("a live page leads to the cashier")
	}
}
