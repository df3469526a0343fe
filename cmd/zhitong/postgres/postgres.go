// Package postgres runs a PostgreSQL server as a child process: for `make run`, for the test suite and for benchmarks.
// It is not for production, which brings its own Postgres.
//
// It promises: the server listens on 127.0.0.1 and on a unix socket only, every login needs a password; it dies with
// the program that started it, even by kill -9; whatever an earlier program left behind (a stale postmaster.pid, a
// server without a parent, a half-made cluster) never stops the next start; a second program on the same directory gets
// an InUseError with the first one's pid.
//
// It runs initdb and postgres directly. github.com/fergusstrange/embedded-postgres only downloads the binaries, because
// its own Start cannot run as root, starts a daemon that outlives a killed parent, deletes a data directory of another
// major version, and sends passwords in clear text.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTimeout   = 2 * time.Minute // crash recovery of a large write-ahead log included
	stopTimeout    = 15 * time.Second
	killTimeout    = 5 * time.Second
	lockGrace      = time.Second
	pollInterval   = 10 * time.Millisecond
	portTries      = 50
	socketPathMax  = 100 // bytes; sun_path holds 108 on Linux, 104 elsewhere
	logBytesMax    = 10 << 20
	logTailBytes   = 4 << 10
	clusterName    = "cluster"
	logName        = "postgres.log"
	superuser      = "postgres"
	maintenanceDB  = "postgres"
	loopback       = "127.0.0.1"
	socketBaseName = ".s.PGSQL."
)

// Options says where and how a server runs. Only DataDir is required.
type Options struct {
	// DataDir holds everything that lives longer than the process: the cluster, the passwords (0600), the log, the
	// lock. It is created when absent. When the program is root and an unprivileged account cannot reach DataDir (it
	// lies under /root, say), a directory under /var/lib named by the hash of DataDir is used instead; Server.Dir tells
	// which.
	DataDir string
	// RuntimeDir holds the unix socket. Empty, longer than a socket path may be, or out of reach for the server's
	// account: another is chosen.
	RuntimeDir string
	// Port is the TCP port on 127.0.0.1. Taken: the next free one is used. 0: any free one.
	Port int
	// BinariesPath is the folder of initdb and postgres, or its parent. Empty: they are looked for, installed or
	// downloaded.
	BinariesPath string
	// NoInstall forbids installing by apt and downloading.
	NoInstall bool
	// Fast gives up durability for speed. For tests whose data is thrown away.
	Fast bool
	// Settings are server settings that overrule the ones of this package.
	Settings map[string]string
	// Logger gets a few lines about what is done; nil discards them. The server's own log is in DataDir.
	Logger *slog.Logger
}

// Server is a running server.
type Server struct {
	dir       string // absolute, symlinks resolved
	socketDir string
	port      int
	bin       binaries
	account   account
	lock      *os.File
	passwords *passwords
	process   *process
	log       *slog.Logger
}

// Start starts a server on opts.DataDir, making a cluster there first if there is none, and returns when it accepts
// connections. The context bounds the start only (which may include installing Postgres); Stop ends the server. It
// returns *InUseError when another program runs on the same directory.
func Start(ctx context.Context, opts Options) (_ *Server, err error) {
	log := opts.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}

	dir, acct, err := prepareDir(opts.DataDir, log)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, account: acct, log: log}
	if s.lock, err = lockDir(ctx, dir, lockGrace); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.unlock()
		}
	}()

	if err := stopLeftovers(ctx, s.clusterDir(), log); err != nil {
		return nil, fmt.Errorf("stop what an earlier program left running in %s: %w", dir, err)
	}
	major, err := clusterMajor(s.clusterDir())
	if err != nil {
		return nil, err
	}
	finder := binaryFinder{path: opts.BinariesPath, downloadDir: filepath.Join(dir, "binaries"),
		noInstall: opts.NoInstall, major: major, log: log}
	if s.bin, err = finder.find(ctx); err != nil {
		return nil, err
	}
	if major == 0 { // the package may only now have brought the account postgres
		if s.account, err = chooseAccount(dir); err != nil {
			return nil, err
		}
	}
	if s.passwords, err = loadPasswords(filepath.Join(dir, "passwords.json")); err != nil {
		return nil, err
	}
	if s.socketDir, err = s.prepareSocketDir(opts.RuntimeDir); err != nil {
		return nil, err
	}
	if major == 0 {
		if err := s.initCluster(ctx, opts.Fast); err != nil {
			return nil, err
		}
	}
	if err := s.launch(ctx, opts); err != nil {
		return nil, err
	}
	log.Info("postgres is up", "version", s.bin.major, "port", s.port, "dir", s.dir, "account", s.account.name)
	return s, nil
}

