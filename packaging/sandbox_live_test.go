//go:build live

package packaging

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// script does what systemd does for the unit: everything can be read only, but
// for the state's folder; the user with his groups; the capabilities. It says the
// process id before it becomes the exporter, which strace watches.
const script = `set -e
root=$1 lab=$2 config=$3 trace=$4 user=$5 capabilities=$6 command=$7
mount --bind "$root" "$root"
mount --bind "$root/var/lib/postfix_exporter" "$root/var/lib/postfix_exporter"
mount --bind -o ro "$lab" "$root$lab"
mount --bind -o ro "$config" "$root/etc/postfix"
mount --rbind /proc "$root/proc"
mount -o remount,bind,ro "$root"
exec strace -f -qq -o "$trace" chroot "$root" \
	setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs \
	--inh-caps="$capabilities" --ambient-caps="$capabilities" --bounding-set="$capabilities" \
	sh -c ". /etc/default/postfix_exporter; echo \$\$; exec $command"
`

// runUnit runs a unit's command line in the root and gives its metrics. It wants
// no system call and no socket that the unit forbids, and a good end.
func runUnit(t *testing.T, root string, u unit, l *lab.Lab) (metrics string) {
	t.Helper()
	address := freeAddress(t)
	setUp(t, root, address, u, l)
	capabilities := "-all"
	for _, name := range u.get("AmbientCapabilities") {
		capabilities += ",+" + strings.ToLower(strings.TrimPrefix(name, "CAP_"))
	}
	trace := filepath.Join(t.TempDir(), "trace")
	ctx, cancel := context.WithTimeout(t.Context(), commandDeadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "--propagation=private", "sh", "-c", script, "-",
		root, l.Dir, l.Postfix.ConfigDir, trace, u.get("User")[0], capabilities, u.get("ExecStart")[0])
	var said bytes.Buffer
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("it did not start: %v\n%s", cmd.Wait(), &said)
	}
	metrics = scrape(t, address)
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("its end: %v", err)
	}
	if strings.Contains(said.String(), "level=error") || strings.Contains(said.String(), "level=warn") || t.Failed() {
		t.Errorf("it said:\n%s", &said)
	}
	u.permits(t, trace)
	if info, err := os.Stat(filepath.Join(root, "var/lib/postfix_exporter/state")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the state: %v, %v", info, err)
	}
	return metrics
}

func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// setUp makes folders to mount on, what StateDirectory= makes, and what an
// administrator writes into the default file.
func setUp(t *testing.T, root, address string, u unit, l *lab.Lab) {
	t.Helper()
	state := "/var/lib/" + u.get("StateDirectory")[0]
	run(t, "mkdir", "-p", root+l.Dir, root+"/etc/postfix")
	run(t, "rm", "-rf", root+state)
	run(t, "chroot", root, "install", "-d", "-o", u.get("User")[0], "-g", u.get("User")[0], "-m", u.get("StateDirectoryMode")[0], state)
	name := filepath.Join(root, strings.TrimPrefix(u.get("EnvironmentFile")[0], "-"))
	if err := os.WriteFile(name, []byte(`ARGS="--web.listen-address=`+address+`"`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// scrape waits until the log is read, with mail of accounts in it, and the queue
// looked at.
func scrape(t *testing.T, address string) string {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		ready, _ := get(t, "http://"+address+"/-/ready")
		text, err := get(t, "http://"+address+"/metrics")
		if ready != "" && strings.Contains(text, "postfix_queue_snapshot_complete 1") && !strings.Contains(text, "postfix_messages_total{origin=\"sasl\"} 0\n") {
			return text
		}
		if time.Now().After(deadline) {
			t.Errorf("it is not ready after a minute: %v", err)
			return text
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return "", err
	}
	return string(body), err
}

// permits wants the unit to permit each system call and each kind of socket that
// the exporter used, going by what strace saw of it.
func (u unit) permits(t *testing.T, trace string) {
	t.Helper()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	command, _, _ := strings.Cut(u.get("ExecStart")[0], " ")
	_, itself, began := strings.Cut(string(text), `execve("`+command+`"`)
	if !began {
		t.Fatalf("strace did not see %s begin", command)
	}
	allowed, families := u.allows(t), strings.Fields(u.get("RestrictAddressFamilies")[0])
	seen, sockets := map[string]bool{}, map[string]bool{}
	for _, call := range regexp.MustCompile(`(?m)^\d+ +([a-z]\w+)\((AF_\w+)?`).FindAllStringSubmatch(itself, -1) {
		seen[call[1]] = true
		if call[1] == "socket" {
			sockets[call[2]] = true
		}
	}
	for name := range seen {
		if !allowed[name] {
			t.Errorf("the unit forbids the system call %s", name)
		}
	}
	for family := range sockets {
		if !strings.Contains(" "+strings.Join(families, " ")+" ", " "+family+" ") {
			t.Errorf("the unit forbids sockets of %s", family)
		}
	}
	if len(seen) < 20 || len(sockets) == 0 {
		t.Errorf("strace saw %d system calls and %d kinds of sockets", len(seen), len(sockets))
	}
}
