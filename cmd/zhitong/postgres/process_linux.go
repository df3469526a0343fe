package postgres

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const canListProcesses = true

// setParentDeathSignal asks the kernel to signal the child when the thread that starts it ends; see startProcess.
func setParentDeathSignal(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// clusterProcesses lists the server processes that work in the cluster. A server and all its children have the cluster
// as working directory, which, unlike the pid in postmaster.pid, is never somebody else's by accident.
func clusterProcesses(cluster string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		// Both links are unreadable for processes of other users and for zombies: neither is ours to stop.
		cwd, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || cwd != cluster {
			continue
		}
		exe, err := os.Readlink(filepath.Join("/proc", entry.Name(), "exe"))
		if err != nil || filepath.Base(strings.TrimSuffix(exe, " (deleted)")) != "postgres" {
			continue
		}
		pids = append(pids, pid)
	}
	return pids
}
