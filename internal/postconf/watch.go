package postconf

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

// Watch keeps an instance up to date: it reads the configuration anew when
// main.cf, master.cf or a table that it has read has changed.
type Watch struct {
	options Options

	mu       sync.Mutex
	instance *Instance
	stamp    string
}

// NewWatch begins with what Discover found with the same options.
func NewWatch(instance *Instance, options Options) *Watch {
	options.ConfigDirectory = instance.ConfigDirectory
	options, _ = options.withDefaults() // it fails on a relative directory only
	w := &Watch{options: options, instance: instance}
	w.stamp = w.look()
	return w
}

// Instance gives the instance as its files describe it now; it must not be
// changed. It is never nil: with an error comes the last one that could be
// read. Callers wait for each other, as long as their ctx lets postconf(1) run.
func (w *Watch) Instance(ctx context.Context) (*Instance, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	stamp := w.look()
	if stamp == w.stamp && !w.instance.tablesChanged(w.options) {
		return w.instance, nil
	}
	instance, err := Discover(ctx, w.options)
	if err != nil {
		return w.instance, fmt.Errorf("the configuration has changed and can't be read again: %w", err)
	}
	w.instance, w.stamp = instance, stamp
	return instance, nil
}

// look tells one state of the two files from another.
func (w *Watch) look() string {
	return w.options.stamp(path.Join(w.options.ConfigDirectory, "main.cf")) + w.options.stamp(path.Join(w.options.ConfigDirectory, "master.cf"))
}

// tableFile is a table whose text was read, as it was then.
type tableFile struct{ name, stamp string }

func (i *Instance) tablesChanged(o Options) bool {
	for _, table := range i.tables {
		if o.stamp(table.name) != table.stamp {
			return true
		}
	}
	return false
}

// stamp tells one state of a file from another.
func (o Options) stamp(name string) string {
	info, err := fs.Stat(o.FS, inFS(name))
	if err != nil {
		return noFile
	}
	return stampOf(info)
}

const noFile = "none;"

func stampOf(info fs.FileInfo) string {
	return fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
}
