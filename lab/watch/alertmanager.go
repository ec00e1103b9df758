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
func startAlertmanager(ctx context.Context, dir string, shipped []byte, webhook string) (*Process, error) {
	const example = "127.0.0.1:9099"
	text := string(shipped)
	if !strings.Contains(text, example) {
		return nil, fmt.Errorf("the example of alertmanager.yml names no receiver at %s", example)
	}
	config := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(config, []byte(strings.ReplaceAll(text, example, webhook)), 0o600); err != nil {
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
	p.elsewhere()
	return p, nil
}
