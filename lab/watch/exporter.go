package watch

import "context"

// StartExporter starts the exporter's binary on one configuration directory of
// Postfix. It keeps no state. Further flags are added as they are. It may not
// answer yet.
func StartExporter(ctx context.Context, binary, dir, configDir string, flags ...string) (*Process, error) {
	return start(ctx, dir, binary, func(address string) []string {
		return append([]string{"--postfix.config-directory=" + configDir, "--web.listen-address=" + address, "--state.file="}, flags...)
	})
}
