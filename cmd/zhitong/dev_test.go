package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/demo"
	"zhitong/db/dbtest"
)

// devPatience bounds a start or a stop of dev, on a machine that does much else.
const devPatience = 5 * time.Minute

// running is `zhitong dev` in a process of its own.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	ended chan struct{}
	mu    sync.Mutex
	out   strings.Builder
	ready chan struct{}
	code  int
}

func startDev(t *testing.T, dir string, environment []string, args ...string) *running {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, ended: make(chan struct{}), ready: make(chan struct{})}
	r.cmd = exec.Command(self, append([]string{"dev", "--state-dir", dir}, args...)...)
	r.cmd.Env = append(append(os.Environ(), asProgram+"=1"), environment...) //nolint:forbidigo // handed on, not read
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stderr = r.cmd.Stdout
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		once := sync.OnceFunc(func() { close(r.ready) })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.mu.Lock()
			r.out.WriteString(lines.Text() + "\n")
			r.mu.Unlock()
			if strings.HasPrefix(lines.Text(), "ready") {
				once()
			}
		}
		_ = r.cmd.Wait()
		r.code = r.cmd.ProcessState.ExitCode()
		close(r.ended)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			t.Logf("dev said:\n%s", r.said())
		}
	})
	return r
}

func (r *running) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

func (r *running) waitReady() {
	r.t.Helper()
	select {
	case <-r.ready:
	case <-r.ended:
		r.t.Fatalf("dev ended by itself")
	case <-time.After(devPatience):
		r.t.Fatal("dev is not ready")
	}
}

func (r *running) signal(s os.Signal) {
	r.t.Helper()
	_ = r.cmd.Process.Signal(s)
	select {
	case <-r.ended:
	case <-time.After(devPatience):
		r.t.Fatalf("dev does not end after %v", s)
	}
}

func readInfo(t *testing.T, dir string) (i devInfo) {
	t.Helper()
	path := filepath.Join(dir, devFile)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %o", devFile, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &i); err != nil {
		t.Fatal(err)
	}
	return i
}

// freePorts gives two ports that were free a moment ago; dev passes over a taken one.
func freePorts(t *testing.T) (api, simulator string) {
	t.Helper()
	var ports [2]string
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[i] = fmt.Sprint(portOf(l))
	}
	return ports[0], ports[1]
}

func open(t *testing.T, url string, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if len(header) > 0 {
		req.Header.Set("Authorization", header[0])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// works walks from the demo's order to its card keys.
func works(t *testing.T, i devInfo) {
	t.Helper()
	for _, u := range []string{i.APIURL + "/livez", i.APIURL + "/readyz", i.MetricsURL, i.ReferenceURL, i.CheckoutURL,
		i.SimulatorDeskURL} {
		if code := open(t, u); code != http.StatusOK {
			t.Errorf("%s answers %d", u, code)
		}
	}
	if code := open(t, i.OpsURL); code != http.StatusUnauthorized {
		t.Errorf("the jobs' page answers a stranger %d", code)
	}
	if code := open(t, i.OpsURL, "Bearer "+i.OperatorToken); code != http.StatusOK {
		t.Errorf("the jobs' page answers the operator %d", code)
	}
	ctx, cancel := context.WithTimeout(t.Context(), devPatience)
	defer cancel()
	c := &demo.Client{API: i.APIURL, Desk: i.SimulatorURL, Key: i.APIKey}
	o, err := c.GetOrder(ctx, i.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Pay(ctx, o); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WaitOrder(ctx, o.ID, "delivered"); err != nil {
		t.Fatal(err)
	}
}

// TestDev is the newcomer's day: a first start, a second program on the same directory, kill -9, a start that finds
// everything again, a port that has been taken meanwhile, Ctrl-C.
func TestDev(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	if err := os.Chmod(base, 0o755); err != nil { // the account of Postgres passes through
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(base), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "我的 项目 (一)", "state")
	api, sim := freePorts(t)

	first := startDev(t, dir, nil, "--port", api, "--simulator-port", sim)
	first.waitReady()
	info := readInfo(t, dir)
	works(t, info)
	second := startDev(t, dir, nil)
	<-second.ended
	if second.code != 1 || !strings.Contains(second.said(), "in use by process "+fmt.Sprint(first.cmd.Process.Pid)) {
		t.Errorf("a second dev on the directory: %d, %s", second.code, second.said())
	}
	first.signal(syscall.SIGKILL)

	again := startDev(t, dir, nil)
	again.waitReady()
	after := readInfo(t, dir)
	if after.TenantID != info.TenantID || after.APIKey != info.APIKey || after.APIURL != info.APIURL ||
		after.SimulatorURL != info.SimulatorURL {
		t.Errorf("after kill -9 %+v, before %+v", after, info)
	}
	if after.OrderID == info.OrderID {
		t.Error("the paid order is still the one to pay")
	}
	works(t, after)
	again.signal(os.Interrupt)
	if again.code != 0 {
		t.Errorf("Ctrl-C ends with %d", again.code)
	}
	if err := syscall.Kill(after.PIDs["postgres"], 0); err == nil {
		t.Error("Postgres outlives Ctrl-C")
	}

	taken, err := net.Listen("tcp", strings.TrimPrefix(after.SimulatorURL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	moved := startDev(t, dir, nil)
	moved.waitReady()
	elsewhere := readInfo(t, dir)
	if elsewhere.SimulatorURL == after.SimulatorURL || elsewhere.TenantID != info.TenantID ||
		!strings.Contains(moved.said(), "is taken") {
		t.Errorf("with a taken port: %+v\n%s", elsewhere, moved.said())
	}
	works(t, elsewhere)
	moved.signal(syscall.SIGTERM)
}

// TestDevOnADatabaseOfYourOwn: ZHITONG_DATABASE_URL is used instead of the embedded Postgres, and the program does not
// log in as its superuser.
func TestDevOnADatabaseOfYourOwn(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t) // a name that is ours; its content is dropped below
	admin := dbtest.AdminURL(t, d)
	conn, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"DROP SCHEMA public CASCADE", "DROP SCHEMA app CASCADE",
		"DROP SCHEMA river CASCADE", "CREATE SCHEMA public",
		// As Postgres makes a database: that of a test has it taken away.
		"GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	api, sim := freePorts(t)
	dir := t.TempDir()
	r := startDev(t, dir, []string{"ZHITONG_DATABASE_URL=" + admin}, "--port", api, "--simulator-port", sim)
	r.waitReady()
	works(t, readInfo(t, dir))
	var owner string
	var as int
	if err := conn.QueryRow(t.Context(),
		"SELECT tableowner FROM pg_tables WHERE tablename = 'orders'").Scan(&owner); err != nil ||
		owner != devOwnerRole {
		t.Errorf("the tables belong to %q, %v", owner, err)
	}
	err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "+
		"AND usename <> $1 AND pid <> pg_backend_pid()", devAppRole).Scan(&as)
	if err != nil || as > 1 { // the test's own pool may have one
		t.Errorf("%d connections are of another role, %v", as, err)
	}
	r.signal(os.Interrupt)
}
