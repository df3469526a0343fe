package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"zhitong/cmd/zhitong/boot"
)

// childVariable makes this test binary run the program instead of the tests, so that a test can kill it.
const childVariable = "ZHITONG_E2E_CHILD"

func TestMain(m *testing.M) {
	if boot.Environment()[childVariable] != "" {
		runChild()
		return
	}
	os.Exit(m.Run())
}

// steps watches where the program is, and ends it at the step it is armed for as kill -9 does: nothing is flushed,
// nothing is closed.
type steps struct {
	armed atomic.Pointer[string]
	mu    sync.Mutex
	seen  []string // each step once, in order of first sight
}

func (s *steps) at(name string) {
	if p := s.armed.Load(); p != nil && *p == name {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {} // nothing runs on from here
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.seen {
		if n == name {
			return
		}
	}
	s.seen = append(s.seen, name)
}

// ServeHTTP implements http.Handler: POST /arm?step=… arms, GET /seen lists what was seen since it was last asked.
func (s *steps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/arm" {
		name := r.FormValue("step")
		s.armed.Store(&name)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(w, strings.Join(s.seen, "\n"))
	s.seen = nil
}

// runChild is `zhitong serve` with a hook at its steps. It ends with its parent: standard input is closed then.
func runChild() {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	config, err := boot.Load(boot.Environment())
	if err != nil {
		fail(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	s := &steps{}
	go func() { _ = http.Serve(control, s) }() //nolint:gosec // a test's
	app, err := boot.Build(context.Background(), config,
		boot.Options{API: true, Workers: true, Step: s.at,
			Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		fail(err)
	}
	err = app.Run(context.Background(), func(api net.Addr) { fmt.Println("up", api, control.Addr()) })
	if err != nil {
		fail(err)
	}
}

// child is a running program in a process of its own.
type child struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	control string
	ended   chan struct{}
}

// startChild runs the program behind the front.
func (w *world) startChild() *child {
	w.t.Helper()
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	c := &child{cmd: exec.Command(self), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), childVariable+"=1", //nolint:forbidigo // handed on, not read
		"ZHITONG_DATABASE_URL="+w.config.DatabaseURL.Reveal(), "ZHITONG_DATABASE_MAX_CONNS=12",
		"ZHITONG_MASTER_KEYSET="+w.config.MasterKeyset.Reveal(),
		"ZHITONG_LISTEN=127.0.0.1:0", "ZHITONG_PUBLIC_URL="+w.config.PublicURL,
		"ZHITONG_SANDBOX_URL="+w.config.SandboxURL,
		"ZHITONG_WEBHOOK_ALLOW_HTTP=true", "ZHITONG_WEBHOOK_ALLOW_NETWORKS=127.0.0.0/8")
	c.cmd.Stderr = w.log
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		w.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.kill)
	up := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "up ") {
				up <- lines.Text()
			}
		}
		_ = c.cmd.Wait()
		close(c.ended)
	}()
	select {
	case line := <-up:
		var api string
		if _, err := fmt.Sscan(line, new(string), &api, &c.control); err != nil {
			w.t.Fatalf("read %q: %v", line, err)
		}
		w.front.to(api)
	case <-c.ended:
		w.t.Fatalf("the child ended by itself:\n%s", w.log.tail())
	case <-w.ctx.Done():
		w.t.Fatal("the child does not come up")
	}
	return c
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.ended
	_ = c.stdin.Close()
}

// dead tells whether the child has ended.
func (c *child) dead() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

func (c *child) arm(w *world, step string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost,
		"http://"+c.control+"/arm?step="+strings.ReplaceAll(step, " ", "+"), http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
}

func (c *child) seen(w *world) []string {
	w.t.Helper()
	res, err := http.Get("http://" + c.control + "/seen") //nolint:noctx // of this process's child
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
}
