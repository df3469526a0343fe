package checkout_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestKeysAreAskedFor: who only follows the address of a delivered order sees that there are card keys, and a button;
// who posts its form, and who saw the page before the order was paid, sees them.
func TestKeysAreAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const key = "XH7Q-92KD-PPL4-0MZA"
	res, body := b.get(t, "/checkout/delivered?lang=en")
	if strings.Contains(body, "XH7Q") || !strings.Contains(body, "Show the card keys") ||
		!strings.Contains(body, `<form method="post" action="/checkout/delivered?lang=en">`) ||
		len(res.Cookies()) != 0 {
		t.Errorf("a link that is followed: %v %s", res.Cookies(), body)
	}
	if _, body := b.get(t, "/checkout/delivered", "Cookie", "zt_visitor=guess"); strings.Contains(body, "XH7Q") {
		t.Error("a guessed cookie shows the card keys")
	}
	asked, err := http.Post(b.server.URL+"/checkout/delivered", "application/x-www-form-urlencoded", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer asked.Body.Close()
	for name, res := range map[string]*http.Response{"asked": asked, "paying": first(b.get(t, "/checkout/awaiting"))} {
		c := res.Cookies()
		if res.StatusCode != http.StatusOK || len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode ||
			c[0].Value == "" || !strings.HasPrefix(c[0].Path, "/checkout/") || c[0].MaxAge != 0 {
			t.Fatalf("%s: %d, cookies %v", name, res.StatusCode, c)
		}
		if _, body := b.get(t, "/checkout/delivered", "Cookie", c[0].Name+"="+c[0].Value); !strings.Contains(body,
			key) {
			t.Errorf("with the cookie of %s the keys are not there", name)
		}
	}
	if c := first(b.get(t, "/checkout/paid")).Cookies(); len(c) != 0 {
		t.Errorf("a page that is opened after the payment gives %v", c)
	}
}

func first(res *http.Response, _ string) *http.Response { return res }
