package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"zhitong/test/bench/result"
)

const (
	reportPath = "docs/performance.md"
	notesPath  = "test/bench/notes.md" // what a person has to say; put at the end of the report
)

// report writes docs/performance.md from the figures that were measured last.
func report(dir string) error {
	all, err := result.Read(dir)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString(`# Performance

Made by ` + "`make bench`" + ` (` + "`go run ./test/bench report`" + ` from ` + "`test/bench/out/*.json`" + `); do not edit. The notes at the end come from ` + "`test/bench/notes.md`" + `.

Figures are medians of several runs, with the least and the most beside them. What counts are the **ratios**: programs took turns in one run on one machine,
on one Postgres with its default durability (fsync and synchronous_commit on). Client, server and Postgres share the machine's cores, and so may others.

- *script*: pgbench with the product's own statements, recorded from a running product (` + "`test/bench/pgbench`" + `; a test compares), as the application's role with row-level security.
- *bare*: net/http, the RSA2 signature, the same statements in one batch per phase, nothing else.
- *product*: ` + "`zhitong serve --no-workers`" + `, as it is deployed.
`)
	for _, p := range parts() {
		r, ok := all[p.name]
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n`make bench/%s`, %s, %s, %.0f s\n\n| | median | spread | goal "+
			"|\n|---|---:|---:|---|\n", r.Title, r.Name, r.At.Format("2006-01-02"), r.Machine, r.Seconds)
		for _, f := range r.Figures {
			fmt.Fprintf(&b, "| %s | %s %s | %s | %s |\n", f.Name+note(f), result.Number(f.Median), f.Unit, f.Spread(),
				f.GoalText())
		}
		if r.Text != "" {
			fmt.Fprintf(&b, "\n```\n%s\n```\n", strings.Trim(r.Text, "\n"))
		}
	}
	notes, err := os.ReadFile(notesPath)
	if err == nil {
		b.WriteString("\n")
		b.Write(notes)
	}
	if err := os.WriteFile(reportPath, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	fmt.Println("wrote", reportPath)
	return nil
}

func note(f result.Figure) string {
	if f.Note == "" {
		return ""
	}
	return " (" + f.Note + ")"
}
