package apitest_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

const octets = "application/octet-stream"

// upload makes a file of the finance role with ten bytes.
func upload(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var f struct{ ID string }
	w.Must(t, p.Key(finance), "POST", "/v1/files?name=a.txt&content_type=text/html", "0123456789", &f,
		"Content-Type", octets)
	return map[string]string{"file_id": f.ID}
}

// asTask makes a task that finance has asked for; nothing works on it.
func asTask(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	task := id.New[id.Task]()
	a, err := w.Deps.Access.Authenticate(t.Context(), p.Key(finance))
	if err != nil {
		t.Fatal(err)
	}
	err = a.In(t.Context(), w.DB, func(ctx context.Context, tx db.TenantTx) error {
		_, err := w.Deps.Tasks.Create(ctx, tx, a, task, vocabulary.TaskExport, "x")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // there is room for few
		_, _ = w.Deps.Tasks.Cancel(context.WithoutCancel(t.Context()), tenants.Actor{Tenant: a.Tenant, Caller: a.Caller,
			Role: a.Role}, task)
	})
	return map[string]string{"task_id": task.String()}
}

func filesScenarios() []apitest.Scenario {
	binary := []string{"Content-Type", octets}
	return []apitest.Scenario{
		{Name: "upload a file", As: finance, Method: "POST", Path: "/v1/files?name=账单.csv&content_type=text/csv",
			Body: "a,b", Headers: binary, Status: 201, Has: []string{`"name":"账单.csv"`, `"size_bytes":3`,
				`"content_type":"text/csv"`, `"purpose":"upload"`}},
		{Name: "upload a file without a name", As: finance, Method: "POST", Path: "/v1/files", Body: "a",
			Headers: binary,
			Status:  400, Code: "invalid_request", Field: "name required"},
		{Name: "upload a file with a path", As: finance, Method: "POST", Path: "/v1/files?name=..%2Fa", Body: "a",
			Headers: binary, Status: 400, Code: "invalid_request", Field: "name format"},
		{Name: "upload a file that is dots", As: finance, Method: "POST", Path: "/v1/files?name=..", Body: "a",
			Headers: binary, Status: 400, Code: "invalid_request", Field: "name format"},
		{Name: "upload nothing", As: finance, Method: "POST", Path: "/v1/files?name=a", Body: "", Headers: binary,
			Status: 422, Code: "file_empty"},
		{Name: "upload JSON", As: finance, Method: "POST", Path: "/v1/files?name=a", Body: object{}, Status: 415,
			Code: "unsupported_media_type"},
		{Name: "read a file", As: finance, Method: "GET", Path: "/v1/files/{file_id}", Prepare: upload, Status: 200,
			Has: []string{"{file_id}",
				`"sha256":"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"`}},
		{Name: "a file of a colleague", As: riskRole, Method: "GET", Path: "/v1/files/{file_id}", Prepare: upload,
			Status: 404, Code: "file_not_found"},
		{Name: "the content of a colleague's file", As: riskRole, Method: "GET", Path: "/v1/files/{file_id}/download",
			Prepare: upload, Status: 404, Code: "file_not_found"},
		{Name: "the owner reads a file", As: owner, Method: "GET", Path: "/v1/files/{file_id}", Prepare: upload,
			Status: 200},
		{Name: "download a file", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download", Prepare: upload,
			Status: 200, Has: []string{"0123456789"}, After: givenOut},
		{Name: "download a part", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download", Prepare: upload,
			Headers: []string{"Range", "bytes=2-4"}, Status: 206, Has: []string{"234"}, Lacks: []string{"5"},
			After: ranged("bytes 2-4/10")},
		{Name: "download the rest", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download", Prepare: upload,
			Headers: []string{"Range", "bytes=8-"}, Status: 206, Has: []string{"89"}, After: ranged("bytes 8-9/10")},
		{Name: "download the end", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download", Prepare: upload,
			Headers: []string{"Range", "bytes=-100"}, Status: 206, Has: []string{"0123456789"},
			After: ranged("bytes 0-9/10")},
		{Name: "download beyond the end", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download",
			Prepare: upload,
			Headers: []string{"Range", "bytes=10-"}, Status: 416, Code: "range_not_satisfiable"},
		{Name: "two ranges are none", As: finance, Method: "GET", Path: "/v1/files/{file_id}/download", Prepare: upload,
			Headers: []string{"Range", "bytes=0-1,3-4"}, Status: 200, Has: []string{"0123456789"}},
		{Name: "delete a file", As: finance, Method: "DELETE", Path: "/v1/files/{file_id}", Prepare: upload,
			Status: 204,
			After: func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
				if a := w.Do(t, p.Key(owner), "GET", p.Fill("/v1/files/{file_id}/download"), nil); a.Status != 404 {
					t.Errorf("a deleted file: %d", a.Status)
				}
			}},
		{Name: "bound uploads", As: owner, Method: "PATCH", Path: "/v1/tenant",
			Body:   object{"upload_bytes_max": 20000000},
			Status: 200, Has: []string{`"upload_bytes_max":20000000`}},

		{Name: "export orders", As: finance, Method: "POST", Path: "/v1/exports", Body: object{"list": "orders",
			"query": "status=paid,delivered", "format": "xlsx"}, Status: 202, Has: []string{`"kind":"export"`,
			`"status":"queued"`}},
		{Name: "export with a filter that is none", As: finance, Method: "POST", Path: "/v1/exports",
			Body: object{"list": "orders", "query": "colour=red"}, Status: 400, Code: "invalid_request",
			Field: "/query unknown_parameter"},
		{Name: "export a page", As: finance, Method: "POST", Path: "/v1/exports", Body: object{"list": "orders",
			"query": "cursor=x"}, Status: 400, Code: "invalid_request", Field: "/query unknown_parameter"},
		{Name: "export no list", As: finance, Method: "POST", Path: "/v1/exports", Body: object{"list": "card_keys"},
			Status: 400, Code: "invalid_request", Field: "/list enum"},
		{Name: "export what the role may not list", As: finance, Method: "POST", Path: "/v1/exports",
			Body: object{"list": "audit_log"}, Status: 403, Code: "forbidden"},

		{Name: "list tasks", As: finance, Method: "GET", Path: "/v1/tasks?status=queued,running&kind=export",
			Prepare: asTask,
			Status:  200, Has: []string{"{task_id}", `"asked_by_kind":"api_key"`}},
		{Name: "read a task", As: finance, Method: "GET", Path: "/v1/tasks/{task_id}", Prepare: asTask, Status: 200,
			Has: []string{"{task_id}", `"status":"queued"`, `"done":0`}},
		{Name: "read no task", As: finance, Method: "GET", Path: "/v1/tasks/tsk_01jftt0q77fk29tara3d13bf44",
			Status: 404,
			Code:   "task_not_found"},
		{Name: "cancel a task", As: finance, Method: "POST", Path: "/v1/tasks/{task_id}/cancel", Prepare: asTask,
			Status: 200, Has: []string{`"status":"canceled"`}},
		{Name: "cancel a colleague's task", As: riskRole, Method: "POST", Path: "/v1/tasks/{task_id}/cancel",
			Prepare: asTask, Status: 403, Code: "task_of_another"},
		{Name: "a merchant reads the platform's task", As: supplier, Method: "GET", Path: "/v1/tasks/{task_id}",
			Prepare: asTask, Status: 404, Code: "task_not_found"},
	}
}

