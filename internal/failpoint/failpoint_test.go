package failpoint_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"zhitong/internal/failpoint"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := failpoint.Parse(" orders: created=3, db: after commit ,")
	if err != nil || !maps.Equal(got, map[string]int64{"orders: created": 3, "db: after commit": 1}) {
		t.Fatalf("%v, %v", got, err)
	}
	for _, bad := range []string{"a=0", "a=-1", "a=x", "=3"} {
		if _, err := failpoint.Parse(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestOrdinaryBuild: a program that is built as it ships has no points, whatever it is told.
func TestOrdinaryBuild(t *testing.T) {
	t.Parallel()
	if failpoint.Enabled {
		t.Fatal("the tests are built with the tag failpoint: build them without")
	}
	p, err := failpoint.New("here")
	if err != nil {
		t.Fatal(err)
	}
	p.Hit("here") // the test lives
}

// TestKill builds a small program with the tag and sees it die at the hit asked for, not before and not by its own end.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bin := filepath.Join(dir, "victim")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "failpoint", "-o", bin, "./testdata/victim")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct{ spec, want string }{{"loop=3", "1 2 3 "}, {"other=1", "1 2 3 4 5 end"},
		{"", "1 2 3 4 5 end"}} {
		var out strings.Builder
		cmd := exec.CommandContext(t.Context(), bin, c.spec)
		cmd.Stdout, cmd.Stderr, cmd.Env = &out, os.Stderr, []string{}
		err := cmd.Run()
		if out.String() != c.want {
			t.Errorf("%q: it said %q before its end, want %q (%v)", c.spec, out.String(), c.want, err)
		}
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if killed := status.Signaled() &&
			status.Signal() == syscall.SIGKILL; killed == strings.HasSuffix(c.want, "end") {
			t.Errorf("%q: it ended with %v", c.spec, cmd.ProcessState)
		}
	}
}
