package apitest_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"net/http"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/tenants"
)

// TestAttackMassAssignment: what a person sends beside what may be changed is refused whole, so that nothing of it is
// taken; the control is.
func TestAttackMassAssignment(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, admin)
	s.elevate(t)
	var members struct {
		Data []struct{ ID, Email, Role string }
	}
	s.do(t, http.MethodGet, "/v1/members", nil).Into(t, &members)
	own := ""
	for _, m := range members.Data {
		if m.Email == lifang {
			own = m.ID
		}
	}
	at := w.Clock.Now().UTC().Format(time.RFC3339)
	for _, c := range []struct {
		method, path string
		body         object
	}{
		{http.MethodPatch, "/v1/person", object{"language": "en", "email": "mallory@example.cn"}},
		{http.MethodPatch, "/v1/person", object{"language": "en", "role": "owner"}},
		{http.MethodPatch, "/v1/members/" + own, object{"name": "x", "person_id": s.person.ID.String()}},
		{http.MethodPatch, "/v1/members/" + own, object{"name": "x", "tenant_id": p.ID.String()}},
		{http.MethodPatch, "/v1/tenant", object{"name": "x", "mode": "live"}},
		{http.MethodPatch, "/v1/tenant", object{"name": "x", "twin_id": p.ID.String()}},
		{http.MethodPost, "/v1/invitations", object{"email": "x@example.cn", "role": "support",
			"accepted_at": at}},
		{http.MethodPost, "/v1/approvals", object{"kind": "factor_reset", "not_before": at,
			"factor_reset": object{"member_id": own}}},
		{http.MethodPost, "/v1/approvals", object{"kind": "factor_reset",
			"factor_reset": object{"member_id": own, "person_id": s.person.ID.String()}}},
	} {
		a := s.do(t, c.method, c.path, c.body)
		s.want(t, c.method+" "+c.path, a, http.StatusBadRequest, "invalid_request")
		if !bytes.Contains(a.Body, []byte("unknown_field")) {
			t.Errorf("%s: %s", c.path, a.Body)
		}
	}
	s.want(t, "a role above one's own", s.do(t, http.MethodPatch, "/v1/members/"+own, object{"role": "owner"}),
		http.StatusForbidden, "role_exceeds_own")
	if a := s.do(t, http.MethodPatch, "/v1/person", object{"language": "en"}); a.Status != http.StatusOK {
		t.Errorf("control: %d %s", a.Status, a.Body)
	}
	var person struct {
		Person struct{ Email, Language string }
	}
	s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &person)
	if person.Person.Email != lifang || person.Person.Language != "en" {
		t.Errorf("the person is %+v", person)
	}
}

// TestAttackFileOfAnother: a file's identifier opens it for nobody but whose it is: not for another platform, a lower
// role, or a merchant; the control is its maker.
func TestAttackFileOfAnother(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	var f struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/files?name=x", "x", &f, "Content-Type", octets)
	for who, key := range map[string]string{"another platform's owner": other.Key(owner), "support": p.Key(support),
		"finance": p.Key(finance), "a supplier": p.Key(supplier), "a distributor": p.Key(tenants.RoleDistributor)} {
		for _, c := range []struct{ method, path string }{{http.MethodGet, "/v1/files/" + f.ID},
			{http.MethodGet, "/v1/files/" + f.ID + "/download"}, {http.MethodDelete, "/v1/files/" + f.ID}} {
			a := w.Do(t, key, c.method, c.path, nil)
			if a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
				t.Errorf("%s: %s %s: %d %s", who, c.method, c.path, a.Status, a.Body)
			}
		}
	}
	if a := w.Do(t, other.Key(owner), http.MethodGet, "/v1/files/"+f.ID, nil); a.Code() != "file_not_found" {
		t.Errorf("another platform is told that it is there: %d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/files/"+f.ID+"/download", nil); string(a.Body) != "x" {
		t.Errorf("control: %d %s", a.Status, a.Body)
	}
}

// TestAttackZipBomb: what would be large once unpacked is unpacked by nobody: a file is kept to the byte, and a request
// that says that it is packed is read as it came.
func TestAttackZipBomb(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	const large = 64 << 20
	zeros := make([]byte, 1<<20)
	var archive, packed bytes.Buffer
	z := zip.NewWriter(&archive)
	inside, err := z.Create("a.csv")
	if err != nil {
		t.Fatal(err)
	}
	g := gzip.NewWriter(&packed)
	_, _ = g.Write([]byte(`{"name":"`))
	for range large / len(zeros) {
		_, _ = inside.Write(zeros)
		_, _ = g.Write(bytes.ReplaceAll(zeros, []byte{0}, []byte("x")))
	}
	_, _ = g.Write([]byte(`"}`))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	for _, coding := range []string{"", "gzip"} {
		header := []string{"Content-Type", octets}
		if coding != "" {
			header = append(header, "Content-Encoding", coding)
		}
		body := archive.Bytes()
		if coding != "" {
			body = packed.Bytes()
		}
		var f struct{ ID string }
		w.Must(t, p.Key(owner), http.MethodPost, "/v1/files?name=bomb.zip", body, &f, header...)
		if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/files/"+f.ID+"/download", nil); !bytes.Equal(a.Body, body) {
			t.Errorf("%q: %d bytes of %d", coding, len(a.Body), len(body))
		}
	}
	a := w.Do(t, p.Key(owner), http.MethodPatch, "/v1/tenant", packed.Bytes(), "Content-Encoding", "gzip",
		"Content-Type", "application/json")
	if a.Status < http.StatusBadRequest || a.Status >= http.StatusInternalServerError {
		t.Errorf("a packed request: %d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodPatch, "/v1/tenant", object{"name": "x"}); a.Status != http.StatusOK {
		t.Errorf("control: %d %s", a.Status, a.Body)
	}
}
