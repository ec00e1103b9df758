package source

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// child is a program whose output is read without waiting for it, and without a
// goroutine.
type child struct {
	cmd       *exec.Cmd
	out, errs *os.File
	said      []byte // the beginning of its standard error
}

const (
	pipeSize = 1 << 20 // as much as any user may ask for, so that the writer seldom waits
	maxSaid  = 1000
)

func startChild(command string, args ...string) (c *child, err error) {
	out, outEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	errs, errsEnd, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, out.Close(), outEnd.Close())
	}
	_, _ = unix.FcntlInt(outEnd.Fd(), unix.F_SETPIPE_SZ, pipeSize)        // smaller works too
	c = &child{cmd: exec.Command(command, args...), out: out, errs: errs} //nolint:noctx // stop ends it
	c.cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	c.cmd.Stdout, c.cmd.Stderr = outEnd, errsEnd
	err = c.cmd.Start()
	err = errors.Join(err, outEnd.Close(), errsEnd.Close())
	if err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// read is readNow of its output. At the end it waits for the program, which has
// a moment to go, and gives io.EOF, or what is wrong with it.
func (c *child) read(p []byte) (n int, err error) {
	c.listen()
	n, err = readNow(c.out, p)
	if err != nil && !errors.Is(err, io.EOF) {
		c.stop()
	}
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	late := time.AfterFunc(2*time.Second, func() { _ = c.cmd.Process.Kill() })
	waitErr := c.cmd.Wait()
	late.Stop()
	c.listen()
	c.closePipes()
	c.cmd = nil
	if waitErr != nil {
		return 0, fmt.Errorf("%w: %s", waitErr, c.words())
	}
	return 0, io.EOF
}

// listen takes what it says of its troubles, so that it never waits.
func (c *child) listen() {
	var b [1024]byte
	for {
		n, err := readNow(c.errs, b[:])
		if n == 0 || err != nil {
			return
		}
		c.said = append(c.said, b[:min(n, maxSaid-len(c.said))]...)
	}
}

// words is what it said, in one line.
func (c *child) words() string { return strings.Join(strings.Fields(string(c.said)), " ") }

// stop ends it.
func (c *child) stop() {
	if c.cmd == nil {
		return
	}
	if c.cmd.Process != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
	c.closePipes()
	c.cmd = nil
}

func (c *child) closePipes() {
	_ = c.out.Close()
	_ = c.errs.Close()
}
