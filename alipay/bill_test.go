package alipay_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/alipay"
)

func gbk(t *testing.T, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// billZip is a bill in the documented form: GBK names and contents, notes, CRLF, cells with trailing tabs.
func billZip(t *testing.T) []byte {
	t.Helper()
	const text = "#支付宝业务明细查询\r\n#账号：[20880000000000990156]\r\n#----业务明细列表----\r\n" +
		"支付宝交易号,商户订单号,业务类型,商品名称,创建时间,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,新列\r\n" +
		"2026010222001400000000000001\t,T20260102_0001\t,交易    ,示例\"订单,2026-01-02 03:04:05,88.80,88.80,\t,-0.53,x\r\n" +
		"2026010222001400000000000001\t,T20260102_0001\t,退款    ,示例订单,2026-01-03 " +
		"03:04:05,-20.00,-20.00,RF1\t,0.12,x\r\n" +
		"#交易合计：1笔\r\n"
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{"2088_20260102_业务明细.csv": text,
		"2088_20260102_业务明细(汇总).csv": "#支付宝业务汇总查询\r\n门店编号,订单金额（元）\r\n合计,68.80\r\n", "readme.txt": "x"} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: gbk(t, name), NonUTF8: true, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(gbk(t, content))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadBill(t *testing.T) {
	t.Parallel()
	raw := billZip(t)
	var rows []alipay.BillRow
	if err := alipay.ReadBill(bytes.NewReader(raw), int64(len(raw)), func(r alipay.BillRow) error {
		if strings.HasSuffix(r.File, "业务明细.csv") {
			rows = append(rows, r)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	r := rows[1]
	amount, err := r.Amount("订单金额（元）")
	fee, feeErr := r.Amount("服务费（元）")
	if r.Cell("支付宝交易号") != tradeNo || r.Cell("业务类型") != "退款" || amount != -2000 || fee != 12 || err != nil ||
		feeErr != nil || r.Cell("退款批次号/请求号") != "RF1" {
		t.Errorf("%+v", r)
	}
	if r.Time("创建时间").IsZero() || r.Has("不存在") || r.Cell("不存在") != "" {
		t.Error("columns")
	}
	if _, err := r.Amount("商品名称"); err == nil {
		t.Error("a name is no amount")
	}
	stop := errors.New("stop")
	if err := alipay.ReadBill(bytes.NewReader(raw), int64(len(raw)), func(alipay.BillRow) error {
		return stop
	}); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := alipay.ReadBill(strings.NewReader("no zip"), 6, nil); !errors.Is(err, alipay.ErrBill) {
		t.Error(err)
	}
}

func TestBillDownload(t *testing.T) {
	t.Parallel()
	raw := billZip(t)
	s := newRawServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bill":
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(raw)
		case "/cut":
			cut(w, "PK")
		case "/cut-without-length":
			_, _ = w.Write([]byte("PK"))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/expired":
			w.Header().Set("Content-Type", "text/html;charset=GBK")
			fmt.Fprint(w, "<html>")
		case "/away":
			w.Header().Set("Location", "http://169.254.169.254/")
			w.WriteHeader(http.StatusFound)
		}
	})
	c, err := alipay.NewClient(credentials(s.URL), alipay.Options{Clock: testClock()})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if n, err := c.BillDownload(t.Context(), s.URL+"/bill", &b); err != nil || n != int64(len(raw)) ||
		!bytes.Equal(b.Bytes(), raw) {
		t.Errorf("%d bytes, %v", n, err)
	}
	for _, path := range []string{"/cut", "/cut-without-length", "/expired", "/away"} {
		if _, err := c.BillDownload(t.Context(), s.URL+path, &bytes.Buffer{}); !alipay.IsUnknown(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, address := range []string{"", "http://127.0.0.1:1/x", "https://evil.example/alipay.com",
		"https://xalipay.com/x", "file:///etc/passwd", "https://u:p@dwbillcenter.alipay.com/x",
		"http://dwbillcenter.alipay.com:8080/x", "gopher://dwbillcenter.alipay.com/x"} {
		if _, err := c.BillDownload(t.Context(), address, &bytes.Buffer{}); !alipay.IsRefused(err) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Alipay prints http addresses of its own hosts; they are fetched by https.
func TestBillDownloadUsesTLS(t *testing.T) {
	t.Parallel()
	var asked string
	c, err := alipay.NewClient(credentials("https://openapi.alipay.com"),
		alipay.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return nil, errors.New("no network")
		})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.BillDownload(t.Context(), "http://dwbillcenter.alipay.com/downloadBillFile.resource?token=1",
		&bytes.Buffer{}); !alipay.IsUnknown(err) {
		t.Error(err)
	}
	if asked != "https://dwbillcenter.alipay.com/downloadBillFile.resource?token=1" {
		t.Error(asked)
	}
}
