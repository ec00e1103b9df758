//go:build live

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHungFileSystem has the queue on a file system that answers nobody, like an
// NFS server that is gone: FUSE without its daemon. Each scrape comes in time,
// with all that has nothing to do with the queue, and the exporter stops at once.
func TestHungFileSystem(t *testing.T) {
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("this machine has no FUSE; TestQueueHangs in internal/spool shows the same without: %v", err)
	}
	config, queue := fakeInstance(t)
	mount(t, fuse, queue)
	e := launch(t, nil, "--postfix.config-directory="+config, "--log.file="+filepath.Join(config, "mail.log"))
	for range 4 {
		s := e.scrape(t, hostileDeadline)
		if _, ok := s[`postfix_scrape_collector_success{collector="smtpd"}`]; !ok || s[`postfix_scrape_collector_success{collector="smtpd"}`] != 1 {
			t.Error("what has nothing to do with the queue is missing")
		}
		if s["postfix_queue_snapshot_complete"] != 0 || s[`postfix_scrape_collector_success{collector="queue"}`] != 0 {
			t.Error("the queue is complete")
		}
	}
	if !strings.Contains(e.stderr.String(), "its file system does not answer") {
		t.Errorf("nothing says that the file system hangs: %s", e.stderr.String())
	}
	if code, took := e.stop(t); code != 0 || took > 5*time.Second {
		t.Errorf("it stopped with exit code %d after %v", code, took)
	}
}

// mount puts a FUSE file system over a directory. It hangs as long as nobody
// reads from the device.
func mount(t *testing.T, fuse *os.File, dir string) {
	t.Helper()
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse.Fd())
	if err := syscall.Mount("hung", dir, "fuse", syscall.MS_NOSUID|syscall.MS_NODEV, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = fuse.Close() // then all who wait get an error
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}
