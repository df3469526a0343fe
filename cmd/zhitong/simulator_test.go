package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestSimulatorDocument runs the commands of docs/simulator.md, in order, against `zhitong simulator`.
func TestSimulatorDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	address := startSimulatorCommand(t)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 4 || !strings.HasPrefix(blocks[0][1], "zhitong simulator ") {
		t.Fatalf("%d blocks: is this the right document?", len(blocks))
	}
	dir := t.TempDir()
	// The first starts it, here by a stand-in that is up already: what counts is that the address is found.
	stand := "zhitong() { echo ready: gateway http://" + address + "/gateway.do, desk http://" + address + "/desk; }\n"
	begun := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c",
		stand+blocks[0][1]+"echo found $simulator")
	begun.Dir = dir
	if out, err := begun.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("found http://"+address+"\n")) {
		t.Errorf("the start: %v: %s", err, out)
	}
	for _, b := range blocks[1:] {
		script := "simulator=http://" + address + "\n" +
			strings.ReplaceAll(b[1], "curl -s ", "curl -sS --fail-with-body ")
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s\n%v: %s", script, err, out)
		}
		for part, answer := range map[string]string{
			"app.csr":           `"alipay_certificate":"-----BEGIN CERTIFICATE`,
			"/gateway.do?":      `{"alipay_trade_precreate_response":{"code":"10000","msg":"Success"`,
			"/trades/demo1/pay": `"trade_status":"TRADE_SUCCESS"`, "business_error": `"kind":"business_error"`,
			"/calls":          `"fund_change":"Y"`,
			"advance_seconds": `"offset_seconds":86`,
		} {
			if strings.Contains(script, part) && !bytes.Contains(out, []byte(answer)) {
				t.Errorf("%s\nthe answer has no %s: %s", script, answer, out)
			}
		}
		if strings.Contains(script, "/desk/api/apps") && !strings.Contains(script, "/calls") {
			for _, field := range []string{"app_id", "pid", "alipay_public_key", "gateway_url"} {
				if !bytes.Contains(out, []byte(`"`+field+`"`)) {
					t.Errorf("the answer has no %s: %s", field, out)
				}
			}
		}
	}
}

// startSimulatorCommand runs the command in this process until the test ends.
func startSimulatorCommand(t *testing.T) (address string) {
	t.Helper()
	dir := t.TempDir() // before the cleanup that ends the simulator, so that it goes after it
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"simulator", "--dir", dir, "--listen", "127.0.0.1:0"}, program{in, in, nil})
		_ = in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		go func() { _, _ = io.Copy(io.Discard, out) }()
		select {
		case code := <-ended:
			if code != 0 {
				t.Errorf("simulator ended with %d", code)
			}
		case <-time.After(devPatience):
			t.Error("simulator does not end")
		}
	})
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`gateway http://([0-9.:]+)/gateway\.do`).FindSubmatch(line[:n])
	if found == nil {
		t.Fatalf("it says %q", line[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if _, _, err := net.SplitHostPort(string(found[1])); err != nil {
		t.Fatal(err)
	}
	return string(found[1])
}
