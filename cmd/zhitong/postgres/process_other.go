//go:build unix && !linux

package postgres

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const canListProcesses = false

// setParentDeathSignal does nothing where the kernel has no such thing: a server that outlived its program is stopped
// at the next start.
func setParentDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

// clusterProcesses gives the postmaster named by postmaster.pid, if that process is a postgres.
func clusterProcesses(cluster string) []int {
	pid := postmasterPID(cluster)
	if pid == 0 {
		return nil
	}
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || filepath.Base(strings.TrimSpace(string(out))) != "postgres" {
		return nil
	}
	return []int{pid}
}
