package postconf

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// askTimeout is how long postconf(1) may take; it needs some milliseconds.
const askTimeout = 10 * time.Second

// findPostconf looks for postconf(1) in PATH and where a daemon's PATH often
// does not reach; "" = there is none.
func findPostconf() string {
	for _, name := range []string{"postconf", "/usr/sbin/postconf", "/usr/local/sbin/postconf", "/opt/local/sbin/postconf", "/opt/homebrew/sbin/postconf"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	return ""
}

// ask runs postconf(1), without a shell, and gives what it prints. Its
// warnings, as on parameters that an older Postfix does not know, are ignored.
func (o Options) ask(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var out, complaint limited
	command := exec.CommandContext(ctx, o.Postconf, args...)
	command.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	command.Stdout, command.Stderr = &out, &complaint
	command.WaitDelay = time.Second // a child of it may hold the pipes open
	err := command.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s gave no answer in time: %w", o.Postconf, ctx.Err())
	case out.full || complaint.full:
		return "", fmt.Errorf("%s printed over %d bytes", o.Postconf, maxConfigBytes)
	case err != nil:
		return "", fmt.Errorf("%s failed: %w %q", o.Postconf, err, complaint.lastLine())
	}
	return out.text.String(), nil
}

// limited keeps what a program prints, up to maxConfigBytes. The buffer is not
// embedded: its ReadFrom would go round the bound.
type limited struct {
	text bytes.Buffer
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > maxConfigBytes {
		l.full = true
		return 0, io.ErrShortWrite
	}
	return l.text.Write(p)
}

// lastLine is where a program that fails says why.
func (l *limited) lastLine() string {
	text := strings.TrimSpace(l.text.String())
	text = text[strings.LastIndexByte(text, '\n')+1:]
	return text[:min(len(text), 200)]
}
