// Command testdb starts a PostgreSQL for the test suite, runs the given command with its address in
// ZHITONG_TEST_DATABASE_URL (as superuser), stops it, and exits with the command's code:
//
//	go run ./test/testdb -- go test ./...
//
// The server lives in a temporary directory and gives up durability for speed. It has the roles zhitong_owner and
// zhitong_app.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"zhitong/cmd/zhitong/postgres"
)

const (
	databaseEnv = "ZHITONG_TEST_DATABASE_URL"
	database    = "zhitong_test"
	dirPrefix   = "zhitong-testdb-"
	exitTrouble = 125 // of testdb itself; other codes are the command's
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testdb:", err)
	}
	os.Exit(code)
}

func run() (code int, err error) {
	binariesPath := flag.String("binaries", "", "folder of initdb and postgres (default: look for them, install or "+
		"download)")
	durable := flag.Bool("durable", false, "keep fsync on, for benchmarks")
	verbose := flag.Bool("v", false, "say what is done")
	flag.Parse()
	if flag.NArg() == 0 {
		return exitTrouble, errors.New("no command given: go run ./test/testdb -- go test ./")
	}
	level := slog.LevelWarn
	if *verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))

	// Ctrl-C reaches the command too; testdb stays until it has ended, to stop the server after it.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	removeStale(ctx, log)
	dir, err := os.MkdirTemp("", dirPrefix)
	if err != nil {
		return exitTrouble, fmt.Errorf("make temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := postgres.Start(ctx,
		postgres.Options{DataDir: dir, BinariesPath: *binariesPath, Fast: !*durable, Logger: log})
	if err != nil {
		return exitTrouble, err
	}
	defer func() {
		err = errors.Join(err, server.Stop(ctx), os.RemoveAll(server.Dir()))
	}()
	if err := server.EnsureDatabase(ctx, database, postgres.RoleOwner); err != nil {
		return exitTrouble, err
	}
	return runCommand(flag.Args(), databaseEnv+"="+server.SuperuserDSN(database), signals)
}

// runCommand runs the command with one more environment variable, passes signals on, and gives its exit code.
func runCommand(args []string, env string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(cmd.Environ(), env)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return exitTrouble, fmt.Errorf("start %s: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			_ = cmd.Process.Signal(sig)
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				if exit.ExitCode() < 0 {
					return exitTrouble, fmt.Errorf("%s: %w", args[0], err)
				}
				return exit.ExitCode(), nil
			}
			if err != nil {
				return exitTrouble, fmt.Errorf("wait for %s: %w", args[0], err)
			}
			return 0, nil
		}
	}
}

// removeStale removes what a killed testdb left behind.
func removeStale(ctx context.Context, log *slog.Logger) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*")) // the only error is a bad pattern
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "lock")); err != nil {
			continue // being made just now, or another user's
		}
		var inUse *postgres.InUseError
		if err := postgres.RemoveIdle(ctx, dir); err != nil && !errors.As(err, &inUse) {
			log.Warn("cannot remove an old test database", "dir", dir, "error", err)
		}
	}
}
