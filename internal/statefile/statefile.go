// Package statefile keeps one blob of bytes on disk so that it comes back whole
// or not at all: what the exporter knows, over restarts and crashes. What the
// bytes say is the caller's business.
package statefile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// What may be wrong with a file that is there. Each is wrapped with more words.
var (
	ErrDamaged = errors.New("damaged")
	ErrForeign = errors.New("of another host or instance")
	ErrInUse   = errors.New("in use by another exporter: give each one a --state.file of its own")
)

// File is the place of a blob. It is for one goroutine.
type File struct {
	path  string
	owner string
	lock  *os.File // nil as long as none could be had
}

const (
	magic = "postfix_exporter state 1\n"
	// maxSize bounds what is read: far more than the ledger's limits allow.
	maxSize = 4 << 30
)

// Open takes the place at path, and makes its folder where there is none. Owner
// is any text that says whose state it is. Nothing is read yet, and a place
// that can't be written to is no error before Save; one that another process
// has taken is.
func Open(path, owner string) (*File, error) {
	f := &File{path: path, owner: owner}
	if err := f.acquire(); errors.Is(err, ErrInUse) {
		return nil, err
	}
	return f, nil
}

// acquire locks a file of its own: the state's is another one after each save.
func (f *File) acquire() error {
	if f.lock != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(f.path+".lock", os.O_CREATE|os.O_RDONLY, 0o600) // not for writing: its disk may be remounted read-only
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return errors.Join(fmt.Errorf("%s: %w", f.path, err), lock.Close())
	}
	f.lock = lock
	return nil
}

// Close gives the place free.
func (f *File) Close() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}

// Load reads what Save wrote; nothing, and no error, where there is no file.
func (f *File) Load() ([]byte, error) {
	blob, owner, err := Read(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && owner != f.owner {
		return nil, fmt.Errorf("%s: %w", f.path, ErrForeign)
	}
	return blob, err
}

// Read gives what is at path and whose it is, for who only wants to look: it
// takes no place, and what it gives may be old a moment later.
func Read(path string) (blob []byte, owner string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer file.Close()
	all, err := io.ReadAll(io.LimitReader(file, maxSize))
	if err != nil {
		return nil, "", err
	}
	if blob, owner, err = decode(all); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return blob, owner, nil
}

// Save puts blob in the place of what was there. When it comes back without an
// error, the bytes are on the disk; with one, what was there before still is.
func (f *File) Save(blob []byte) error {
	if err := f.acquire(); err != nil {
		return err
	}
	temporary := f.path + ".new"
	if err := write(temporary, encodeHead(f.owner, blob), blob); err != nil {
		return errors.Join(err, removed(temporary))
	}
	if err := os.Rename(temporary, f.path); err != nil {
		return errors.Join(err, removed(temporary))
	}
	return syncFolder(filepath.Dir(f.path))
}

// maxAside is how many files are kept that could not be used.
const maxAside = 3

// SetAside renames what is there, so that it is neither read again nor lost to
// whoever wants to look at it. It says where to.
func (f *File) SetAside() (to string, err error) {
	aside := func(n int) string { return fmt.Sprintf("%s.unusable-%d", f.path, n) }
	for n := maxAside - 1; n > 0; n-- {
		if err := os.Rename(aside(n), aside(n+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return aside(1), os.Rename(f.path, aside(1))
}

// encodeHead gives what stands before the blob: the magic, then, each as a
// number of 8 bytes, the lengths of owner and blob and the checksum of all that
// follows the magic, and the owner.
func encodeHead(owner string, blob []byte) []byte {
	head := []byte(magic)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(owner)))
	head = binary.LittleEndian.AppendUint64(head, uint64(len(blob)))
	head = binary.LittleEndian.AppendUint64(head, checksum(head[len(magic):], []byte(owner), blob))
	return append(head, owner...)
}

func decode(all []byte) (blob []byte, owner string, err error) {
	const numbers = 3 * 8
	if len(all) < len(magic)+numbers || string(all[:len(magic)]) != magic {
		return nil, "", fmt.Errorf("%w, or no state of this exporter", ErrDamaged)
	}
	head, rest := all[len(magic):][:numbers], all[len(magic)+numbers:]
	ownerLen, blobLen, sum := binary.LittleEndian.Uint64(head), binary.LittleEndian.Uint64(head[8:]), binary.LittleEndian.Uint64(head[16:])
	if ownerLen > uint64(len(rest)) || blobLen != uint64(len(rest))-ownerLen {
		return nil, "", fmt.Errorf("%w: it has %d bytes too many, or too few", ErrDamaged, len(rest))
	}
	name, blob := rest[:ownerLen], rest[ownerLen:]
	if checksum(head[:16], name, blob) != sum {
		return nil, "", fmt.Errorf("%w: its checksum is wrong", ErrDamaged)
	}
	return blob, string(name), nil
}

// checksum finds what a failing disk does, not what somebody does on purpose:
// who can write the file can write the checksum.
func checksum(parts ...[]byte) uint64 {
	sum := uint32(0)
	for _, part := range parts {
		sum = crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), part)
	}
	return uint64(sum)
}

func write(path string, parts ...[]byte) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	for _, part := range parts {
		if _, err := file.Write(part); err != nil {
			return err
		}
	}
	return file.Sync()
}

func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes a rename outlive a crash of the machine.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
