package lab

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processesIn lists the processes that have dir, or a folder below it, as their
// working directory. Needs root for other users' processes.
func processesIn(dir string) []int {
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
		cwd, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err == nil && (cwd == dir || strings.HasPrefix(cwd, dir+"/")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func contains(pids []int, pid int) bool { return slices.Contains(pids, pid) }

// waitGone waits until no process is left in dir.
func waitGone(dir string, limit time.Duration) bool {
	const step = 20 * time.Millisecond
	for range limit / step {
		if len(processesIn(dir)) == 0 {
			return true
		}
		time.Sleep(step)
	}
	return false
}

// The process may be gone already: that is what is wanted, so no error.

func terminate(pid int) { _ = syscall.Kill(pid, syscall.SIGTERM) }
func kill(pid int)      { _ = syscall.Kill(pid, syscall.SIGKILL) }
