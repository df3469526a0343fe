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
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// majorMin is the oldest server the product's SQL runs on.
const majorMin = 14

// manualInstall is the one command an error tells.
const manualInstall = "sudo apt-get update && sudo apt-get install -y postgresql"

// binaries is a folder with initdb and postgres.
type binaries struct {
	dir   string
	major int
}

// binaryFinder looks for server programs, from the cheapest place to the dearest.
type binaryFinder struct {
	path        string // given by the user; nothing else is tried then
	downloadDir string
	noInstall   bool
	major       int    // of the cluster that exists; 0: any
	repository  string // where to download from; empty: Maven Central
	log         *slog.Logger
}

func (f binaryFinder) find(ctx context.Context) (binaries, error) {
	if f.path != "" {
		for _, dir := range []string{f.path, filepath.Join(f.path, "bin")} {
			if found, err := inspect(ctx, dir); err == nil {
				return found, f.check(found)
			}
		}
		return binaries{}, fmt.Errorf("no initdb and postgres in %s nor in its bin", f.path)
	}
	found, others := f.installed(ctx)
	if found.dir != "" {
		return found, nil
	}
	if f.major != 0 && len(others) > 0 {
		return binaries{}, f.check(others[0])
	}
	if f.noInstall {
		return binaries{}, errors.New("no PostgreSQL server programs found; install them: " + manualInstall)
	}
	installErr := f.aptInstall(ctx)
	if installErr == nil {
		if found, _ := f.installed(ctx); found.dir != "" {
			return found, nil
		}
		installErr = fmt.Errorf("the package holds no server of version %d or newer", max(f.major, majorMin))
	}
	downloadErr := f.download(ctx)
	if downloadErr == nil {
		return inspect(ctx, filepath.Join(f.downloadDir, "bin"))
	}
	return binaries{}, fmt.Errorf("no PostgreSQL server programs found, installing and downloading failed; type: "+
		"%s\n%w",
		manualInstall, errors.Join(installErr, downloadErr))
}

// check says what to do when the cluster needs another version.
func (f binaryFinder) check(found binaries) error {
	if f.major != 0 && found.major != f.major {
		return fmt.Errorf("the cluster was made by PostgreSQL %d, found is %d in %s: type sudo apt-get install -y "+
			"postgresql-%d, or remove the data directory to begin anew",
			f.major, found.major, found.dir, f.major)
	}
	if found.major < majorMin {
		return fmt.Errorf("PostgreSQL %d in %s is too old: %d or newer is needed", found.major, found.dir, majorMin)
	}
	return nil
}

// installed gives the newest fitting programs on the machine, and the others found.
func (f binaryFinder) installed(ctx context.Context) (binaries, []binaries) {
	var dirs []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql@*/bin"} {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, matches...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	dirs = append(dirs, filepath.Join(f.downloadDir, "bin"))

	var all []binaries
	for _, dir := range dirs {
		if found, err := inspect(ctx, dir); err == nil {
			all = append(all, found)
		}
	}
	slices.SortStableFunc(all, func(a, b binaries) int { return b.major - a.major })
	for _, found := range all {
		if f.check(found) == nil {
			return found, all
		}
	}
	return binaries{}, all
}

// inspect reads the version of the programs in dir.
func inspect(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, fmt.Errorf("look for initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("ask %s/postgres for its version: %w", dir, err)
	}
	major, err := parseMajor(string(out))
	if err != nil {
		return binaries{}, err
	}
	return binaries{dir: dir, major: major}, nil
}

// parseMajor reads "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)".
func parseMajor(version string) (int, error) {
	match := regexp.MustCompile(`\(PostgreSQL\) (\d+)`).FindStringSubmatch(version)
	if match == nil {
		return 0, fmt.Errorf("not a version of postgres: %q", version)
	}
	return strconv.Atoi(match[1])
}

// aptInstall installs Debian's or Ubuntu's package where that is possible without a question.
func (f binaryFinder) aptInstall(ctx context.Context) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("install by apt: %w", err)
	}
	var as []string
	if os.Geteuid() != 0 {
		as = []string{"sudo", "-n"}
		if err := exec.CommandContext(ctx, "sudo", "-n", "true").Run(); err != nil {
			return fmt.Errorf("install by apt: neither root nor sudo without a password: %w", err)
		}
	}
	f.log.Info("installing PostgreSQL by apt", "command", manualInstall)
	// Debian's package would make and start a server of its own, which nobody asked for; this file of postgresql-common
	// says no.
	const noCluster = `f=/etc/postgresql-common/createcluster.conf
[ -e "$f" ] || { mkdir -p "${f%/*}" && echo "create_main_cluster = false" > "$f"; }`
	for _, args := range [][]string{
		{"sh", "-c", noCluster},
		{"apt-get", "-o", "DPkg::Lock::Timeout=120", "update"},
		{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120", "-o",
			"Dpkg::Options::=--force-confold",
			"install", "-y", "--no-install-recommends", "postgresql"},
	} {
		args = append(slices.Clone(as), args...)
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, tail(out))
		}
	}
	return nil
}

// download fetches a build from Maven Central by the library. The library has no call that only downloads, so it is
// started on a scratch cluster; as root that fails after the programs are in place, which is all that is wanted.
func (f binaryFinder) download(ctx context.Context) error {
	versions := map[int]embeddedpostgres.PostgresVersion{
		14: embeddedpostgres.V14, 15: embeddedpostgres.V15, 16: embeddedpostgres.V16, 17: embeddedpostgres.V17,
	}
	major := f.major
	if major == 0 {
		major = 17
	}
	version, ok := versions[major]
	if !ok {
		return fmt.Errorf("no download known for PostgreSQL %d on %s", major, runtime.GOOS)
	}
	scratch, err := os.MkdirTemp("", "zhitong-download-")
	if err != nil {
		return fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(scratch)
	port, err := freePort(0)
	if err != nil {
		return err
	}
	f.log.Info("downloading PostgreSQL", "version", string(version), "dir", f.downloadDir)
	config := embeddedpostgres.DefaultConfig().
		Version(version).Port(uint32(port)).Logger(io.Discard).
		BinariesPath(f.downloadDir).CachePath(filepath.Join(scratch, "cache")).
		RuntimePath(filepath.Join(scratch, "runtime")).DataPath(filepath.Join(scratch, "data"))
	if f.repository != "" {
		config = config.BinaryRepositoryURL(f.repository)
	}
	defer removeNew(filepath.Join(os.TempDir(), "embedded_postgres_log*"))() // the library forgets its log file
	library := embeddedpostgres.NewDatabase(config)
	startErr := library.Start()
	if startErr == nil {
		if err := library.Stop(); err != nil {
			return fmt.Errorf("stop the server of the download: %w", err)
		}
	}
	if _, err := inspect(ctx, filepath.Join(f.downloadDir, "bin")); err != nil {
		return fmt.Errorf("download PostgreSQL %s: %w", version, errors.Join(startErr, err))
	}
	return nil
}

// removeNew gives a function that removes the files that match the pattern then and do not now.
func removeNew(pattern string) func() {
	before, _ := filepath.Glob(pattern) // the only error is a bad pattern
	return func() {
		after, _ := filepath.Glob(pattern)
		for _, path := range after {
			if !slices.Contains(before, path) {
				_ = os.Remove(path) // litter only
			}
		}
	}
}

func tail(out []byte) string {
	if len(out) > logTailBytes {
		out = out[len(out)-logTailBytes:]
	}
	return strings.TrimSpace(string(out))
}
