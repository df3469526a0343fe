package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

const testTimeout = 3 * time.Minute

// TestMain turns the test binary into a program that runs a server when it is called as "child <data dir>".
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		if err := child(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

type childReport struct {
	PID  int    `json:"pid"` // of the server
	DSN  string `json:"dsn"`
	Dir  string `json:"dir"`
	Took string `json:"took"`
}

// child runs a durable server until its standard input ends.
func child(dir string) error {
	ctx := context.Background()
	begin := time.Now()
	server, err := Start(ctx, Options{DataDir: dir})
	if err != nil {
		return err
	}
	report := childReport{PID: server.PID(), DSN: server.SuperuserDSN(maintenanceDB), Dir: server.Dir(),
		Took: time.Since(begin).String()}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return server.Stop(ctx)
}

// startChild starts the test binary as a program of its own, as uid when that is not 0, and waits for its server.
func startChild(t *testing.T, dir string, uid uint32) (*exec.Cmd, io.Closer, childReport) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	if uid != 0 { // go test's own folder is closed to others
		program := filepath.Join(openDir(t), "postgres.test")
		data, err := os.ReadFile(exe)
		must(t, err)
		must(t, os.WriteFile(program, data, 0o755))
		exe = program
	}
	cmd := exec.Command(exe, "child", dir)
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the child did not start a server: %v", err)
	}
	var report childReport
	must(t, json.Unmarshal(line, &report))
	return cmd, stdin, report
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

// openDir is a temporary directory that other accounts may pass through, unlike t.TempDir.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest-")
	must(t, err)
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	must(t, os.Chmod(dir, 0o755))
	return dir
}

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	opts.Fast = true
	server, err := Start(testContext(t), opts)
	must(t, err)
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

// query runs statements and gives the single text the last one returns.
func query(t *testing.T, dsn string, statements ...string) string {
	t.Helper()
	text, err := tryQuery(t, dsn, statements...)
	must(t, err)
	return text
}

func tryQuery(t *testing.T, dsn string, statements ...string) (text string, err error) {
	t.Helper()
	ctx := testContext(t)
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	for _, statement := range statements[:len(statements)-1] {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	err = conn.QueryRow(ctx, statements[len(statements)-1]).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return text, err
}

// eventually waits until the condition holds; the deadline only ends a test that has failed.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx := testContext(t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		}
	}
}

func alive(pid int) bool {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(data), ") Z ")
}

