package main

import (
	"fmt"
	"runtime/debug"
)

type versionCmd struct{}

// Run implements the command.
func (*versionCmd) Run(p program) error {
	_, err := fmt.Fprintln(p.stdout, version())
	return err
}

// version is the module's version, or the commit that the binary was built from, and the toolchain.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "zhitong (unknown build)"
	}
	v, dirty := info.Main.Version, ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && (v == "" || v == "(devel)"):
			v = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	return "zhitong " + v + dirty + " " + info.GoVersion
}
