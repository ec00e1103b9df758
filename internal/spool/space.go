package spool

import "golang.org/x/sys/unix"

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
