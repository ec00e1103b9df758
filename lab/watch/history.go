package watch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// idleFacts are what the exporter of an idle server, and the rules, say minute by minute,
// as far as rules compare now with then. Without it the first hours of a Prometheus
// are blind to what grows.
func idleFacts() map[string]int {
	return map[string]int{
		"up": 1, "postfix_exporter_build_info": 1,
		"postfix:queued_messages": 0, "postfix:waiting_messages": 0, "postfix_inbound_bounces_total": 0,
	}
}

// idleDay writes the day before a time into Prometheus's data, with its own tool.
func idleDay(ctx context.Context, dir string, instances []string, now time.Time) error {
	if len(instances) == 0 {
		return nil
	}
	file := filepath.Join(dir, "history.txt")
	if err := writeHistory(file, instances, now); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "promtool", "tsdb", "create-blocks-from", "openmetrics", file, dataDir(dir))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // where it leaves things when it is broken off
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("promtool: %w: %s", err, out)
	}
	return os.Remove(file)
}

func writeHistory(file string, instances []string, now time.Time) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriter(f)
	const day, step = 25 * time.Hour, time.Minute
	for metric, value := range idleFacts() {
		fmt.Fprintf(out, "# TYPE %s gauge\n", metric)
		for _, instance := range instances {
			for at := now.Add(-day); at.Before(now); at = at.Add(step) {
				fmt.Fprintf(out, "%s{job=\"postfix\",instance=%q} %d %d\n", metric, instance, value, at.Unix())
			}
		}
	}
	fmt.Fprintln(out, "# EOF")
	return out.Flush()
}