// givenOut: a browser that opens what somebody has uploaded runs nothing of it.
func givenOut(t testing.TB, _ *apitest.World, _ *apitest.Tenant, a apitest.Answer) {
	for name, want := range map[string]string{
		"Content-Type": octets, "Content-Disposition": "attachment; filename=a.txt",
		"X-Content-Type-Options": "nosniff",
		"Accept-Ranges":          "bytes", "Content-Length": "10", "Cache-Control": "no-store",
	} {
		if have := a.Header.Get(name); have != want {
			t.Errorf("%s is %q", name, have)
		}
	}
	if !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the policy is %q", a.Header.Get("Content-Security-Policy"))
	}
}

func ranged(want string) func(testing.TB, *apitest.World, *apitest.Tenant, apitest.Answer) {
	return func(t testing.TB, _ *apitest.World, _ *apitest.Tenant, a apitest.Answer) {
		if have := a.Header.Get("Content-Range"); have != want {
			t.Errorf("Content-Range is %q", have)
		}
	}
}

// TestTooManyFiles: a platform that has as many files as it may is refused one more before its content is read.
func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "files")
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx,
			`INSERT INTO files (id, status, purpose, name, content_type, in_bucket, sealed_key, caller_kind,
			caller_id, role, created_at, expires_at)
			SELECT gen_random_uuid(), 'writing', 'upload', 'x', 'a/b', false, '', 'api_key', gen_random_uuid(), 'owner',
				created_at, created_at
			FROM generate_series(1, $1), (SELECT created_at FROM files LIMIT 1) x`, tenants.Most(tenants.Files))
		return err
	})
	if a := w.Do(t, p.Key(owner), "POST", "/v1/files?name=x", "x", "Content-Type", octets); a.Status != 409 ||
		a.Code() != "too_many_objects" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// TestLargeUpload: a body that is larger than any other may be goes in and comes out.
func TestLargeUpload(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "files")
	content := bytes.Repeat([]byte("0123456789abcdef"), 400_000)
	var f struct{ ID string }
	w.Must(t, p.Key(owner), "POST", "/v1/files?name=large", content, &f, "Content-Type", octets)
	if a := w.Do(t, p.Key(owner), "GET", "/v1/files/"+f.ID+"/download", nil); !bytes.Equal(a.Body, content) {
		t.Errorf("%d: %d bytes of %d", a.Status, len(a.Body), len(content))
	}
	w.Must(t, p.Key(owner), "PATCH", "/v1/tenant", object{"upload_bytes_max": 1_000_000}, nil)
	if a := w.Do(t, p.Key(owner), "POST", "/v1/files?name=large", content, "Content-Type", octets); a.Status != 413 ||
		a.Code() != "file_too_large" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
