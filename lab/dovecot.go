package lab

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Password is every account's. Accounts are at LocalDomain.
const Password = "correct-horse-17"

// Dovecot checks the passwords for Postfix; it serves nothing else.
type Dovecot struct {
	LogFile string // names the failed logins (auth_verbose)

	cmd *exec.Cmd
}

const dovecotConf = `# Passwords for the lab's Postfix.
base_dir = {dir}/run
state_dir = {dir}/state
protocols =
listen = 127.0.0.1
ssl = no
log_path = {dir}/dovecot.log
log_timestamp = "%b %d %H:%M:%S "
auth_verbose = yes
auth_mechanisms = plain login
disable_plaintext_auth = no
# A guesser gets his answers at once, so that a minute shows a day's guesses.
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/passwd
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  unix_listener {socket} {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`

// startDovecot starts a private Dovecot that answers on socket.
func startDovecot(ctx context.Context, dir, socket string) (*Dovecot, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // its processes run as users of their own
		return nil, err
	}
	conf := filepath.Join(dir, "dovecot.conf")
	text := strings.NewReplacer("{dir}", dir, "{socket}", socket).Replace(dovecotConf)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil { //nolint:gosec // no secret in it
		return nil, err
	}
	var accounts strings.Builder
	for _, name := range Accounts() {
		fmt.Fprintf(&accounts, "%s@%s:{PLAIN}%s::::::\n", name, LocalDomain, Password)
	}
	if err := os.WriteFile(filepath.Join(dir, "passwd"), []byte(accounts.String()), 0o644); err != nil { //nolint:gosec // read by user dovecot
		return nil, err
	}
	said, err := os.Create(filepath.Join(dir, "start.txt"))
	if err != nil {
		return nil, err
	}
	defer said.Close()
	cmd := exec.Command("dovecot", "-F", "-c", conf)      //nolint:noctx // ended by stop, not by the start's context
	cmd.Stdout, cmd.Stderr = said, said                   //
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us, stop is for it
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &Dovecot{LogFile: filepath.Join(dir, "dovecot.log"), cmd: cmd}
	if err := waitSocket(ctx, socket); err != nil {
		d.stop()
		text, _ := os.ReadFile(said.Name())
		log, _ := os.ReadFile(d.LogFile)
		return nil, fmt.Errorf("%w\n%s%s", err, text, log)
	}
	return d, nil
}

// stop ends Dovecot's master, which ends its children, and kills its process
// group if they don't go.
func (d *Dovecot) stop() {
	if d.cmd.ProcessState != nil {
		return // ended before
	}
	pid := d.cmd.Process.Pid
	terminate(pid)
	timer := time.AfterFunc(5*time.Second, func() { kill(-pid) })
	_ = d.cmd.Wait() // its exit status says nothing new
	timer.Stop()
	kill(-pid) // children that outlived it
}

// waitSocket waits until a unix socket takes connections.
func waitSocket(ctx context.Context, socket string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s takes no connection: %w: %w", socket, ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
