// Command mutants takes each fence of the product (a line that a promise rests on) away in turn and demands that a test
// notices: a fence that nobody misses when it is gone is not one, or nobody tests it.
//
//	go run ./test/mutants [-run REGEXP] [-keep]
//
// It works on a copy of the last commit, never on the working tree; -list looks at the working tree. The named tests
// must pass in the unchanged copy, must fail (not merely fail to build) in the changed one, and the text that stands
// for the fence must still be there exactly once. Exit 1 when a mutant survives or a fence is gone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"zhitong/cmd/zhitong/postgres"
	"zhitong/internal/clock"
)

const (
	database   = "zhitong_test"
	testWithin = 5 * time.Minute
)

func main() {
	pattern := flag.String("run", "", "only the fences whose name matches")
	list := flag.Bool("list", false, "list the fences and check that each is still there, without running a test")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *pattern, *list)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// result is what became of one mutant.
type result struct {
	fence   fence
	outcome string
	took    time.Duration
}

func run(ctx context.Context, pattern string, list bool) (err error) {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("read -run: %w", err)
	}
	chosen := slices.DeleteFunc(fences(), func(f fence) bool { return !wanted.MatchString(f.name) })
	if list {
		return (&copied{dir: "."}).check(chosen)
	}
	dir, err := os.MkdirTemp("", "zhitong-mutants-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres passes through as another user
		return fmt.Errorf("open the directory: %w", err)
	}
	c := &copied{dir: filepath.Join(dir, "copy")}
	if err := c.make(ctx); err != nil {
		return err
	}
	server, err := postgres.Start(ctx,
		postgres.Options{DataDir: filepath.Join(dir, "postgres"), Fast: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	defer func() { err = errors.Join(err, server.Stop(context.Background())) }()
	if err := server.EnsureDatabase(ctx, database, postgres.RoleOwner); err != nil {
		return err
	}
	// With -trimpath what the cache has of another folder serves.
	c.env = append(os.Environ(), //nolint:forbidigo // a tool's child
		"ZHITONG_TEST_DATABASE_URL="+server.SuperuserDSN(database), "GOFLAGS=-buildvcs=false -trimpath -vet=off")
	return c.all(ctx, chosen)
}

// copied is a throw-away copy of the repository.
type copied struct {
	dir string
	env []string
}

func (c *copied) make(ctx context.Context) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	reader, writer := io.Pipe()
	var messages strings.Builder
	archive := exec.CommandContext(ctx, "git", "archive", "HEAD")
	archive.Stdout, archive.Stderr = writer, &messages
	unpack := exec.CommandContext(ctx, "tar", "-x", "-C", c.dir)
	unpack.Stdin, unpack.Stderr = reader, &messages
	if err := unpack.Start(); err != nil {
		return fmt.Errorf("unpack the copy: %w", err)
	}
	err := errors.Join(archive.Run(), writer.Close(), unpack.Wait())
	if err != nil {
		return fmt.Errorf("copy the last commit: %w: %s", err, messages.String())
	}
	return nil
}

// check looks for every fence without running anything.
func (c *copied) check(list []fence) error {
	gone := 0
	for _, f := range list {
		state := "there"
		if _, _, err := c.apply(f); err != nil {
			state = err.Error()
			gone++
		}
		fmt.Printf("%s\t%s\n", f.name, state)
	}
	if gone > 0 {
		return fmt.Errorf("%d of %d fences are not where they were", gone, len(list))
	}
	return nil
}

// apply is the file's text before and after; nothing is written.
func (c *copied) apply(f fence) (before, after string, err error) {
	raw, err := os.ReadFile(filepath.Join(c.dir, f.file))
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", f.file, err)
	}
	before = string(raw)
	if n := strings.Count(before, f.old); n != 1 {
		return "", "", fmt.Errorf("its text is in %s %d times", f.file, n)
	}
	return before, strings.Replace(before, f.old, f.replacement, 1), nil
}

func (c *copied) all(ctx context.Context, list []fence) error {
	var results []result
	bad := 0
	healthy := map[string]bool{} // tests that pass in the unchanged copy
	for _, f := range list {
		began := clock.System{}.Now()
		outcome := c.one(ctx, f, healthy)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r := result{f, outcome, clock.System{}.Now().Sub(began)}
		results = append(results, r)
		if outcome != caught {
			bad++
		}
		fmt.Printf("%-40s %s (%.0f s)\n", f.name, outcome, r.took.Seconds())
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\nfence\ttaken away in\tmust be missed by\toutcome")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\n", r.fence.name, r.fence.file, r.fence.pkg, r.fence.test, r.outcome)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d fences can be taken away unnoticed, or are not where they were", bad, len(list))
	}
	fmt.Printf("%d fences: each is missed when it is gone\n", len(results))
	return nil
}

const caught = "caught"

func (c *copied) one(ctx context.Context, f fence, healthy map[string]bool) string {
	before, after, err := c.apply(f)
	if err != nil {
		return "gone: " + err.Error()
	}
	if key := f.pkg + " " + f.test; !healthy[key] {
		if out, err := c.test(ctx, f); err != nil || strings.Contains(out, "no tests to run") {
			return "the test does not pass with the fence: " + lastLine(out)
		}
		healthy[key] = true
	}
	path := filepath.Join(c.dir, f.file)
	if err := os.WriteFile(path, []byte(after), 0o600); err != nil {
		return err.Error()
	}
	out, err := c.test(ctx, f)
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		return err.Error()
	}
	switch {
	case err == nil:
		return "SURVIVED"
	case !strings.Contains(out, "--- FAIL"):
		return "no test failed, but: " + lastLine(out)
	}
	return caught
}

func (c *copied) test(ctx context.Context, f fence) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, testWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-run", f.test, f.pkg)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, l := range lines {
		if strings.Contains(l, ".go:") {
			return l
		}
	}
	return lines[len(lines)-1]
}
