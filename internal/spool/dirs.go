package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"postfix_exporter/parser"
)

const (
	maxHashDepth = 3    // Postfix's MAX_DIR_DEPTH for hash_queue_depth
	namesAtOnce  = 1024 // bounds the memory that a directory of any size takes
)

// Counts are the numbers of messages by queue, and which of them are known.
type Counts struct {
	Messages [parser.NumQueues]int
	Known    [parser.NumQueues]bool
}

// Dirs counts the messages in the directories of the queues. It takes root,
// Postfix's own user or CAP_DAC_READ_SEARCH to list them.
type Dirs struct {
	directory string // queue_directory
}

// NewDirs makes a Dirs of the Postfix instance with this queue_directory.
func NewDirs(queueDirectory string) *Dirs { return &Dirs{directory: queueDirectory} }

// Count counts the files in each queue that it may list, those still being
// received with them. A directory that it may not list is no error: that
// queue's count is not known. On another error, of which the first comes back,
// the counts of the other queues stand.
func (d *Dirs) Count(ctx context.Context) (Counts, error) {
	if _, err := os.Stat(d.directory); errors.Is(err, os.ErrNotExist) {
		return Counts{}, fmt.Errorf("%w: no queue directory there; name the right config directory of Postfix", err)
	}
	var counts Counts
	var fault error
	for q := range parser.Queue(parser.NumQueues) {
		n, err := countMessages(ctx, filepath.Join(d.directory, q.String()), maxHashDepth)
		switch {
		case err == nil:
			counts.Messages[q], counts.Known[q] = n, true
		case fault == nil && !errors.Is(err, os.ErrPermission):
			fault = fmt.Errorf("count queue %v: %w", q, err)
		}
	}
	return counts, fault
}

// countMessages counts queue files in a directory and in its hash directories,
// whose names have one character. It follows no symbolic link: a local user may
// have put one there.
func countMessages(ctx context.Context, directory string, depth int) (messages int, err error) {
	f, err := os.OpenFile(directory, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for {
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
		entries, err := f.ReadDir(namesAtOnce)
		for _, entry := range entries {
			switch name := entry.Name(); {
			case len(name) > 1 && isQueueFile(name) && entry.Type().IsRegular():
				messages++
			case len(name) == 1 && isQueueFile(name) && entry.IsDir() && depth > 0:
				n, err := countMessages(ctx, filepath.Join(directory, name), depth-1)
				if err != nil && !errors.Is(err, os.ErrNotExist) {
					return 0, err
				}
				messages += n
			}
		}
		if errors.Is(err, io.EOF) {
			return messages, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// isQueueFile tells names of messages and of hash directories from temporary
// files, which have a '.' in them, and from what Postfix didn't make.
func isQueueFile(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
