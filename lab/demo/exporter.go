package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// exporter is the program under show, as a child process.
type exporter struct {
	url    string
	client http.Client
	cmd    *exec.Cmd
	log    string
	ended  chan struct{} // closed when the process has ended
}

// startExporter starts the binary on one configuration directory; what it says
// goes to a file in dir. Further flags are added as they are.
func startExporter(ctx context.Context, binary, dir, configDir string, flags ...string) (*exporter, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	e := &exporter{
		url:    "http://" + address + "/metrics",
		client: http.Client{Timeout: 5 * time.Second},
		log:    filepath.Join(dir, "exporter.log"),
		ended:  make(chan struct{}),
	}
	log, err := os.Create(e.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	flags = append([]string{"--postfix.config-directory=" + configDir, "--web.listen-address=" + address, "--state.file="}, flags...)
	e.cmd = exec.Command(binary, flags...) //nolint:noctx // ended by stop, in its own time
	e.cmd.Stdout, e.cmd.Stderr = log, log
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = e.cmd.Wait() // that it ended is all that matters
		close(e.ended)
	}()
	return e, nil
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// stop ends the exporter and waits for it.
func (e *exporter) stop() {
	_ = e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.ended:
	case <-time.After(5 * time.Second):
		_ = e.cmd.Process.Kill()
		<-e.ended
	}
}

// maxMetrics is far more than the exporter ever says.
const maxMetrics = 64 << 20

// figures reads /metrics.
func (e *exporter) figures(ctx context.Context) (*figures, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", e.url, response.Status)
	}
	return readFigures(io.LimitReader(response.Body, maxMetrics))
}

// died says why the exporter ended, with the last that it said.
func (e *exporter) died() error {
	const tail = 2000
	text, err := os.ReadFile(e.log)
	if err != nil {
		return errors.Join(errors.New("the exporter has ended"), err)
	}
	return fmt.Errorf("the exporter has ended (%v):\n%s", e.cmd.ProcessState, text[max(0, len(text)-tail):])
}
