// Command bench measures how fast a paid order could be and how fast ours is:
//
//	go run ./test/bench                      every part
//	go run ./test/bench pipeline latency     some parts
//	go run ./test/bench report               docs/performance.md from the last figures
//
// Figures are ratios of programs that took turns in one run on one machine; absolute numbers say little about another.
// It starts a Postgres of its own, on disk and with the durability that Postgres has by default, unless -database names
// one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"zhitong/test/bench/bare"
	"zhitong/test/bench/load"
	"zhitong/test/bench/result"
	"zhitong/test/bench/world"
)

// bench is what the parts are given.
type bench struct {
	world.Tools
	adminURL string
	out      string
	rounds   int
	count    int64 // orders of one run
	large    bool
	full     *world.World // one tenant with many orders, kept between the parts that read it
}

// part is one thing that is measured.
type part struct {
	name, title string
	run         func(context.Context, *bench, *result.Part) error
}

// reads tells whether the part reads the tenant with many orders.
func (p part) reads() bool { return slices.Contains([]string{"overview", "search", "console"}, p.name) }

func parts() []part {
	return []part{
		{"yardstick", "What Postgres can do: pgbench with the product's statements", yardstick},
		{"bare", "The smallest honest program", bareAlone},
		{"pipeline", "Notifications over HTTP, in turn with yardstick and bare program", pipeline},
		{"create", "Orders over HTTP, in turn with the yardstick", create},
		{"latency", "From Alipay's notification to the buyer and to the webhook, at half of the most", latency},
		{"growth", "The same with more tenants and more orders", growth},
		{"budget", "What one paid order costs", budget},
		{"footprint", "What it takes to run", footprint},
		{"simulator", "What the simulator of Alipay carries", simulator},
		{"overview", "The home page of a platform with many orders", overviewReads},
		{"search", "What is typed into the search box, by its kind", searchReads},
		{"console", "The console's lists and records", consoleReads},
		{"files", "A large file goes up and comes down", fileTransfers},
		{"profile", "Where the product spends its time on a notification", profile},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 2 {
		switch args[0] {
		case "child-bare":
			return bare.Run(ctx, args[1])
		case "child-load":
			return childLoad(ctx, args[1])
		case "child-serve":
			return childServe(ctx, args[1])
		}
	}
	b := &bench{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&b.adminURL, "database", "", "superuser's address of a Postgres to use instead of starting one")
	binaries := flags.String("binaries", "", "folder of postgres and pgbench")
	flags.StringVar(&b.Zhitong, "zhitong", "bin/zhitong", "the product's binary")
	flags.StringVar(&b.out, "out", "test/bench/out", "where the figures go")
	flags.IntVar(&b.rounds, "rounds", 5, "how often each comparison is repeated")
	flags.Int64Var(&b.count, "count", 3000, "orders of one run")
	size := flags.String("size", "", "large: growth goes to 10⁷ orders")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.large = *size == "large"
	if flags.Arg(0) == "report" {
		return report(b.out)
	}
	chosen, err := choose(flags.Args())
	if err != nil {
		return err
	}
	if b.adminURL == "" {
		return withPostgres(ctx, *binaries, args)
	}
	if err := b.prepare(*binaries); err != nil {
		return err
	}
	defer os.RemoveAll(b.Dir)
	return b.measure(ctx, chosen)
}

func choose(names []string) ([]part, error) {
	if len(names) == 0 { // pipeline measures the bare program too
		return slices.DeleteFunc(parts(), func(p part) bool { return p.name == "bare" }), nil
	}
	var out []part
	for _, n := range names {
		i := slices.IndexFunc(parts(), func(p part) bool { return p.name == n })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q", n)
		}
		out = append(out, parts()[i])
	}
	return out, nil
}

// withPostgres runs this program again with a Postgres of its own.
func withPostgres(ctx context.Context, binaries string, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	line := []string{"run", "./test/testdb", "-durable"}
	if binaries != "" {
		line = append(line, "-binaries", binaries)
	}
	line = append(line, "--", "sh", "-c", `exec "$0" -database "$ZHITONG_TEST_DATABASE_URL" "$@"`, self)
	cmd := exec.CommandContext(ctx, "go", append(line, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

func (b *bench) prepare(binaries string) (err error) {
	if b.Bench, err = os.Executable(); err != nil {
		return err
	}
	if b.Zhitong, err = filepath.Abs(b.Zhitong); err != nil {
		return err
	}
	if _, err := os.Stat(b.Zhitong); err != nil {
		return errors.New("the product is not built: make build")
	}
	if b.PGBench, err = findPGBench(binaries); err != nil {
		return err
	}
	b.Dir, err = os.MkdirTemp("", "zhitong-bench-")
	return err
}

func findPGBench(binaries string) (string, error) {
	candidates := []string{filepath.Join(binaries, "pgbench")}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench") // the only error is a bad pattern
	slices.Reverse(found)
	for _, c := range append(candidates, found...) {
		if p, err := exec.LookPath(c); err == nil {
			return p, nil
		}
	}
	return "", errors.New("pgbench is missing: install the server package of Postgres, or give -binaries")
}

func (b *bench) measure(ctx context.Context, chosen []part) (err error) {
	defer func() { err = errors.Join(err, b.empty(ctx)) }()
	var missed []string
	for _, p := range chosen {
		if !p.reads() {
			if err := b.empty(ctx); err != nil {
				return err
			}
		}
		began := time.Now()
		r := &result.Part{Name: p.name, Title: p.title, At: began.UTC(), Machine: machine()}
		fmt.Fprintf(os.Stderr, "%s …\n", p.name)
		if err := p.run(ctx, b, r); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.Seconds = time.Since(began).Seconds()
		if err := errors.Join(r.Print(os.Stdout), r.Write(b.out)); err != nil {
			return err
		}
		for _, f := range r.Figures {
			if !f.Met() {
				missed = append(missed, p.name+": "+f.Name)
			}
		}
	}
	if len(missed) > 0 {
		fmt.Printf("\ngoals missed:\n  %s\n", strings.Join(missed, "\n  "))
	}
	return nil
}

func machine() string {
	return fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

func childLoad(ctx context.Context, path string) error {
	j, err := load.Read(path)
	if err != nil {
		return err
	}
	r, err := load.Run(ctx, j)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
