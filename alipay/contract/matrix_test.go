package contract

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zhitong/alipay"
	"zhitong/simulator"
)

const page = "../../docs/alipay.md"

// fence is one trap of gopay, what stands before it, and the test that fails without it.
type fence struct{ trap, fence, test string }

func fences() []fence {
	return []fence{
		{"`VerifySign` obeys the message's `sign_type`: `RSA` (SHA-1) is accepted", "RSA2 is pinned; any other " +
			"`sign_type` is refused before a signature is looked at", "TestFenceSignTypeIsPinned"},
		{"`ParseNotifyToBodyMap` reads the query string too and drops repeated keys", "our own parser reads the body " +
			"alone and refuses a repeated field", "TestFenceOnlyTheBodyAndNoRepeatedKeys"},
		{"empty parameters drop out of the signed text, so a value can be emptied without breaking the signature",
			"requests carry no empty parameter; in what comes in, an empty field counts as missing",
			"TestFenceEmptyParameters"},
		{"`VerifySign` deletes `sign` and `sign_type` from the map it is given", "it gets a copy",
			"TestFenceVerifyingChangesNothing"},
		{"`AutoVerifySign` with a broken key only logs; in public-key mode answers are not verified at all",
			"every answer is verified on its exact bytes; a client that accepts a forged answer in its self-test is " +
				"not made", "TestFenceAnswersAreVerified"},
		{"the address is a constant, and page methods build it into their URL", "the address is configuration; " +
			"requests and URLs are our own", "TestFenceAddressIsConfiguration"},
		{"setters live on the shared client: one tenant's token can reach another's call",
			"a client is immutable and belongs to one connection of one tenant", "TestFenceTenantsDoNotMix"},
		{"`PostFileAliPayAPISelfV2` returns no error when the HTTP call failed", "the answer is read and verified " +
			"like any other; a cut upload is unknown", "TestFenceCutUpload"},
		{"older versions did not verify TLS certificates", "a transport that does not verify makes no client",
			"TestFenceTLSIsVerified"},
		{"the error of an unreadable private key quotes it", "errors name the credential and never quote it",
			"TestFenceKeyErrorsDoNotQuoteTheKey"},
		{"older versions made a new connection for each call", "one pooled transport; twenty calls share a connection",
			"TestFenceConnectionsAreReused"},
		{"the debug switch logs `biz_content`, keys and signatures", "gopay's client is never made; one log line per " +
			"call, without content", "TestFenceLogsHoldNoSecrets"},
		{"the node of an answer is cut out by text search", "our own scanner finds the node's exact bytes",
			"TestFenceNodeExtraction"},
		{"60 seconds of patience and no deadline per method", "each method has its own deadline",
			"TestFenceSilentGateway"},
		{"some fields are kept inside `biz_content`, others cannot be sent", "requests are structs whose tags say " +
			"where a field travels", "TestFenceParametersTravelInTheirPlace"},
	}
}

// TestFences: the table names every fence's test and no test that is not there.
func TestFences(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func (TestFence\w+)\(`).FindAllSubmatch(source, -1) {
			found[string(m[1])] = true
		}
	}
	for _, f := range fences() {
		if !found[f.test] {
			t.Errorf("%s does not exist", f.test)
		}
		delete(found, f.test)
	}
	for name := range found {
		t.Errorf("%s is not in the table", name)
	}
}

// TestMatrix: docs/alipay.md says what the code says. With -update it is written.
func TestMatrix(t *testing.T) {
	t.Parallel()
	want := render()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/alipay.md is out of date: make generate")
	}
}

func render() string {
	known := simulator.Methods()
	var rows, refusals strings.Builder
	conditions, documented, demand := 0, 0, 0
	for _, m := range alipay.Methods() {
		tb, _ := tableOf(m.Method)
		fmt.Fprintf(&rows, "| `%s`<br>%s | `%s` | %s | %s | %s | %s | %s | %s |\n", m.Method, m.Title, m.GoName,
			tick(slices.Contains(known, m.Method)), tests(tb, m), m.Grade,
			code(m.Idempotent), code(m.Resolve), patience(m))
		codes := slices.DeleteFunc(conditionsOf(tb), func(c string) bool { return strings.HasPrefix(c, "LOCAL.") })
		conditions += len(codes)
		documented += len(alipay.DocumentedSubCodes(m.Method))
		if callable(m) && !tb.absent {
			demand += len(demanded(tb))
		}
		if len(codes) > 0 {
			fmt.Fprintf(&refusals, "- `%s`: %s\n", m.Method, strings.Join(codes, ", "))
		}
	}
	var traps strings.Builder
	for _, f := range fences() {
		fmt.Fprintf(&traps, "| %s | %s | `%s` |\n", f.trap, f.fence, f.test)
	}
	text, err := os.ReadFile("testdata/alipay.md")
	if err != nil {
		panic(err)
	}
	return strings.NewReplacer("{{matrix}}\n", rows.String(), "{{refusals}}\n", refusals.String(), "{{fences}}\n",
		traps.String(),
		"{{methods}}", fmt.Sprint(len(alipay.Methods())), "{{conditions}}", fmt.Sprint(conditions), "{{documented}}",
		fmt.Sprint(documented),
		"{{demand}}", fmt.Sprint(demand), "{{faults}}", fmt.Sprint(len(mischiefs())+3), "{{inbound}}",
		fmt.Sprint(len(inboundKinds()))).Replace(string(text))
}

// conditionsOf are the sub codes a table produces by real conditions, each once.
func conditionsOf(tb table) []string {
	var out []string
	for _, r := range tb.refusals {
		if c := strings.TrimSpace(strings.TrimPrefix(r.code, "unknown")); c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

func callable(m alipay.MethodInfo) bool { return m.Kind != alipay.KindPage && m.Kind != alipay.KindApp }

func tests(tb table, m alipay.MethodInfo) string {
	switch {
	case tb.absent:
		return "absence"
	case !callable(m):
		return "opened, repeated"
	}
	parts := []string{fmt.Sprintf("%d by conditions", len(conditionsOf(tb)))}
	if n := len(demanded(tb)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d on demand", n))
	}
	return strings.Join(append(parts, "all faults"), ", ")
}

func tick(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func patience(m alipay.MethodInfo) string {
	switch {
	case !callable(m):
		return "no call"
	case m.Retryable:
		return fmt.Sprintf("%.0f s, asks twice", m.Deadline.Seconds())
	}
	return fmt.Sprintf("%.0f s", m.Deadline.Seconds())
}
