package source

import (
	"crypto/sha256"
	"io/fs"
	"syscall"
)

// signatureSize is how many bytes of a file's beginning tell it from others at
// most: some ten log lines, whose stamps no other file has.
const signatureSize = 1024

// signature knows a file again by its first bytes, which outlive a rename, a
// copy and compression. That of a file that grows stays right.
type signature struct {
	n   uint16 // bytes that count; 0 where the file was empty
	sum [16]byte
}

func signatureOf(head []byte) signature {
	head = head[:min(len(head), signatureSize)]
	sum := sha256.Sum256(head)
	return signature{n: uint16(len(head)), sum: [16]byte(sum[:])}
}

// matches says whether a file that begins with head can be the one of s.
func (s signature) matches(head []byte) bool {
	return len(head) >= int(s.n) && signatureOf(head[:s.n]) == s
}

// fileID is the place of a file in its file system, which outlives a rename.
type fileID struct{ device, inode uint64 }

func idOf(info fs.FileInfo) fileID {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fileID{s.Dev, s.Ino}
	}
	return fileID{}
}
