package collector

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// lockHolder finds the master that holds the lock on a file, by proc_locks(5);
// 0 = none does. Some file systems give stat(2) another device number, so it
// counts only among several holders of the same inode number.
func (p procDir) lockHolder(ctx context.Context, info fs.FileInfo) (int, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, nil
	}
	file, err := os.Open(filepath.Join(string(p), "locks"))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var found int
	lines := bufio.NewScanner(file)
	for lines.Scan() && ctx.Err() == nil {
		pid, device, inode, ok := parseLock(lines.Text())
		if !ok || inode != stat.Ino || !p.isMaster(pid) {
			continue
		}
		if device == deviceNumber(stat.Dev) {
			return pid, nil
		}
		found = pid
	}
	return found, lines.Err()
}

// parseLock reads "1: FLOCK  ADVISORY  WRITE 708 fe:00:9977972 0 EOF".
func parseLock(line string) (pid int, device string, inode uint64, ok bool) {
	f := strings.Fields(line)
	if len(f) < 8 || f[1] == "->" { // one that waits for the lock
		return 0, "", 0, false
	}
	pid, err := strconv.Atoi(f[4])
	if err != nil {
		return 0, "", 0, false
	}
	colon := strings.LastIndexByte(f[5], ':')
	if colon < 0 {
		return 0, "", 0, false
	}
	inode, err = strconv.ParseUint(f[5][colon+1:], 10, 64)
	return pid, f[5][:colon], inode, err == nil
}

// deviceNumber writes a device as proc_locks(5) does, by makedev(3).
func deviceNumber(dev uint64) string {
	major := dev>>8&0xfff | dev>>32&^0xfff
	minor := dev&0xff | dev>>12&^0xff
	return fmt.Sprintf("%02x:%02x", major, minor)
}
