package orders_test

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const buyerMail = "buyer@example.cn"

// ended is an order whose page showed its card keys for as long as the platform says.
func ended(t *testing.T, r *tenantstest.Road, contact string) (orders.Order, string) {
	t.Helper()
	in := r.Input(1)
	in.BuyerContact = contact
	o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil {
		t.Fatal(err)
	}
	o = r.Paid(o)
	r.Clock.Advance(8 * 24 * time.Hour)
	return o, tokenOf(o.CheckoutURL)
}

func tokenOf(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

func look(t *testing.T, r *tenantstest.Road, tok string) (orders.CheckoutView, error) {
	t.Helper()
	return r.Orders.ByCheckoutToken(t.Context(), tok, orders.Look{Page: true, Asked: true})
}

// sentCode asks for a code and reads it from the mail.
func sentCode(t *testing.T, r *tenantstest.Road, o orders.Order, tok, lang string) string {
	t.Helper()
	if err := r.Orders.AskCode(t.Context(), tok, lang); err != nil {
		t.Fatal(err)
	}
	if err := r.Orders.SendCode(t.Context(), r.Tenant, o.ID); err != nil {
		t.Fatal(err)
	}
	return mailed(t, r)
}

var digits = regexp.MustCompile(`\b\d{8}\b`)

func mailed(t *testing.T, r *tenantstest.Road) string {
	t.Helper()
	mails := r.Mailed(buyerMail)
	if len(mails) == 0 {
		t.Fatal("no mail came")
	}
	return digits.FindString(mails[0])
}

// other is a code that is not the given one.
func other(code string) string {
	if code == "00000000" {
		return "00000001"
	}
	return "00000000"
}

// TestCodeOpensAnEndedPage: the page ends, a code by mail opens it at a new address, and every older address is dead.
func TestCodeOpensAnEndedPage(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o, tok := ended(t, r, buyerMail)
	v, err := look(t, r, tok)
	if err != nil || len(v.CardKeys) != 0 || v.CodeTo == "" || strings.Contains(v.CodeTo, "buyer@") {
		t.Fatalf("the ended page: %d keys, code to %q, %v", len(v.CardKeys), v.CodeTo, err)
	}
	if _, err := r.Orders.OpenByCode(t.Context(), tok, "12345678", ""); !errors.Is(err, orders.ErrCodeVoid) {
		t.Errorf("a code that nobody asked for: %v", err)
	}
	right := sentCode(t, r, o, tok, "en")
	if n := r.Count("checkout_codes", "position(convert_to($1, 'UTF8') in digest) > 0", right); n != 0 {
		t.Error("the code is stored")
	}
	if _, err := r.Orders.OpenByCode(t.Context(), tok, other(right), ""); !errors.Is(err, orders.ErrCodeWrong) {
		t.Errorf("a wrong code: %v", err)
	}
	url, err := r.Orders.OpenByCode(t.Context(), tok, right, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := look(t, r, tokenOf(url)); err != nil || len(v.CardKeys) != 1 {
		t.Errorf("the opened page: %d keys, %v", len(v.CardKeys), err)
	}
	if _, err := look(t, r, tok); fault.CodeOf(err) != tenants.CodeOrderNotFound {
		t.Errorf("the address before: %v", err)
	}
	// an answer that was lost is asked for again
	if again, err := r.Orders.OpenByCode(t.Context(), tok, right, ""); err != nil || again != url {
		t.Errorf("the same code again: %v, another address %v", err, again != url)
	}
	if n := r.Count("audit_log", "action = 'openCheckoutByCode' AND client_address = '192.0.2.7'"); n != 1 {
		t.Errorf("%d audit entries", n)
	}
	r.Clock.Advance(15 * time.Minute)
	if _, err := r.Orders.OpenByCode(t.Context(), tok, right, ""); err == nil {
		t.Error("the code opens the page after its time")
	}
}

// TestCodeIsNotGuessed: five wrong codes void it, and an address of five codes a day, one a minute, is no lottery.
func TestCodeIsNotGuessed(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o, tok := ended(t, r, buyerMail)
	right := sentCode(t, r, o, tok, "zh")
	for range 5 {
		if _, err := r.Orders.OpenByCode(t.Context(), tok, other(right), ""); !errors.Is(err, orders.ErrCodeWrong) {
			t.Fatalf("a wrong code: %v", err)
		}
	}
	if _, err := r.Orders.OpenByCode(t.Context(), tok, right, ""); !errors.Is(err, orders.ErrCodeVoid) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	if err := r.Orders.AskCode(t.Context(), tok, "zh"); !errors.Is(err, orders.ErrCodeTooSoon) {
		t.Errorf("a second code at once: %v", err)
	}
	for i := range 4 {
		r.Clock.Advance(61 * time.Second)
		if err := r.Orders.AskCode(t.Context(), tok, "zh"); err != nil {
			t.Fatalf("code %d: %v", i+2, err)
		}
	}
	r.Clock.Advance(61 * time.Second)
	if err := r.Orders.AskCode(t.Context(), tok, "zh"); !errors.Is(err, orders.ErrCodeTooSoon) {
		t.Errorf("a sixth code in a day: %v", err)
	}
	r.Clock.Advance(24 * time.Hour)
	if err := r.Orders.AskCode(t.Context(), tok, "zh"); err != nil {
		t.Errorf("a code on the next day: %v", err)
	}
	if _, err := r.Orders.OpenByCode(t.Context(), tok, right, ""); !errors.Is(err, orders.ErrCodeVoid) {
		t.Errorf("a code after another was asked for: %v", err)
	}
}

// TestCodeIsNotOffered: no page that still shows its card keys, no telephone number, no order before delivery, no
// wrong address and no suspended platform gets a code.
func TestCodeIsNotOffered(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	refused := func(what, tok string, want error) {
		t.Helper()
		if err := r.Orders.AskCode(t.Context(), tok, "zh"); !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	shown := r.Order(1)
	refused("unpaid", tokenOf(shown.CheckoutURL), orders.ErrCodeNotOffered)
	refused("delivered", tokenOf(r.Paid(shown).CheckoutURL), orders.ErrCodeNotOffered)
	for _, contact := range []string{"", "13800138000", "a@b, c@d", "买家 <a@example.cn>"} {
		_, tok := ended(t, r, contact)
		refused("contact "+contact, tok, orders.ErrCodeNotOffered)
	}
	o, tok := ended(t, r, buyerMail)
	forged := []byte(tok)
	forged[len(forged)-2] ^= 1
	if err := r.Orders.AskCode(t.Context(), string(forged), "zh"); fault.CodeOf(err) != tenants.CodeOrderNotFound {
		t.Errorf("a wrong address: %v", err)
	}
	right := sentCode(t, r, o, tok, "zh")
	if _, err := r.Orders.OpenByCode(t.Context(), string(forged), right, ""); fault.CodeOf(err) !=
		tenants.CodeOrderNotFound {
		t.Errorf("a wrong address with the right code: %v", err)
	}
}

// TestCodeMailLost: the mail server is busy, then takes it; a program that dies between keeping the digest and the mail
// makes another code. A mail that comes too late is not sent.
func TestCodeMailLost(t *testing.T) {
	t.Parallel()
	type crash struct{}
	var at string
	r := tenantstest.NewRoad(t, func(step string) {
		if at != "" && step == at {
			at = ""
			panic(crash{})
		}
	})
	o, tok := ended(t, r, buyerMail)
	if err := r.Orders.AskCode(t.Context(), tok, "zh"); err != nil {
		t.Fatal(err)
	}
	send := func() error { return r.Orders.SendCode(t.Context(), r.Tenant, o.ID) }
	r.Desk("POST", "/faults", map[string]any{"kind": "mail_busy", "times": 1}, nil)
	if err := send(); err == nil {
		t.Fatal("a busy mail server took the mail")
	}
	for _, at = range []string{"checkout code made", "checkout code sent"} {
		func() {
			defer func() {
				if _, ok := recover().(crash); !ok {
					t.Error("it did not crash")
				}
			}()
			_ = send()
		}()
	}
	if n := len(r.Mailed(buyerMail)); n != 1 {
		t.Errorf("%d mails after the crashes", n)
	}
	before := mailed(t, r)
	if err := send(); err != nil {
		t.Fatal(err)
	}
	now := mailed(t, r)
	_, err := r.Orders.OpenByCode(t.Context(), tok, before, "")
	if before != now && !errors.Is(err, orders.ErrCodeWrong) {
		t.Errorf("the code of the first mail: %v", err)
	}
	if _, err := r.Orders.OpenByCode(t.Context(), tok, now, ""); err != nil {
		t.Errorf("the code of the newest mail: %v", err)
	}
	r.Clock.Advance(15 * time.Minute)
	if err := send(); err != nil || len(r.Mailed(buyerMail)) != 2 {
		t.Errorf("after its time: %v, %d mails", err, len(r.Mailed(buyerMail)))
	}
}

// TestCodeAtOnce: one code, sent by many hands at once, opens the page once.
func TestCodeAtOnce(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	o, tok := ended(t, r, buyerMail)
	right := sentCode(t, r, o, tok, "zh")
	var wg sync.WaitGroup
	urls := make([]string, 16)
	for i := range urls {
		wg.Go(func() {
			var err error
			if urls[i], err = r.Orders.OpenByCode(t.Context(), tok, right, ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, u := range urls {
		if u != urls[0] {
			t.Error("two addresses")
		}
	}
	if n := r.Count("audit_log", "action = 'openCheckoutByCode'"); n != 1 {
		t.Errorf("opened %d times", n)
	}
	if _, err := look(t, r, tokenOf(urls[0])); err != nil {
		t.Error(err)
	}
}
