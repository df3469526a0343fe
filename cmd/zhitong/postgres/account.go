package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"zhitong/internal/secret"
)

// account is the one the server's programs run under: the program's own, or an unprivileged one when the program is
// root, because Postgres refuses root. initdb and postgres are started with those credentials directly; a child of the
// program itself between them would be one more process to watch.
type account struct {
	name     string
	uid, gid uint32
	drop     bool // the program is root and must hand things over
}

// prepareDir gives the directory to use and the account to run under, and makes the directory.
func prepareDir(dataDir string, log *slog.Logger) (string, account, error) {
	if dataDir == "" {
		return "", account{}, errors.New("postgres: no data directory given")
	}
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", account{}, fmt.Errorf("resolve data directory: %w", err)
	}
	acct, err := chooseAccount(dir)
	if err != nil {
		return "", account{}, err
	}
	if acct.drop && !acct.reaches(filepath.Dir(dir)) {
		instead := relocated(dir)
		log.Warn("the server's account cannot reach the data directory, using another", "dir", dir, "account",
			acct.name, "instead", instead)
		dir = instead
		if acct, err = chooseAccount(dir); err != nil {
			return "", account{}, err
		}
	}
	mode := os.FileMode(0o700)
	if acct.drop {
		mode = 0o755 // the account passes through; what is secret inside is 0600
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", account{}, fmt.Errorf("make data directory: %w", err)
	}
	if acct.drop {
		if err := os.Chmod(dir, mode); err != nil {
			return "", account{}, fmt.Errorf("open data directory for account %s: %w", acct.name, err)
		}
	}
	// The real path: /proc shows it for a server's working directory.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", account{}, fmt.Errorf("resolve data directory: %w", err)
	}
	return dir, acct, nil
}

// relocated is the same for the same directory at every start.
func relocated(dir string) string {
	return filepath.Join("/var/lib", "zhitong-"+shortHash(dir))
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// chooseAccount prefers the owner of a cluster that exists, so that what an ordinary user made also works for root.
func chooseAccount(dir string) (account, error) {
	if os.Geteuid() != 0 {
		acct := account{name: strconv.Itoa(os.Geteuid()), uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
		if me, err := user.Current(); err == nil {
			acct.name = me.Username
		}
		return acct, nil
	}
	if info, err := os.Stat(filepath.Join(dir, clusterName)); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
			return account{name: strconv.Itoa(int(stat.Uid)), uid: stat.Uid, gid: stat.Gid, drop: true}, nil
		}
	}
	for _, name := range []string{superuser, "nobody"} {
		entry, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(entry.Uid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(entry.Gid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), drop: true}, nil
	}
	return account{}, errors.New("postgres will not run as root, and there is neither an account postgres nor " +
		"nobody: run as an ordinary user")
}

// reaches tells whether the account may pass through dir and all its parents. Parts that do not exist yet will be made
// passable.
func (a account) reaches(dir string) bool {
	for {
		if info, err := os.Stat(dir); err == nil && !a.mayEnter(info) {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

func (a account) mayEnter(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	switch {
	case stat.Uid == a.uid:
		return info.Mode()&0o100 != 0
	case stat.Gid == a.gid:
		return info.Mode()&0o010 != 0
	default:
		return info.Mode()&0o001 != 0
	}
}

// mkdir makes a directory that belongs to the account alone.
func (a account) mkdir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make directory for postgres: %w", err)
	}
	return a.own(dir)
}

func (a account) writeFile(path string, content secret.String) error {
	if err := os.WriteFile(path, []byte(content.Reveal()), 0o600); err != nil {
		return fmt.Errorf("write password file for initdb: %w", err)
	}
	return a.own(path)
}

func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("hand %s to account %s: %w", path, a.name, err)
	}
	return nil
}

// command makes a command that runs under the account, with its own working directory, home and a small environment.
func (a account) command(program string, args []string, dir string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if a.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// prepareSocketDir makes the first directory that fits: short enough for a socket's path and within the account's
// reach.
func (s *Server) prepareSocketDir(wish string) (string, error) {
	candidates := []string{filepath.Join(s.dir, "run"),
		filepath.Join(os.TempDir(), fmt.Sprintf("zhitong-%d-%s", s.account.uid, shortHash(s.dir)))}
	if wish != "" {
		abs, err := filepath.Abs(wish)
		if err != nil {
			return "", fmt.Errorf("resolve runtime directory: %w", err)
		}
		candidates = append([]string{abs}, candidates...)
	}
	for _, dir := range candidates {
		if len(dir)+len("/"+socketBaseName+"65535.lock") > socketPathMax ||
			strings.ContainsAny(dir, `,"`) || // the server's setting is a list
			(s.account.drop && !s.account.reaches(filepath.Dir(dir))) {
			continue
		}
		if err := s.account.mkdir(dir); err != nil {
			return "", err
		}
		// Someone else may have made a directory of this name in the shared temporary directory: never trust it.
		info, err := os.Lstat(dir)
		if err != nil {
			return "", fmt.Errorf("look at runtime directory: %w", err)
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || stat.Uid != s.account.uid {
			return "", fmt.Errorf("runtime directory %s does not belong to account %s", dir, s.account.name)
		}
		return dir, removeSockets(dir)
	}
	return "", fmt.Errorf("no directory for the unix socket with a path under %d bytes: set a shorter runtime "+
		"directory", socketPathMax)
}

// removeSockets removes the sockets and socket locks a killed server left; the directory's lock is held, so none of
// them is alive.
func removeSockets(dir string) error {
	entries, err := os.ReadDir(dir) // a pattern would take a bracket in the directory's name for its own
	if err != nil {
		return fmt.Errorf("list old sockets: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), socketBaseName) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an old socket: %w", err)
		}
	}
	return nil
}
