//go:build live

package packaging

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildah is a store of images of the test's own, under a temporary folder.
type buildah []string // the arguments that name the store

func newBuildah(t *testing.T) buildah {
	dir := t.TempDir()
	return buildah{"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs"}
}

// output runs one buildah command and returns what it printed on stdout.
func (b buildah) output(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, "buildah", slices.Concat(b, args)...)
}

// TestImage builds the image as `make image` does, looks at it, and runs it.
func TestImage(t *testing.T) {
	b := newBuildah(t)
	run(t, "make", "-C", "..", "image", "BUILDAH=buildah "+strings.Join(b, " "), "IMAGE=under-test")
	container := strings.TrimSpace(b.output(t, "from", "--pull-never", "under-test"))
	defer b.output(t, "rm", container)

	t.Run("config", func(t *testing.T) { checkImageConfig(t, b.output(t, "inspect", "--type", "image", "under-test")) })
	t.Run("files", func(t *testing.T) {
		root := strings.TrimSpace(b.output(t, "mount", container))
		defer b.output(t, "umount", container)
		checkImageFiles(t, root)
	})
	t.Run("version", func(t *testing.T) {
		got := b.output(t, "run", "--isolation", "chroot", container, "--", "/postfix_exporter", "--version")
		if !strings.HasPrefix(got, "postfix_exporter, version ") || strings.Contains(got, "version  ") {
			t.Errorf("--version prints %q", got)
		}
	})
	t.Run("serve", func(t *testing.T) { checkImageServes(t, b, container) })
}

func checkImageConfig(t *testing.T, inspected string) {
	var image struct {
		OCIv1 struct {
			Config struct {
				User            string
				ExposedPorts    map[string]struct{}
				Entrypoint, Cmd []string
			} `json:"config"`
		}
	}
	if err := json.Unmarshal([]byte(inspected), &image); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(image.OCIv1.Config)
	if want := "{65534:65534 map[9154/tcp:{}] [/postfix_exporter] [--web.listen-address=:9154]}"; got != want {
		t.Errorf("image config %s, want %s", got, want)
	}
}

// checkImageFiles wants one static binary and nothing that could help an intruder.
func checkImageFiles(t *testing.T, root string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && entry.Name() != "postfix_exporter" {
			t.Errorf("the image holds %s", entry.Name())
		}
	}
	binary, err := elf.Open(filepath.Join(root, "postfix_exporter"))
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, program := range binary.Progs {
		if program.Type == elf.PT_INTERP || program.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary has a %v: it is not static", program.Type)
		}
	}
}

// checkImageServes runs the image as a server, which must not be root, and
// ends it with SIGTERM. The container sees Postfix's configuration and, to make
// it hard, neither its log nor its queue.
func checkImageServes(t *testing.T, b buildah, container string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()

	config, err := filepath.Abs("../testdata/postconf/plain/etc/postfix")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandDeadline)
	defer cancel()
	args := []string{
		"run", "--isolation", "chroot", "--volume", config + ":/etc/postfix:ro", container, "--",
		"/postfix_exporter", "--web.listen-address=" + address,
	}
	cmd := exec.CommandContext(ctx, "buildah", slices.Concat(b, args)...)
	cmd.WaitDelay = time.Second
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	for !healthy(ctx, address) {
		select {
		case err := <-ended:
			t.Fatalf("ended before it served: %v\n%s", err, log.Bytes())
		case <-ctx.Done():
			t.Fatalf("does not serve: %v\n%s", ctx.Err(), log.Bytes())
		case <-time.After(50 * time.Millisecond):
		}
	}
	pid, uid := findServer(t, address)
	if uid == 0 {
		t.Error("the exporter runs as root")
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, log.Bytes())
	}
}

func healthy(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/-/healthy", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// findServer finds the exporter that serves on address, and who it runs as.
func findServer(t *testing.T, address string) (pid int, uid uint32) {
	t.Helper()
	want := "/postfix_exporter\x00--web.listen-address=" + address + "\x00"
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		command, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err != nil || string(command) != want {
			continue
		}
		info, err := os.Stat(folder)
		if err != nil {
			continue
		}
		if _, err := fmt.Sscanf(folder, "/proc/%d", &pid); err != nil {
			t.Fatal(err)
		}
		return pid, info.Sys().(*syscall.Stat_t).Uid
	}
	t.Fatalf("no process serves on %s", address)
	return 0, 0
}
