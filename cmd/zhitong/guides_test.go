package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"zhitong/docs/guides"
)

var fenced = regexp.MustCompile("(?s)```([a-z]+(?: run)?)\n(.*?)```")

// samples are the blocks of a guide, by what they begin with.
func samples(t *testing.T, name string) (all, run []string) {
	t.Helper()
	text, err := fs.ReadFile(guides.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range fenced.FindAllStringSubmatch(string(text), -1) {
		all = append(all, b[1]+"\n"+b[2])
		if b[1] == "sh run" {
			run = append(run, b[2])
		}
	}
	return all, run
}

// TestGuides runs the samples of every guide against `zhitong dev`, those of one guide in one shell, as a reader would.
// Both languages have the same samples.
func TestGuides(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, dir := range []string{base, filepath.Dir(base)} { // the account of Postgres passes through
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	names, err := fs.Glob(guides.Files(), "zh/*.md")
	if err != nil || len(names) < 6 {
		t.Fatalf("guides: %v %v", names, err)
	}
	api, sim := freePorts(t)
	dev := startDev(t, filepath.Join(base, ".zhitong"), nil, "--port", api, "--simulator-port", sim)
	dev.waitReady()
	for _, name := range names {
		all, run := samples(t, name)
		if english, _ := samples(t, strings.Replace(name, "zh/", "en/", 1)); !slices.Equal(all, english) {
			t.Errorf("%s: the English guide has other samples", name)
		}
		if len(run) == 0 {
			continue
		}
		script := "set -x\n" + strings.Join(run, "\n")
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = base
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	dev.signal(syscall.SIGTERM)
}
