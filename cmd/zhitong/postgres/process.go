package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// InUseError says that another living program runs a server on the directory.
type InUseError struct {
	Dir string
	PID int // of the program, not of its server; 0 when it has not written it yet
}

// Error implements error.
func (e *InUseError) Error() string {
	return fmt.Sprintf("the postgres directory %s is in use by process %d: stop that one first", e.Dir, e.PID)
}

// lockDir takes the directory for this program. The kernel drops the lock when the program ends, however it ends, and
// it is not inherited by the server: a lock that can be taken proves that no program looks after what may still run in
// the directory. A holder that has just been killed may need a moment to be gone; it is waited for as long as grace.
func lockDir(ctx context.Context, dir string, grace time.Duration) (*os.File, error) {
	limit := time.NewTimer(grace)
	defer limit.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		file, err := tryLockDir(dir)
		var inUse *InUseError
		if !errors.As(err, &inUse) {
			return file, err
		}
		select {
		case <-tick.C:
		case <-limit.C:
			return nil, err
		case <-ctx.Done():
			return nil, err
		}
	}
}

func tryLockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("%s belongs to another user: run as that user or remove the directory: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", dir, err)
		}
		content, _ := io.ReadAll(io.LimitReader(file, 32))
		pid, _ := strconv.Atoi(strings.TrimSpace(string(content)))
		return nil, &InUseError{Dir: dir, PID: pid}
	}
	// RemoveIdle may have removed the file between opening and locking: then the lock is on nothing.
	held, heldErr := file.Stat()
	named, namedErr := os.Stat(path)
	if heldErr != nil || namedErr != nil || !os.SameFile(held, named) {
		_ = file.Close()
		return nil, fmt.Errorf("lock %s: the directory was removed meanwhile", dir)
	}
	if err := errors.Join(file.Truncate(0), writeAtStart(file, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("write lock: %w", err)
	}
	return file, nil
}

func writeAtStart(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// process is a child and the goroutine that waits for it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait; read after done is closed
}

// startProcess starts the command from a goroutine that keeps its operating-system thread until the child has ended:
// the parent death signal is sent when that *thread* ends, and the Go runtime may end an idle thread at any time.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// runProcess starts the command and waits for it; when ctx ends it is killed with its whole process group.
func runProcess(ctx context.Context, cmd *exec.Cmd) error {
	p, err := startProcess(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
		return ctx.Err()
	}
}

// stop asks for a fast shutdown, after ctx for an immediate one, at last kills.
func (p *process) stop(ctx context.Context) error {
	p.signal(syscall.SIGINT)
	select {
	case <-p.done:
		return p.exitError()
	case <-ctx.Done():
	}
	p.signal(syscall.SIGQUIT)
	select {
	case <-p.done:
	case <-time.After(killTimeout):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
	return nil // asked to hurry; the write-ahead log heals it at the next start
}

func (p *process) signal(sig syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = p.cmd.Process.Signal(sig)
	}
}

func (p *process) exitError() error {
	if p.err != nil {
		return fmt.Errorf("the server did not end well: %w", p.err)
	}
	return nil
}

// stopLeftovers ends every server process that still works in the cluster and removes a stale postmaster.pid, which
// would stop the next start whenever its pid has been given to some other program since. The caller holds the
// directory's lock.
func stopLeftovers(ctx context.Context, cluster string, log *slog.Logger) error {
	pids := clusterProcesses(cluster)
	if len(pids) > 0 {
		log.Warn("stopping a postgres left by an earlier program", "pids", pids, "dir", cluster)
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, stopTimeout}, {syscall.SIGQUIT, killTimeout}, {syscall.SIGKILL, killTimeout}} {
		if len(pids) == 0 {
			break
		}
		signalCluster(cluster, pids, step.signal)
		var err error
		if pids, err = waitGone(ctx, cluster, step.wait); err != nil {
			return err
		}
	}
	if len(pids) > 0 {
		return fmt.Errorf("processes %v do not end", pids)
	}
	if !canListProcesses {
		return nil // postgres itself judges its pid file
	}
	if err := os.Remove(filepath.Join(cluster, "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove a stale postmaster.pid: %w", err)
	}
	return nil
}

// signalCluster signals the postmaster, which looks after its children; without one, or at the last, everybody.
func signalCluster(cluster string, pids []int, sig syscall.Signal) {
	postmaster := postmasterPID(cluster)
	for _, pid := range pids {
		if pid == postmaster && sig != syscall.SIGKILL {
			_ = syscall.Kill(pid, sig)
			return
		}
	}
	if sig == syscall.SIGINT {
		sig = syscall.SIGQUIT // to a backend SIGINT only means: cancel the query
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig)
	}
}

// waitGone waits until no process works in the cluster, gives those left when the time is over.
func waitGone(ctx context.Context, cluster string, wait time.Duration) ([]int, error) {
	limit := time.NewTimer(wait)
	defer limit.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		pids := clusterProcesses(cluster)
		if len(pids) == 0 {
			return nil, nil
		}
		select {
		case <-tick.C:
		case <-limit.C:
			return pids, nil
		case <-ctx.Done():
			return pids, ctx.Err()
		}
	}
}

// postmasterPID reads the first line of postmaster.pid; 0 when there is none.
func postmasterPID(cluster string) int {
	data, err := os.ReadFile(filepath.Join(cluster, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return 0
	}
	return pid
}

// RemoveIdle removes a data directory whole, unless a living program uses it (*InUseError). Leftover servers in it are
// stopped first.
func RemoveIdle(ctx context.Context, dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fmt.Errorf("resolve data directory: %w", err)
	}
	lock, err := lockDir(ctx, dir, 0)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := stopLeftovers(ctx, filepath.Join(dir, clusterName), slog.New(slog.DiscardHandler)); err != nil {
		return fmt.Errorf("stop what is left in %s: %w", dir, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove data directory: %w", err)
	}
	return nil
}
