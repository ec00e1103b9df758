package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Process is a server of another program that answers HTTP on loopback.
type Process struct {
	URL   string // http://ADDRESS
	Ended <-chan struct{}

	name string
	cmd  *exec.Cmd
	log  string
}

// start starts a program that keeps its files in dir, and sends what it says to a
// file there. The arguments get the free address that it is to listen on.
func start(ctx context.Context, dir, program string, args func(address string) []string) (*Process, error) {
	name := filepath.Base(program)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // of a temporary folder that others get through
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	ended := make(chan struct{})
	p := &Process{URL: "http://" + address, Ended: ended, name: name, log: log.Name()}
	p.cmd = exec.Command(program, args(address)...) //nolint:noctx // ended by Stop, in its own time
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // that it ended is all that matters
		close(ended)
	}()
	return p, nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// elsewhere has the process go before others, as far as that may be: it would stand
// on a machine of its own, and not wait for a mail server that is under attack.
func (p *Process) elsewhere() {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, p.cmd.Process.Pid, -10)
}

// Stop ends the process and waits for it. It may be called twice.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.Ended:
	case <-time.After(5 * time.Second):
		p.Kill()
	}
}

// Kill ends the process as the kernel does that is out of memory.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.Ended
}

// Said is what the process has said so far.
func (p *Process) Said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Died is the error for a process that ended by itself, with the last that it said.
func (p *Process) Died() error {
	const tail = 2000
	said := p.Said()
	return fmt.Errorf("%s has ended (%v):\n%s", p.name, p.cmd.ProcessState, said[max(0, len(said)-tail):])
}

// ready waits until a page of the process is there.
func (p *Process) ready(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := p.get(ctx, path)
		if err == nil {
			return nil
		}
		select {
		case <-p.Ended:
			return p.Died()
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%s is not ready", p.name), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

const startTimeout = 30 * time.Second

func (p *Process) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s%s: %s", p.URL, path, response.Status)
	}
	return nil
}
