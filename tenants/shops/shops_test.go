package shops_test

import (
	"bytes"
	"image"
	"image/png"
	"testing"
	"time"

	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/shops"
)

// TestShop: the look of a platform is its own, counted by its version, and its logo is found by its digest alone.
func TestShop(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	svc := shops.New(d, clock.FrozenAt(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)))
	me := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
	if got, err := svc.Get(t.Context(), me); err != nil || got != (shops.Shop{}) {
		t.Errorf("at first: %+v, %v", got, err)
	}
	in := shops.Shop{Name: "星河", Accent: "#ff8800", Notice: "a\nb", ServiceHours: "9–23", ServiceContact: "QQ 1"}
	first, err := svc.Put(t.Context(), me, in, tenants.Match{Given: true, Versions: []int64{0}})
	if in.Version = 1; err != nil || first != in {
		t.Errorf("%+v, %v", first, err)
	}
	if _, err := svc.Put(t.Context(), me, in, tenants.Match{Given: true, Versions: []int64{0}}); fault.CodeOf(
		err) != tenants.CodePreconditionFailed {
		t.Errorf("an old version: %v", err)
	}
	if err := svc.DeleteLogo(t.Context(), me); fault.CodeOf(err) != shops.CodeLogoNotFound {
		t.Errorf("no logo yet: %v", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	with, err := svc.PutLogo(t.Context(), me, b.Bytes())
	if err != nil || with.Logo == "" || with.Version != 2 || with.Name != in.Name {
		t.Fatalf("%+v, %v", with, err)
	}
	for name, f := range map[string]struct {
		tenant id.Tenant
		digest string
		want   fault.Code
	}{
		"its own":             {me.Tenant, with.Logo, ""},
		"of another platform": {other.Tenant, with.Logo, shops.CodeLogoNotFound},
		"another digest":      {me.Tenant, "00000000000000000000000000000000", shops.CodeLogoNotFound},
		"a platform without":  {other.Tenant, "", shops.CodeLogoNotFound},
		"nobody's":            {id.New[id.Tenant](), with.Logo, shops.CodeLogoNotFound},
	} {
		if _, err := svc.Logo(t.Context(), f.tenant, f.digest); fault.CodeOf(err) != f.want {
			t.Errorf("%s: %v, want %s", name, err, f.want)
		}
	}
	if got, err := svc.Get(t.Context(), other); err != nil || got != (shops.Shop{}) {
		t.Errorf("another platform looks so: %+v, %v", got, err)
	}
	if err := svc.DeleteLogo(t.Context(), me); err != nil {
		t.Error(err)
	}
	if _, err := svc.Logo(t.Context(), me.Tenant, with.Logo); fault.CodeOf(err) != shops.CodeLogoNotFound {
		t.Errorf("after it was taken away: %v", err)
	}
}