// Port is the TCP port on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// PID is the process id of the server.
func (s *Server) PID() int { return s.process.cmd.Process.Pid }

// Dir is the directory in use: Options.DataDir, unless that was out of reach for the server's account.
func (s *Server) Dir() string { return s.dir }

// SocketDir is the directory of the unix socket, a value for PGHOST.
func (s *Server) SocketDir() string { return s.socketDir }

// BinDir is the folder of the server's programs. Whether client programs (pgbench, psql) are beside them depends on
// where they came from.
func (s *Server) BinDir() string { return s.bin.dir }

// Done is closed when the server process has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// DSN is the address for a role and a database over TCP, with the role's password if this package made the role. It is
// a secret: do not log it.
func (s *Server) DSN(role, database string) string {
	return s.dsn(role, database, net.JoinHostPort(loopback, strconv.Itoa(s.port)), nil)
}

// SuperuserDSN is DSN for the superuser.
func (s *Server) SuperuserDSN(database string) string { return s.DSN(superuser, database) }

func (s *Server) socketDSN(database string) string {
	return s.dsn(superuser, database, "", url.Values{"host": {s.socketDir}, "port": {strconv.Itoa(s.port)}})
}

func (s *Server) dsn(role, database, host string, query url.Values) string {
	u := url.URL{Scheme: "postgres", Host: host, Path: "/" + database}
	if query == nil {
		query = url.Values{}
	}
	query.Set("sslmode", "disable")
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // to Postgres's clients a plus is a plus
	if password := s.passwords.get(role); password.IsZero() {
		u.User = url.User(role)
	} else {
		u.User = url.UserPassword(role, password.Reveal())
	}
	return u.String()
}

// Stop ends the server: first politely (clients are disconnected, a checkpoint is written), when ctx ends or 15 s have
// passed by force. The data survives both. Calling it again does nothing.
func (s *Server) Stop(ctx context.Context) error {
	if s.lock == nil {
		return nil
	}
	defer s.unlock()
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if err := s.process.stop(ctx); err != nil {
		return fmt.Errorf("stop postgres in %s: %w", s.dir, err)
	}
	return nil
}

func (s *Server) clusterDir() string { return filepath.Join(s.dir, clusterName) }

func (s *Server) unlock() {
	if s.lock != nil {
		// Closing releases the lock. The file stays, because removing it would race with a program that opens it.
		_ = s.lock.Close()
		s.lock = nil
	}
}

// initCluster makes the cluster beside its final place and renames it, so that an interrupted initdb leaves nothing
// that looks whole.
func (s *Server) initCluster(ctx context.Context, fast bool) error {
	s.log.Info("making a postgres cluster", "dir", s.dir, "binaries", s.bin.dir)
	scratch := filepath.Join(s.dir, "init")
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("remove an unfinished cluster: %w", err)
	}
	if err := s.account.mkdir(scratch); err != nil {
		return err
	}
	password, err := s.passwords.ensure(superuser)
	if err != nil {
		return err
	}
	passwordFile := filepath.Join(scratch, "password")
	if err := s.account.writeFile(passwordFile, password); err != nil {
		return err
	}
	fresh := filepath.Join(scratch, clusterName)
	args := []string{
		"--pgdata=" + fresh, "--username=" + superuser, "--pwfile=" + passwordFile,
		"--auth-local=scram-sha-256", "--auth-host=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if fast {
		args = append(args, "--no-sync")
	}
	logFile, offset, err := s.openLog()
	if err != nil {
		return err
	}
	defer logFile.Close()
	cmd := s.account.command(filepath.Join(s.bin.dir, "initdb"), args, scratch)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr.Setpgid = true
	setParentDeathSignal(cmd.SysProcAttr, syscall.SIGKILL)
	if err := runProcess(ctx, cmd); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, s.logSince(offset))
	}
	if err := os.Rename(fresh, s.clusterDir()); err != nil {
		return fmt.Errorf("put the new cluster in place: %w", err)
	}
	if err := os.RemoveAll(scratch); err != nil {
		return fmt.Errorf("remove the scratch folder of initdb: %w", err)
	}
	return nil
}

