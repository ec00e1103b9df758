package spool

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testNow is a little after the messages in testdata arrived.
var testNow = time.Unix(1795468000, 0)

func newTestShowq(t testing.TB, directory string) *Showq {
	t.Helper()
	return NewShowq(directory, newTestClassifier(t))
}

// serveShowq answers every connection to a queue directory's showq socket with
// answer, until the test is over.
func serveShowq(t testing.TB, answer func(net.Conn)) (directory string) {
	t.Helper()
	directory = t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "public"), 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(directory, "public", "showq"))
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				answer(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return directory
}

// untilClosed waits until the client closes, and says how much it sent.
func untilClosed(conn net.Conn) (sent int) {
	buf := make([]byte, 16)
	for {
		n, err := conn.Read(buf)
		sent += n
		if err != nil {
			return sent
		}
	}
}

// asNobody calls f without the right to files that only root may touch. The
// right goes with the thread, which ends with the goroutine.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			const nobody = 65534
			if err := syscall.Setfsgid(nobody); err != nil {
				done <- err
				return
			}
			if err := syscall.Setfsuid(nobody); err != nil {
				done <- err
				return
			}
		}
		f()
		done <- nil
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
