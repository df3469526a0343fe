package alipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"zhitong/internal/money"
)

// The self-test is a fence of its own: a client whose pinned key would accept a forgery must not come into being.
func TestSelfTestFindsAForgery(t *testing.T) {
	t.Parallel()
	private, _, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := parsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	careless := &Client{private: key, public: &key.PublicKey} // what loadKeys refuses: Alipay's key is our own
	if err := careless.selfTest(); !errors.Is(err, ErrSelfTest) {
		t.Errorf("the self-test passed a client that trusts its own signatures: %v", err)
	}
}

func TestVectorsOfAnswers(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors map[string]struct{ Key, Text, Sign string }
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"T1", "T2", "T3", "S1", "S2", "S3"} {
		v := file.Vectors[name]
		key, err := parsePublicKey(v.Key)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := verifyNode(key, []byte(v.Text), v.Sign); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for i := range 20 {
			changed := []byte(v.Text)
			changed[(i*37)%len(changed)] ^= 1
			if verifyNode(key, changed, v.Sign) == nil {
				t.Errorf("%s: a changed byte was accepted", name)
			}
		}
	}
	// T3 inside its envelope; S3 signed without the escapes that the body has.
	key, _ := parsePublicKey(file.Vectors["T3"].Key)
	body := `{"alipay_open_file_upload_response":` + file.Vectors["T3"].Text + `,"sign":"` + file.Vectors["T3"].Sign +
		`"}`
	e, err := openEnvelope("alipay.open.file.upload", []byte(body))
	if err != nil || verifyNode(key, e.node, e.sign) != nil || codeOf(e.node) != codeSuccess {
		t.Errorf("T3: %v", err)
	}
	s3 := file.Vectors["S3"]
	key, _ = parsePublicKey(s3.Key)
	if !strings.Contains(s3.Text, `\/`) {
		t.Fatal("S3 has no escaped slash")
	}
	if verifyNode(key, []byte(strings.ReplaceAll(s3.Text, `\/`, `/`)), s3.Sign) == nil {
		t.Error("S3: the unescaped text is not what was signed")
	}
}

// The fallback of escaped slashes: signed without the escapes, sent with them.
func TestSlashFallback(t *testing.T) {
	t.Parallel()
	private, _, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, _ := parsePrivateKey(private)
	sign, err := signRaw([]byte(`{"u":"https://a/b"}`), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifyNode(&key.PublicKey, []byte(`{"u":"https:\/\/a\/b"}`), sign); err != nil {
		t.Error(err)
	}
	if verifyNode(&key.PublicKey, []byte(`{"u":"https:\/\/a\/c"}`), sign) == nil {
		t.Error("another text was accepted")
	}
}

// FuzzTopLevel: whatever the walk accepts, encoding/json sees the same members with the same raw values, and none
// twice.
func FuzzTopLevel(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":{"b":"}\"{"},"sign":"x"}`, ` { "a" : [ 1 , {} ] , "b":null,"c":-1.5e3 } `,
		`{"a":1,"a":2}`, `{"a":"\\"}`, `[{}]`, `{"a":tru`, `{"\u0061":1,"a":2}`, `"{"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := topLevel(body)
		var want map[string]json.RawMessage
		jsonErr := json.Unmarshal(body, &want)
		if err != nil {
			return
		}
		if jsonErr != nil {
			t.Fatalf("accepted %q: %v", body, jsonErr)
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d members, encoding/json has %d", body, len(got), len(want))
		}
		for name, raw := range want {
			if !bytes.Equal(bytes.TrimSpace(raw), got[name]) {
				t.Fatalf("%q: member %q is %q, encoding/json has %q", body, name, got[name], raw)
			}
		}
	})
}

