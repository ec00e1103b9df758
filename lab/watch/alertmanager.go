package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// startAlertmanager starts one with the shipped example, in which nothing is
// changed but the webhook's address.
func startAlertmanager(ctx context.Context, dir, shipped, webhook string) (*Process, error) {
	text, err := os.ReadFile(shipped)
	if err != nil {
		return nil, err
	}
	const example = "127.0.0.1:9099"
	if !strings.Contains(string(text), example) {
		return nil, fmt.Errorf("%s names no receiver at %s", shipped, example)
	}
	config := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(string(text), example, webhook)), 0o600); err != nil { //nolint:gosec // in a temporary folder of ours
		return nil, err
	}
	p, err := start(ctx, dir, "prometheus-alertmanager", func(address string) []string {
		// The last flag: else it listens on all addresses for others of its kind.
		return []string{"--config.file=" + config, "--storage.path=" + filepath.Join(dir, "alertmanager"), "--web.listen-address=" + address, "--cluster.listen-address="}
	})
	if err != nil {
		return nil, fmt.Errorf("%w (apt-get install prometheus-alertmanager)", err)
	}
	if err := p.ready(ctx, "/-/ready"); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}