func TestStartStopStart(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	ctx := testContext(t)
	first := start(t, Options{DataDir: dir})
	must(t, first.EnsureDatabase(ctx, "shop", RoleOwner))
	must(t, first.EnsureDatabase(ctx, "shop", RoleOwner)) // again changes nothing
	appDSN := first.DSN(RoleApp, "shop")

	query(t, first.DSN(RoleOwner, "shop"), "CREATE SCHEMA own", "CREATE TABLE kept (v text)",
		"GRANT SELECT ON kept TO "+RoleApp, "INSERT INTO kept VALUES ('here') RETURNING v")
	if got := query(t, first.SuperuserDSN("shop"), "SHOW listen_addresses"); got != loopback {
		t.Errorf("listens on %q", got)
	}
	if got := query(t, first.SuperuserDSN("shop"),
		`SELECT string_agg(format('%s %s %s %s %s %s', rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,
		left(rolpassword, 5)), ', ' ORDER BY rolname)
		FROM pg_authid WHERE rolname LIKE 'zhitong%'`,
	); got != "zhitong_app f f f f SCRAM, zhitong_owner f f f f SCRAM" {
		t.Errorf("roles: %s", got)
	}
	if _, err := tryQuery(t, appDSN, "CREATE TABLE mine (v text)", "SELECT ''"); sqlState(err) != "42501" {
		t.Errorf("the application role makes tables: %v", err)
	}
	if _, err := tryQuery(t, appDSN, "SELECT set_config('app.tenant_id', '', true)"); sqlState(err) != "42501" {
		t.Errorf("the application role changes settings by a SELECT: %v", err)
	}
	for _, role := range []string{RoleApp, RoleOwner} {
		for _, elsewhere := range []string{maintenanceDB, "template1"} {
			if _, err := tryQuery(t, first.DSN(role, elsewhere), "SELECT ''"); sqlState(err) != "42501" {
				t.Errorf("%s connects to %s: %v", role, elsewhere, err)
			}
		}
		for _, large := range []string{"lo_creat(-1)", "lo_create(0)", `lo_from_bytea(0, 'x')`} {
			if _, err := tryQuery(t, first.DSN(role, "shop"), "SELECT "+large+"::text"); sqlState(err) != "42501" {
				t.Errorf("%s makes large objects by %s: %v", role, large, err)
			}
		}
	}
	for name, dsn := range map[string]string{
		"no password":    first.DSN("stranger", "shop"),
		"wrong password": strings.Replace(appDSN, first.passwords.get(RoleApp).Reveal(), "wrong", 1),
		"unix socket":    fmt.Sprintf("postgres://%s@/shop?host=%s&port=%d", RoleApp, first.SocketDir(), first.Port()),
	} {
		if _, err := tryQuery(t, dsn, "SELECT ''"); err == nil {
			t.Errorf("%s: let in", name)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "passwords.json"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("passwords.json has mode %v", info.Mode())
	}

	must(t, first.Stop(ctx))
	must(t, first.Stop(ctx)) // again does nothing
	if alive(first.PID()) {
		t.Error("the server lives after Stop")
	}
	begin := time.Now()
	second := start(t, Options{DataDir: dir, Port: first.Port()})
	t.Logf("second start took %v", time.Since(begin))
	if got := query(t, second.DSN(RoleApp, "shop"), "SELECT v FROM kept"); got != "here" {
		t.Errorf("after a restart the row is %q", got)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := &Server{dir: "/d", socketDir: "/s", port: 1}
	for _, tc := range []struct {
		name string
		opts Options
		want string
		not  string
	}{
		{name: "durable by default", opts: Options{}, want: "shared_buffers=256MB", not: "fsync"},
		{name: "fast", opts: Options{Fast: true}, want: "fsync=off"},
		{name: "overruled", opts: Options{Fast: true, Settings: map[string]string{"fsync": "on"}}, want: "fsync=on",
			not: "fsync=off"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(s.arguments(tc.opts), " ")
			if !strings.Contains(got, tc.want) || (tc.not != "" && strings.Contains(got, tc.not)) {
				t.Errorf("arguments %s", got)
			}
		})
	}
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", loopback+":0")
	must(t, err)
	defer listener.Close()
	taken := listener.Addr().(*net.TCPAddr).Port
	server := start(t, Options{DataDir: openDir(t), Port: taken})
	if server.Port() == taken {
		t.Errorf("got the taken port %d", taken)
	}
	query(t, server.SuperuserDSN(maintenanceDB), "SELECT ''")
}

func TestSecondProgram(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	cmd, _, report := startChild(t, dir, 0)
	var inUse *InUseError
	if _, err := Start(testContext(t), Options{DataDir: dir}); !errors.As(err, &inUse) || inUse.PID != cmd.Process.Pid {
		t.Errorf("the second program got %v, the first one is %d", err, cmd.Process.Pid)
	}
	if err := RemoveIdle(testContext(t), dir); !errors.As(err, &inUse) {
		t.Errorf("RemoveIdle on a directory in use gave %v", err)
	}
	query(t, report.DSN, "SELECT ''") // the first one is unharmed
}

func TestKilledProgram(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	cmd, _, report := startChild(t, dir, 0)
	query(t, report.DSN, "CREATE TABLE kept (v text)", "INSERT INTO kept VALUES ('here')", "SELECT ''")
	must(t, cmd.Process.Kill())
	server := start(t, Options{DataDir: dir}) // at once: the old server may still be going down
	if got := query(t, server.SuperuserDSN(maintenanceDB), "SELECT v FROM kept"); got != "here" {
		t.Errorf("after kill -9 the row is %q", got)
	}
	if alive(report.PID) {
		t.Error("the killed program's server lives")
	}
}

func TestServerDiesWithProgram(t *testing.T) {
	t.Parallel()
	cmd, _, report := startChild(t, openDir(t), 0)
	if !alive(report.PID) {
		t.Fatal("no server")
	}
	must(t, cmd.Process.Kill())
	eventually(t, "the server ends after its program was killed", func() bool { return !alive(report.PID) })
}

// TestOrphan starts on a directory where a server runs that no program looks after.
func TestOrphan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, s *Server, orphan *process)
	}{
		{name: "whole", spoil: func(*testing.T, *Server, *process) {}},
		{name: "without its pid file", spoil: func(t *testing.T, s *Server, _ *process) {
			must(t, os.Remove(filepath.Join(s.clusterDir(), "postmaster.pid")))
		}},
		{name: "without its postmaster", spoil: func(t *testing.T, _ *Server, orphan *process) {
			must(t, orphan.cmd.Process.Kill())
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			first := start(t, Options{DataDir: openDir(t)})
			must(t, first.Stop(testContext(t)))
			orphan := startOrphan(t, first)
			tc.spoil(t, first, orphan)
			second := start(t, Options{DataDir: first.Dir()})
			<-orphan.done
			query(t, second.SuperuserDSN(maintenanceDB), "SELECT ''")
		})
	}
}