// launch starts the server on the first port that works.
func (s *Server) launch(ctx context.Context, opts Options) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	port := opts.Port
	for range portTries {
		free, err := freePort(port)
		if err != nil {
			return err
		}
		if opts.Port != 0 && free != opts.Port {
			s.log.Info("port is taken, using another", "port", opts.Port, "instead", free)
		}
		s.port = free
		err = s.launchOnce(ctx, opts)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || portIsFree(free) {
			return err // not a matter of the port
		}
		if port != 0 {
			port = free + 1 // another program was quicker
		}
	}
	return fmt.Errorf("no free port for postgres after %d tries from %d", portTries, opts.Port)
}

func (s *Server) launchOnce(ctx context.Context, opts Options) error {
	logFile, offset, err := s.openLog()
	if err != nil {
		return err
	}
	defer logFile.Close() // the child has its own copy
	cmd := s.account.command(filepath.Join(s.bin.dir, "postgres"), s.arguments(opts), s.clusterDir())
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for the program, which stops the server when it no longer needs it
	// SIGQUIT is Postgres' immediate shutdown; the write-ahead log makes the next start whole.
	setParentDeathSignal(cmd.SysProcAttr, syscall.SIGQUIT)
	if s.process, err = startProcess(cmd); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := s.waitReady(ctx); err != nil {
		// The context of the start may be over; the server must go all the same.
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killTimeout)
		defer cancel()
		_ = s.process.stop(stopCtx)
		return fmt.Errorf("start postgres: %w\n%s", err, s.logSince(offset))
	}
	return nil
}

// arguments gives the command line, settings in a stable order.
func (s *Server) arguments(opts Options) []string {
	settings := map[string]string{
		"listen_addresses":        loopback,
		"port":                    strconv.Itoa(s.port),
		"unix_socket_directories": s.socketDir,
		"max_connections":         "200",
		"shared_buffers":          "256MB",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"logging_collector":       "off",
	}
	if opts.Fast {
		maps.Copy(settings, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB",
			// A test's database lives for seconds: what looks through all of them, over and over, finds nothing to do.
			"autovacuum": "off",
		})
	}
	maps.Copy(settings, opts.Settings)
	args := []string{"-D", s.clusterDir()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// waitReady asks by the unix socket: its folder is ours alone, so it cannot be another server that answers.
func (s *Server) waitReady(ctx context.Context) error {
	config, err := pgx.ParseConfig(s.socketDSN(maintenanceDB))
	if err != nil {
		return fmt.Errorf("parse own address: %w", err)
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err == nil {
			return conn.Close(ctx)
		}
		if isWrongPassword(err) {
			return errors.New("the server does not accept the password in passwords.json; restore that file or " +
				"remove the whole directory to begin anew")
		}
		select {
		case <-s.process.done:
			return fmt.Errorf("the server ended by itself: %w", s.process.err)
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w (last answer: %w)", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

// openLog opens the log for appending and tells its length. A log over the limit is kept once under another name.
func (s *Server) openLog() (*os.File, int64, error) {
	path := filepath.Join(s.dir, logName)
	if info, err := os.Stat(path); err == nil && info.Size() > logBytesMax {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, fmt.Errorf("rotate the server log: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the server log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("measure the server log: %w", err)
	}
	return file, info.Size(), nil
}

// logSince gives the end of what the server has said since offset, for error messages.
func (s *Server) logSince(offset int64) string {
	data, err := os.ReadFile(filepath.Join(s.dir, logName))
	if err != nil || int64(len(data)) <= offset {
		return ""
	}
	data = data[offset:]
	if len(data) > logTailBytes {
		data = data[len(data)-logTailBytes:]
	}
	return strings.TrimSpace(string(data))
}

// freePort gives want, or the next port that is free; any free port when want is 0.
func freePort(want int) (int, error) {
	if want == 0 {
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close()
		return listener.Addr().(*net.TCPAddr).Port, nil
	}
	for port := want; port < want+portTries && port <= 65535; port++ {
		if portIsFree(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no free port from %d to %d", want, want+portTries-1)
}

func portIsFree(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// clusterMajor gives the major version that made the cluster, 0 when there is no cluster.
func clusterMajor(cluster string) (int, error) {
	data, err := os.ReadFile(filepath.Join(cluster, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if errors.Is(err, os.ErrPermission) {
		return 0, fmt.Errorf("%s was made by another user: run as that user or remove the directory: %w", cluster, err)
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0, fmt.Errorf("read the version of the cluster %s: %w", cluster, err)
	}
	return major, nil
}

func isWrongPassword(err error) bool {
	code := sqlState(err)
	return code == "28P01" || code == "28000"
}
