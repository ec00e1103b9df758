package spool

import (
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

// Outside is what may be seen of the queue without the right to list it.
type Outside struct {
	Space Space
	// Moved is when a message last came to maildrop, incoming or active, or left it: all
	// mail passes there, however short. Zero where that can't be told.
	Moved time.Time
}

// outsideOf looks at a queue directory that is open.
func outsideOf(root int, mount *unix.Statfs_t) Outside {
	o := Outside{Space: spaceOf(mount)}
	for _, queue := range []parser.Queue{parser.QueueMaildrop, parser.QueueIncoming, parser.QueueActive} {
		var stat unix.Stat_t
		if err := unix.Fstatat(root, queue.String(), &stat, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			continue // a scan tells of it
		}
		if moved := time.Unix(stat.Mtim.Unix()); moved.After(o.Moved) {
			o.Moved = moved
		}
	}
	return o
}

// Space is what is left on the file system that holds the queue.
type Space struct {
	Known      bool
	Bytes      int64 // for Postfix, that is without root's reserve
	Inodes     int64
	InodesKept bool // the file system keeps a number of inodes
}

func spaceOf(mount *unix.Statfs_t) Space {
	block := mount.Frsize
	if block == 0 {
		block = mount.Bsize
	}
	return Space{
		Known:      true,
		Bytes:      int64(mount.Bavail) * block,
		Inodes:     int64(mount.Ffree),
		InodesKept: mount.Files > 0,
	}
}
