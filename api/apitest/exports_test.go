package apitest_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/api/contract"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/exports"
	"zhitong/tenants/tasks"
)

// export asks for an export as a role and does the task.
func export(t *testing.T, w *apitest.World, p *apitest.Tenant, as tenants.Role, body object) (file string) {
	t.Helper()
	var made struct{ ID string }
	w.Must(t, p.Key(as), "POST", "/v1/exports", body, &made, key()...)
	if _, err := w.Deps.Tasks.Run(t.Context(), p.ID, parsed[id.Task](t, made.ID), tasks.Steps(100)); err != nil {
		t.Fatal(err)
	}
	var task struct {
		Status string
		FileID string `json:"file_id"`
	}
	w.Must(t, p.Key(as), "GET", "/v1/tasks/"+made.ID, nil, &task)
	if task.Status != "succeeded" || task.FileID == "" {
		t.Fatalf("the task is %+v", task)
	}
	return task.FileID
}

func download(t *testing.T, w *apitest.World, p *apitest.Tenant, as tenants.Role, file string) []byte {
	t.Helper()
	a := w.Do(t, p.Key(as), "GET", "/v1/files/"+file+"/download", nil)
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return a.Body
}

// table reads CSV: of each row its cells by their headings.
func table(t *testing.T, content []byte) (rows []map[string]string) {
	t.Helper()
	rest, ok := bytes.CutPrefix(content, []byte("\xEF\xBB\xBF"))
	if !ok {
		t.Error("no mark of UTF-8 for Excel")
	}
	all, err := csv.NewReader(bytes.NewReader(rest)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, c := range r {
			row[all[0][i]] = c
		}
		rows = append(rows, row)
	}
	return rows
}

func orderFor(t *testing.T, w *apitest.World, p *apitest.Tenant, reference, contact string) string {
	t.Helper()
	body := w.OrderBody(p, 1)
	body["reference"], body["buyer_contact"], body["metadata"] = reference, contact, object{"note": "=1+1"}
	var o struct{ ID string }
	w.Must(t, p.Key(owner), "POST", "/v1/orders", body, &o, key()...)
	return o.ID
}

func TestExportOfOrders(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	made := orderFor(t, w, p, `=HYPERLINK("http://x","y")`, "13812345678")
	orderFor(t, w, other, "another platform's", "13800000000")
	file := export(t, w, p, owner, object{"list": "orders", "query": "status=awaiting_payment&" +
		"reference=" + url.QueryEscape(`=HYPERLINK("http://x","y")`)})
	rows := table(t, download(t, w, p, owner, file))
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	var o struct {
		TotalFen  int64  `json:"total_fen"`
		CreatedAt string `json:"created_at"`
	}
	w.Must(t, p.Key(owner), "GET", "/v1/orders/"+made, nil, &o)
	for heading, want := range map[string]string{
		"订单号": made, "外部单号": `'=HYPERLINK("http://x","y")`, "状态": "awaiting_payment", "买家联系方式": "13812345678",
		"金额（元）": fmt.Sprintf("%d.%02d", o.TotalFen/100, o.TotalFen%100), "金额（分）": fmt.Sprint(o.TotalFen),
		"下单时间（ISO 8601）": o.CreatedAt, "附加数据": `{"note":"=1+1"}`, "付款时间（北京时间）": "",
	} {
		if have := rows[0][heading]; have != want {
			t.Errorf("%s is %q, want %q", heading, have, want)
		}
	}
	all := string(download(t, w, p, owner, export(t, w, p, owner, object{"list": "orders", "language": "en"})))
	if strings.Contains(all, "another platform") || !strings.HasPrefix(all, "\xEF\xBB\xBFOrder,Reference,") {
		t.Errorf("all orders: %.200s", all)
	}
	for _, secretOf := range []string{"/checkout/", p.IDs["product_id"] + "-0"} {
		if strings.Contains(all, secretOf) {
			t.Errorf("the export has %q", secretOf)
		}
	}
	log := string(w.Do(t, p.Key(owner), "GET", "/v1/audit_log?action=createExport", nil).Body)
	if !strings.Contains(log, "orders csv") || strings.Contains(log, "HYPERLINK") {
		t.Errorf("the audit log has %s", log)
	}
	if a := w.Do(t, other.Key(owner), "GET", "/v1/files/"+file+"/download", nil); a.Status != 404 {
		t.Errorf("another platform reads the export: %d", a.Status)
	}
	if a := w.Do(t, p.Key(finance), "GET", "/v1/files/"+file+"/download", nil); a.Status != 404 {
		t.Errorf("who sees less reads the owner's export: %d", a.Status)
	}
}

