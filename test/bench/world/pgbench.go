package world

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)

// PGBenchPaid pays count orders by the script; PGBenchCreate creates as many. Both give orders per second.
func (w *World) PGBenchPaid(ctx context.Context, pipelined bool, clients int, count int64) (float64, error) {
	each := count / int64(clients)
	first, err := w.Take(each * int64(clients))
	if err != nil {
		return 0, err
	}
	rate, err := w.pgbench(ctx, "paid", w.Paid.Script(pipelined), first, clients, each)
	if err != nil {
		return 0, err
	}
	return rate, w.allDelivered(ctx, first, each*int64(clients))
}

// PGBenchCreate creates orders. There must be enough free card keys.
func (w *World) PGBenchCreate(ctx context.Context, pipelined bool, clients int, count int64) (float64, error) {
	each := count / int64(clients)
	first := w.created + 1
	w.created += each * int64(clients)
	return w.pgbench(ctx, "create", w.Create.Script(pipelined), first, clients, each)
}

func (w *World) pgbench(ctx context.Context, name, script string, first int64, clients int,
	each int64) (float64, error) {
	path, err := w.write(name+".sql", []byte(script))
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, w.PGBench, "-n", "-M", "prepared", "-f", path, "-c", strconv.Itoa(clients), "-j",
		strconv.Itoa(min(2, clients)), "-t", strconv.FormatInt(each, 10),
		"-D", "i=0", "-D", fmt.Sprintf("base=%d", first), "-D", fmt.Sprintf("step=%d", clients), "-D",
		fmt.Sprintf("tenants=%d", w.Tenants), w.AppURL())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("pgbench %s: %w\n%s", name, err, tail(out.Bytes()))
	}
	m := tps.FindSubmatch(out.Bytes())
	if m == nil {
		return 0, fmt.Errorf("pgbench %s said nothing of its speed:\n%s", name, tail(out.Bytes()))
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