// startOrphan starts a server as a daemon would: in a session of its own, without the parent death signal and without
// the lock.
func startOrphan(t *testing.T, of *Server) *process {
	t.Helper()
	cmd := of.account.command(filepath.Join(of.bin.dir, "postgres"), of.arguments(Options{Fast: true}), of.clusterDir())
	cmd.SysProcAttr.Setsid = true
	orphan, err := startProcess(cmd)
	must(t, err)
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-orphan.done })
	eventually(t, "the orphan answers", func() bool {
		_, err := tryQuery(t, of.SuperuserDSN(maintenanceDB), "SELECT ''")
		return err == nil
	})
	return orphan
}

// TestStalePIDFile has the pid of a living stranger in postmaster.pid, as after a reboot.
func TestStalePIDFile(t *testing.T) {
	t.Parallel()
	first := start(t, Options{DataDir: openDir(t)})
	must(t, first.Stop(testContext(t)))
	pidFile := filepath.Join(first.clusterDir(), "postmaster.pid")
	stale := fmt.Sprintf("%d\n%s\n1700000000\n%d\n%s\n%s\n  12345  1\nready\n", os.Getppid(), first.clusterDir(),
		first.Port(), first.SocketDir(), loopback)
	must(t, os.WriteFile(pidFile, []byte(stale), 0o600))
	must(t, first.account.own(pidFile))
	second := start(t, Options{DataDir: first.Dir()})
	query(t, second.SuperuserDSN(maintenanceDB), "SELECT ''")
}

func TestUnfinishedCluster(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	must(t, os.MkdirAll(filepath.Join(dir, "init", clusterName, "base"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "init", clusterName, "PG_VERSION"), []byte("15\n"), 0o600))
	start(t, Options{DataDir: dir})
}

func TestServerEndsByItself(t *testing.T) {
	t.Parallel()
	server, err := Start(testContext(t), Options{DataDir: openDir(t), Fast: true})
	must(t, err)
	must(t, syscall.Kill(server.PID(), syscall.SIGKILL))
	<-server.Done()
	if err := server.Stop(testContext(t)); err == nil {
		t.Error("Stop says nothing of a server that was killed")
	}
}

// TestOutOfReach has a data directory under a closed one, like a repository under /root.
func TestOutOfReach(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	server := start(t, Options{DataDir: dir})
	if os.Geteuid() != 0 {
		if server.Dir() != dir {
			t.Errorf("an ordinary user's data is in %s instead of %s", server.Dir(), dir)
		}
		return
	}
	if server.Dir() != relocated(dir) {
		t.Errorf("data is in %s", server.Dir())
	}
	must(t, server.Stop(testContext(t)))
	must(t, RemoveIdle(testContext(t), server.Dir()))
}