// TestExportIsNoSideDoor: each role's export of each list has what the list shows that role, and is refused where the
// list is.
func TestExportIsNoSideDoor(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	orderFor(t, w, p, "r", "13812345678")
	operations := map[string]string{"orders": "/v1/orders", "merchants": "/v1/merchants", "audit_log": "/v1/audit_log",
		"cases": "/v1/cases", "splits": "/v1/splits"}
	contacts := map[string]string{"orders": "Buyer contact", "merchants": "Contact"}
	for _, role := range vocabulary.Roles() {
		for _, list := range slices.Sorted(maps.Keys(operations)) {
			shown := w.Do(t, p.Key(role), "GET", operations[list]+"?limit=100", nil)
			asked := w.Do(t, p.Key(role), "POST", "/v1/exports", object{"list": list, "language": "en"}, key()...)
			if role == "storefront" || shown.Status != 200 {
				if asked.Status != 403 {
					t.Errorf("%s exports %s, which it may not: %d", role, list, asked.Status)
				}
				continue
			}
			var made struct{ ID string }
			asked.Into(t, &made)
			if _, err := w.Deps.Tasks.Run(t.Context(), p.ID, parsed[id.Task](t, made.ID), tasks.Steps(9)); err != nil {
				t.Fatal(err)
			}
			var task struct {
				FileID string `json:"file_id"`
			}
			w.Must(t, p.Key(role), "GET", "/v1/tasks/"+made.ID, nil, &task)
			rows := table(t, download(t, w, p, role, task.FileID))
			if heading := contacts[list]; heading != "" {
				for _, r := range rows {
					if c := r[heading]; c != "" && !strings.Contains(string(shown.Body), `"`+c+`"`) {
						t.Errorf("%s sees %q of %s in an export and nowhere else", role, c, list)
					}
				}
			}
			if strings.Contains(string(download(t, w, p, role, task.FileID)), "13812345678") !=
				strings.Contains(string(shown.Body), "13812345678") {
				t.Errorf("%s: the contact is in one of the list %s and its export", role, list)
			}
		}
	}
	// a key that is kept out of a list is kept out of its export
	var narrow struct{ Secret string }
	w.Must(t, p.Key(owner), "POST", "/v1/api_keys", object{"name": "x", "role": "owner",
		"permissions": object{"tasks": "write"}}, &narrow)
	if a := w.Do(t, narrow.Secret, "POST", "/v1/exports", object{"list": "orders"}, key()...); a.Code() !=
		"permission_missing" {
		t.Errorf("a narrow key: %d %s", a.Status, a.Body)
	}
}

// TestExportColumns holds the columns to the contract: each is a property of the list, and none is a card key, an
// address that leads to one, or a secret.
func TestExportColumns(t *testing.T) {
	t.Parallel()
	doc, err := contract.Parse()
	if err != nil {
		t.Fatal(err)
	}
	for operation, paths := range exports.Paths() {
		data := listSchema(t, doc, operation)
		for _, path := range paths {
			s, class := data, ""
			for name := range strings.SplitSeq(path, ".") {
				if s.Items != nil {
					s = s.Items.Value
				}
				ref, ok := s.Properties[name]
				if !ok {
					t.Errorf("%s has no %s", operation, path)
					break
				}
				s, class = ref.Value, string(classOf(ref))
			}
			if slices.Contains([]string{string(authz.CardKey), string(authz.CheckoutAddress), string(authz.Secret)},
				class) {
				t.Errorf("%s of %s is %s", path, operation, class)
			}
		}
	}
}

