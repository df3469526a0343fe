package apitest_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"slices"
	"testing"

	"zhitong/api/apitest"
	"zhitong/tenants"
)

// TestLogo uploads a logo under a false name and type, and gets what the checkout page does: a picture made anew.
func TestLogo(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	uploaded := append(picture(), "<script>alert(1)</script>"...)
	a := w.Do(t, p.Key(owner), http.MethodPut, "/v1/shop/logo", uploaded, "Content-Type", "image/svg+xml",
		"Content-Disposition", `attachment; filename="../../x.html"`)
	var shop struct {
		Path string `json:"logo_path"`
	}
	if err := json.Unmarshal(a.Body, &shop); err != nil || a.Status != http.StatusOK || shop.Path == "" {
		t.Fatalf("%d %s, %v", a.Status, a.Body, err)
	}
	got := w.Do(t, "", http.MethodGet, shop.Path, nil)
	if _, err := png.Decode(bytes.NewReader(got.Body)); err != nil || got.Status != http.StatusOK ||
		got.Header.Get("Content-Type") != "image/png" || bytes.Contains(got.Body, []byte("script")) ||
		got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v, %v", got.Status, got.Header, err)
	}
	if a := w.Do(t, p.Key(support), http.MethodPut, "/v1/shop/logo", picture(), "Content-Type",
		"image/png"); a.Status != http.StatusForbidden {
		t.Errorf("support uploads: %d", a.Status)
	}
	for name, content := range map[string][]byte{"a page": []byte("<html>"), "too large": make([]byte, 300<<10)} {
		if a := w.Do(t, p.Key(owner), http.MethodPut, "/v1/shop/logo", content, "Content-Type",
			"image/png"); a.Status != http.StatusUnprocessableEntity || a.Code() != "logo_invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	w.Must(t, p.Key(owner), http.MethodDelete, "/v1/shop/logo", nil, nil)
	if gone := w.Do(t, "", http.MethodGet, shop.Path, nil); gone.Status != http.StatusNotFound {
		t.Errorf("after it was taken away: %d", gone.Status)
	}
}

// TestCaseAssignees: who can be given a case are the roles that may read one.
func TestCaseAssignees(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var offered, may []tenants.Role
	for _, r := range []tenants.Role{admin, finance, riskRole, support, developer} {
		w.Must(t, p.Key(owner), http.MethodPost, "/v1/members", map[string]any{"email": string(r) + "-case@example.cn",
			"name": string(r), "role": r}, nil)
	}
	var list struct{ Data []struct{ Role tenants.Role } }
	w.Must(t, p.Key(riskRole), http.MethodGet, "/v1/case_assignees", nil, &list)
	for _, m := range list.Data {
		if !slices.Contains(offered, m.Role) {
			offered = append(offered, m.Role)
		}
	}
	for _, r := range []tenants.Role{owner, admin, finance, riskRole, support, developer} {
		if w.Do(t, p.Key(r), http.MethodGet, "/v1/cases/"+p.IDs["case_id"], nil).Status == http.StatusOK {
			may = append(may, r)
		}
	}
	slices.Sort(offered)
	slices.Sort(may)
	if !slices.Equal(offered, may) || len(may) < 2 {
		t.Errorf("offered are %v, and %v may read cases", offered, may)
	}
}
