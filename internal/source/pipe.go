package source

import (
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// streamPause is the pause before a stream is looked at again that has just given
// something: what writes to a pipe waits once that is full.
const streamPause = 20 * time.Millisecond

// readNow reads what a pipe, or anything that is like one, holds at the moment,
// without waiting for more; 0 and no error where that is nothing. At its end it
// gives io.EOF.
func readNow(file *os.File, p []byte) (n int, err error) {
	conn, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	controlErr := conn.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		var ready int
		if ready, err = unix.Poll(poll, 0); err != nil || ready == 0 {
			return
		}
		if n, err = unix.Read(int(fd), p); n == 0 && err == nil {
			err = io.EOF
		}
	})
	if controlErr != nil {
		return 0, controlErr
	}
	if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN) {
		err = nil
	}
	return max(n, 0), err
}