// listSchema is the schema of a row of a list.
func listSchema(t *testing.T, doc *openapi3.T, operation string) *openapi3.Schema {
	t.Helper()
	for _, item := range doc.Paths.Map() {
		if item.Get != nil && item.Get.OperationID == operation {
			return item.Get.Responses.Status(200).Value.Content["application/json"].Schema.Value.
				Properties["data"].Value.Items.Value
		}
	}
	t.Fatalf("there is no %s", operation)
	return nil
}

// small makes exports of few rows a page, so that a few orders make many steps.
func small(t *testing.T, w *apitest.World, step func(string)) *tasks.Service {
	t.Helper()
	svc := tasks.New(tasks.Config{DB: w.DB, Clock: w.Clock, Step: step})
	lists, err := api.NewLists(w.Deps)
	if err != nil {
		t.Fatal(err)
	}
	exports.New(exports.Config{DB: w.DB, Clock: w.Clock, Tasks: svc, Files: w.Deps.Files, Source: lists, PageRows: 2,
		StepPages: 1, SheetRows: 4, Step: step})
	return svc
}

// TestExportCrash: wherever a worker dies, the next one goes on, each row is there once, and nothing half shows.
func TestExportCrash(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for n := range 4 {
		orderFor(t, w, p, fmt.Sprint("r", n), "13812345678")
	}
	for _, format := range []string{"csv", "xlsx"} {
		var made struct{ ID string }
		w.Must(t, p.Key(owner), "POST", "/v1/exports", object{"list": "orders", "format": format, "language": "en"},
			&made,
			key()...)
		task := parsed[id.Task](t, made.ID)
		for _, at := range []string{"read", "added", "made", "kept", "spread"} {
			func() {
				defer func() { _ = recover() }()
				_, err := small(t, w, func(name string) {
					if name == at {
						panic("killed")
					}
				}).Run(t.Context(), p.ID, task, tasks.Steps(1))
				if err != nil {
					t.Error(err)
				}
			}()
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := small(t, w, func(string) {}).Run(t.Context(), p.ID, task, tasks.Steps(100)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var done struct {
			Status   string
			FileID   string `json:"file_id"`
			Progress struct{ Done, Total int }
		}
		w.Must(t, p.Key(owner), "GET", "/v1/tasks/"+made.ID, nil, &done)
		var list struct{ Data []struct{ ID string } }
		w.Must(t, p.Key(owner), "GET", "/v1/orders?limit=100", nil, &list)
		content := download(t, w, p, owner, done.FileID)
		var ids []string
		if format == "csv" {
			for _, r := range table(t, content) {
				ids = append(ids, r["Order"])
			}
		} else {
			for _, sheet := range sheetsOf(t, content) {
				if sheet[0][0] != "Order" || len(sheet) > 4 {
					t.Errorf("a sheet of %d rows that begins with %v", len(sheet), sheet[0])
				}
				for _, r := range sheet[1:] {
					ids = append(ids, r[0])
				}
			}
		}
		var want []string
		for _, o := range list.Data {
			want = append(want, o.ID)
		}
		if !slices.Equal(ids, want) || done.Status != "succeeded" || done.Progress.Done != len(want) ||
			done.Progress.Total != len(want) {
			t.Errorf("%s: %+v with %v, want %v", format, done, ids, want)
		}
	}
}

// sheetsOf reads a spreadsheet: of each sheet its rows, of each row its texts.
func sheetsOf(t *testing.T, content []byte) (all [][][]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		f, err := z.Open(fmt.Sprintf("xl/worksheets/sheet%d.xml", n))
		if err != nil {
			break
		}
		raw, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		var sheet struct {
			Rows []struct {
				Cells []struct {
					Kind string `xml:"t,attr"`
					V    string `xml:"v"`
					Text string `xml:"is>t"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
		}
		if err := xml.Unmarshal(raw, &sheet); err != nil {
			t.Fatal(err)
		}
		var rows [][]string
		for _, r := range sheet.Rows {
			var row []string
			for _, c := range r.Cells {
				row = append(row, c.V+c.Text)
			}
			rows = append(rows, row)
		}
		all = append(all, rows)
	}
	for _, part := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml",
		"xl/_rels/workbook.xml.rels"} {
		f, err := z.Open(part)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(f); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part, err)
			}
		}
	}
	return all
}