// FuzzParseForm: whatever the strict parser accepts, net/url reads the same way, each name once.
func FuzzParseForm(f *testing.F) {
	for _, s := range []string{"a=1&b=%2B+x", "a=1&a=2", "a", "=1", "a=%zz", "a=1;b=2", "%61=1&a=2", "a=&b=", "a=b=c",
		"a=\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		form, err := parseForm(body)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || form != nil {
				t.Fatalf("%v, %v", form, err)
			}
			return
		}
		want, err := url.ParseQuery(string(body))
		if err != nil {
			if strings.Contains(string(body), ";") { // net/url refuses semicolons, which are plain characters here
				return
			}
			t.Fatalf("accepted %q: %v", body, err)
		}
		if len(want) != len(form) {
			t.Fatalf("%q: %v, net/url has %v", body, form, want)
		}
		for name, values := range want {
			if len(values) != 1 || form[name] != values[0] {
				t.Fatalf("%q: %s", body, name)
			}
		}
		if text := signedText(form); strings.HasPrefix(text, "&") ||
			strings.HasSuffix(text, "&") && !strings.HasSuffix(form[slices.Max(slices.Collect(maps.Keys(form)))], "&") {
			t.Fatalf("signed text %q", text)
		}
	})
}

func TestAnswerFen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]money.Fen{"88.80": 8880, "10": 1000, "10.5": 1050, "0.00": 0,
		"12345678901.23": 1234567890123} {
		if got, err := answerFen(in); err != nil || got != want {
			t.Errorf("%s = %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"", ".", "1.", ".5", "1e2", "1.001", "-1.00", "+1.00", " 1.00", "NaN", "1_0", "0x1",
		"12345678901234.00", "１.00", "1.+5", "1.-5"} {
		if got, err := answerFen(in); err == nil {
			t.Errorf("%q = %d", in, got)
		}
	}
}

func TestOwnNumbers(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"T20260102_0001": true, "": false, "a-b": false, strings.Repeat("x", 32): true,
		strings.Repeat("x", 33): false, "订单": false, "a b": false, "a\n": false} {
		if isOwnNumber(s) != want {
			t.Errorf("%q: %t", s, !want)
		}
	}
	first := probeNumber()
	if !isOwnNumber(first) || probeNumber() == first {
		t.Error("probe numbers")
	}
}

// Rules of the tables that name a query or differ from the general rule stay within the methods we have.
func TestOutcomeTable(t *testing.T) {
	t.Parallel()
	for method, rows := range outcomeTable() {
		if _, ok := registry()[method]; !ok {
			t.Errorf("rules for %s, which is no method", method)
		}
		for sub, r := range rows {
			if r.Resolve != "" && registry()[r.Resolve].Kind != KindQuery {
				t.Errorf("%s %s: %s is not a query", method, sub, r.Resolve)
			}
			if r.Class == ClassUnknown && r.Resolve == "" {
				t.Errorf("%s %s: unknown without a query", method, sub)
			}
			if codes := DocumentedSubCodes(method); len(codes) > 0 && !slices.ContainsFunc(codes, func(c string) bool {
				return bareSubCode(c) == sub
			}) {
				t.Errorf("%s %s is not in the documented list", method, sub)
			}
		}
	}
	for _, x := range []struct {
		code, sub string
		want      Class
	}{
		{"10000", "", ClassDone}, {"10003", "", ClassUnknown}, {"20000", "isp.unknow-error", ClassUnknown},
		{"20000", "aop.unknow-error", ClassUnknown},
		{"20001", "aop.invalid-app-auth-token", ClassFinal}, {"40001", "isv.missing-method", ClassFinal},
		{"40002", "isv.invalid-signature", ClassFinal},
		{"40003", "isv.invalid-auth-relations", ClassFinal}, {"40004", "AQC.SYSTEM_ERROR", ClassUnknown},
		{"40004", "SYSTEM_ERROR", ClassUnknown},
		{"40004", "SOMETHING_NEW", ClassFinal}, {"40004", "ACQ.FREQUENCY_LIMITED", ClassLimited},
		{"40005", "isv.app-call-limited", ClassLimited},
		{"40006", "isv.insufficient-isv-permissions", ClassFinal}, {"", "", ClassUnknown}, {"99999", "", ClassUnknown},
	} {
		if got := Rule("alipay.trade.refund", x.code, x.sub).Class; got != x.want {
			t.Errorf("%s %s is %s, want %s", x.code, x.sub, got, x.want)
		}
	}
	if r := Rule("alipay.trade.refund", "20000", ""); r.Resolve != "alipay.trade.fastpay.refund.query" {
		t.Errorf("an unknown refund is resolved by %q", r.Resolve)
	}
}
