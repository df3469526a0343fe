package tenants_test

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

func TestKeyNamesItsTenant(t *testing.T) {
	t.Parallel()
	tenant := id.New[id.Tenant]()
	for mode, prefix := range map[vocabulary.TenantMode]string{tenants.ModeSandbox: "zt_test_",
		tenants.ModeLive: "zt_live_"} {
		k := tenants.MakeKey(mode, tenant)
		text := k.Secret.Reveal()
		if !strings.HasPrefix(text, prefix) ||
			!regexp.MustCompile(`^zt_(test|live)_[a-z2-7]{26}_[a-z2-7]{52}$`).MatchString(text) {
			t.Errorf("a %s key has the form %q", mode, text)
		}
		p, ok := tenants.ParseKey(text)
		if !ok || p.Tenant != tenant || p.Mode != mode || p.Hash != k.Hash || p.Hash != sha256.Sum256([]byte(text)) ||
			!strings.HasSuffix(text, k.Last4) {
			t.Errorf("ParseKey(%q) = %+v, %v", text, p, ok)
		}
	}
	if tenants.MakeKey(tenants.ModeSandbox, tenant).Hash == tenants.MakeKey(tenants.ModeSandbox, tenant).Hash {
		t.Error("two keys are the same")
	}
}

func TestParseKeyRefuses(t *testing.T) {
	t.Parallel()
	good := tenants.MakeKey(tenants.ModeSandbox, id.New[id.Tenant]()).Secret.Reveal()
	for _, bad := range []string{"", "zt_test_", good[1:], good[:len(good)-1], good + "a", strings.ToUpper(good),
		strings.Replace(good, "zt_test_", "zt_prod_", 1),
		good[:34] + "-" + good[35:], "zt_test_" + strings.Repeat("1", 26) + good[34:], strings.Repeat("a", 1<<16)} {
		if _, ok := tenants.ParseKey(bad); ok {
			t.Errorf("ParseKey takes %.100q", bad)
		}
	}
}

func TestMayGive(t *testing.T) {
	t.Parallel()
	for _, from := range vocabulary.Roles() {
		for _, to := range vocabulary.Roles() {
			want := from == tenants.RoleOwner || (from == tenants.RoleAdmin && to != tenants.RoleOwner) || from == to
			if from.MayGive(to) != want {
				t.Errorf("%s may give %s: %v", from, to, !want)
			}
		}
		if from.MayGive("root") || tenants.Role("root").MayGive(from) {
			t.Errorf("a role that does not exist is given or gives")
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	text := func(i id.Order) string { return i.String() }
	same := func(i id.Order) id.Order { return i }
	rows := make([]id.Order, 4)
	for i := range rows {
		rows[i] = id.New[id.Order]()
	}
	first := tenants.Page[id.Order]{Limit: 3}
	if first.Cursor() != id.Max[id.Order]() || first.Fetch() != 4 {
		t.Errorf("the first page starts at %s and fetches %d", first.Cursor(), first.Fetch())
	}
	if p := tenants.Cut(first, rows, text, same); len(p.Items) != 3 || p.Next != rows[2].String() {
		t.Errorf("of four rows: %d items, next %q", len(p.Items), p.Next)
	}
	if p := tenants.Cut(first, rows[:3], text, same); len(p.Items) != 3 || p.Next != "" {
		t.Errorf("of three rows: %d items, next %q", len(p.Items), p.Next)
	}
	if p := (tenants.Page[id.Order]{Before: rows[1]}); p.Cursor() != rows[1] || p.Fetch() != tenants.LimitDefault+1 {
		t.Errorf("the next page starts at %s and fetches %d", p.Cursor(), p.Fetch())
	}
	if n := (tenants.Page[id.Order]{Limit: 1 << 30}).Fetch(); n != tenants.LimitMax+1 {
		t.Errorf("a page of %d rows", n)
	}
}

func TestNormalEmail(t *testing.T) {
	t.Parallel()
	if e, err := tenants.NormalEmail("Owner@Example.cn"); err != nil || e != "owner@example.cn" {
		t.Errorf("%q, %v", e, err)
	}
	for _, bad := range []string{"", "a", "a@", "A <a@b.cn>", " a@b.cn", "a@b.cn, c@d.cn",
		strings.Repeat("a", 250) + "@b.cn"} {
		if _, err := tenants.NormalEmail(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}
