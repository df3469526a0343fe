// Command zhitong is the whole product in one binary: the API and its workers, the migrations, the simulator of Alipay,
// and what a newcomer needs to try it all on a laptop. Settings come from ZHITONG_… environment variables (see
// cmd/zhitong/boot); `zhitong --help` lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"zhitong/cmd/zhitong/boot"
)

type cli struct {
	Dev        devCmd        `cmd:"" help:"Start everything for trying, on this machine: Postgres, simulator, API, workers, a demo tenant."`
	Serve      serveCmd      `cmd:"" help:"Serve the API and its pages, and work the jobs."`
	Work       workCmd       `cmd:"" help:"Work the jobs only."`
	Migrate    migrateCmd    `cmd:"" help:"Move the database's schema."`
	Simulator  simulatorCmd  `cmd:"" help:"Run the simulator of Alipay's gateway, alone."`
	Doctor     doctorCmd     `cmd:"" help:"Examine a tenant's connection to Alipay and say what to do."`
	Verify     verifyCmd     `cmd:"" help:"Check the invariants of all data; exit 1 and show the rows on a breach."`
	Distribute distributeCmd `cmd:"" help:"Print the SQL that distributes the tables over a Citus cluster; with --yes, run it."`
	Restored   restoredCmd   `cmd:"" help:"After a backup was restored, before the program runs on it: take everything off sale, for what was sold since is not known."`
	ID         idCmd         `cmd:"" name:"id" help:"Tell what an id names, its UUID and when it was made; or make an id of a UUID."`
	Keyset     keysetCmd     `cmd:"" help:"Make a master keyset; add, promote and retire its keys."`
	Recover    recoverCmd    `cmd:"" help:"Make an owner's API key for a tenant that has lost its own."`
	People     peopleCmd     `cmd:"" help:"Help people who cannot sign in."`
	Figures    figuresCmd    `cmd:"" help:"Make the figures of the overview anew, of one tenant or of all."`
	Sandboxes  sandboxesCmd  `cmd:"" help:"Tell which sandboxes end because nobody uses them; change nothing."`
	Version    versionCmd    `cmd:"" help:"Say which build this is."`
}

// program is what commands get besides their flags.
type program struct {
	stdout, stderr io.Writer
	environment    map[string]string
}

// errSilent ends with exit code 1 when everything has been said already.
var errSilent = errors.New("failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], program{os.Stdout, os.Stderr, boot.Environment()})
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, p program) int {
	exited := -1
	var c cli
	parser, err := kong.New(&c, kong.Name("zhitong"), kong.Description("Zhitong (直通): card platforms whose money "+
		"goes straight to who sold."),
		kong.UsageOnError(), kong.Writers(p.stdout, p.stderr), kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		fmt.Fprintln(p.stderr, "zhitong:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintln(p.stderr, "zhitong:", err)
		return 2
	}
	if err := k.Run(); err != nil {
		if !errors.Is(err, errSilent) {
			fmt.Fprintln(p.stderr, "zhitong:", err)
		}
		return 1
	}
	return 0
}

// load reads and checks the configuration.
func (p program) load(need boot.Need) (boot.Config, error) {
	c, err := boot.Load(p.environment)
	if err != nil {
		return boot.Config{}, err
	}
	if err := c.Validate(need); err != nil {
		return boot.Config{}, fmt.Errorf("the configuration is not usable:\n%w", err)
	}
	return c, nil
}