// TestOrdinaryUser runs the program without root's rights, then, when the test is root, as root on the same directory.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	var uid uint32
	if os.Geteuid() == 0 {
		uid = 65534
		must(t, os.Chown(dir, int(uid), int(uid)))
	}
	cmd, stdin, report := startChild(t, dir, uid)
	query(t, report.DSN, "CREATE TABLE kept (v text)", "INSERT INTO kept VALUES ('here')", "SELECT ''")
	if report.Dir != dir {
		t.Errorf("data is in %s", report.Dir)
	}
	info, err := os.Stat(filepath.Join("/proc", strconv.Itoa(report.PID)))
	must(t, err)
	if got := info.Sys().(*syscall.Stat_t).Uid; uid != 0 && got != uid {
		t.Errorf("the server runs as %d", got)
	}
	must(t, stdin.Close())
	must(t, cmd.Wait())
	if alive(report.PID) {
		t.Error("the server lives after its program's end")
	}
	server := start(t, Options{DataDir: dir})
	if got := query(t, server.SuperuserDSN(maintenanceDB), "SELECT v FROM kept"); got != "here" {
		t.Errorf("the row is %q", got)
	}
}

// TestOddDirectories starts in folders as people name theirs, twice: what the first start left is found again.
func TestOddDirectories(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"我的 项目 (一)", `a, "b" [1] 's $HOME`} {
		dir := filepath.Join(openDir(t), name)
		first := start(t, Options{DataDir: dir})
		query(t, first.socketDSN(maintenanceDB), "CREATE TABLE kept AS SELECT 'here' AS v", "SELECT ''")
		must(t, first.Stop(t.Context()))
		again := start(t, Options{DataDir: dir})
		if got := query(t, again.socketDSN(maintenanceDB), "SELECT v FROM kept"); got != "here" {
			t.Errorf("%s: the row is %q", name, got)
		}
	}
}

func TestLongRuntimeDir(t *testing.T) {
	t.Parallel()
	long := filepath.Join(openDir(t), strings.Repeat("x", 90))
	server := start(t, Options{DataDir: long, RuntimeDir: long})
	t.Cleanup(func() { _ = os.RemoveAll(server.SocketDir()) })
	if len(server.SocketDir()) > socketPathMax-len("/.s.PGSQL.65535") {
		t.Errorf("socket directory %s is too long", server.SocketDir())
	}
	query(t, server.socketDSN(maintenanceDB), "SELECT ''")
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		opts  Options
		spoil func(t *testing.T, dir string)
		want  string
	}{
		{name: "bad setting", opts: Options{Settings: map[string]string{"no_such_setting": "1"}},
			want: "no_such_setting"},
		{name: "no programs", opts: Options{BinariesPath: "/nowhere"}, want: "no initdb and postgres in /nowhere"},
		{name: "other version", spoil: func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Join(dir, clusterName), 0o700))
			must(t, os.WriteFile(filepath.Join(dir, clusterName, "PG_VERSION"), []byte("9\n"), 0o600))
		}, want: "made by PostgreSQL 9"},
		{name: "broken password file", spoil: func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, "passwords.json"), []byte("{"), 0o600))
		}, want: "passwords.json"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.opts.DataDir, tc.opts.Fast, tc.opts.NoInstall = openDir(t), true, true
			if tc.spoil != nil {
				tc.spoil(t, tc.opts.DataDir)
			}
			_, err := Start(testContext(t), tc.opts)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if pids := clusterProcesses(filepath.Join(tc.opts.DataDir, clusterName)); len(pids) > 0 {
				t.Errorf("left behind: %v", pids)
			}
		})
	}
	if _, err := Start(t.Context(), Options{}); err == nil {
		t.Error("starts without a data directory")
	}
}
