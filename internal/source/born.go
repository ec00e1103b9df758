package source

import (
	"time"

	"golang.org/x/sys/unix"
)

// isStill says whether m is the file of the place, whatever it holds now. Its
// number is not enough: a file system soon gives that of a removed file to a new
// one. Where a file system keeps no time of birth, the number must do.
func (p *place) isStill(m member) bool {
	now := born(unix.AT_FDCWD, m.path)
	return idOf(m.info) == p.id && (now == p.born || now == 0 || p.born == 0)
}

// born is when the file at path was made, or where path is empty the one that is
// open as fd, in nanoseconds since the epoch; 0 where that is not known.
func born(fd int, path string) int64 {
	var stat unix.Statx_t
	err := unix.Statx(fd, path, unix.AT_EMPTY_PATH, unix.STATX_BTIME, &stat)
	if err != nil || stat.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return time.Unix(stat.Btime.Sec, int64(stat.Btime.Nsec)).UnixNano()
}
