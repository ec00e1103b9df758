//go:build live

package main

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/attacks"
)

var allScenes = flag.Bool("triage-all", false, "TestTriageNamesFirst plays all attacks, and not only those of the tests")

// TestTriageNamesFirst: for each attack triage names who does it first, while other
// people write mail too. Who is refused stands first at the door.
func TestTriageNamesFirst(t *testing.T) {
	t.Parallel()
	const mail = "@" + lab.LocalDomain
	for _, test := range []struct {
		scene, first, door string
		always             bool
	}{
		{scene: "burst", first: "account emil" + mail},
		{scene: "botnet", first: "account dora" + mail, always: true},
		{scene: "drip", first: "account cleo" + mail},
		{scene: "breakin-spam", first: "account frida" + mail},
		{scene: "script", first: "local_user 33", always: true},
		{scene: "forward", first: "forward former" + mail, always: true},
		{scene: "openrelay", first: "network 203.0.117.0/24", always: true},
		{scene: "backscatter", first: "bounces ", always: true},
		{scene: "bruteforce", door: "203.0.116.0/24"},
		{scene: "relayprobing", door: "203.0.118.0/24", always: true},
		{scene: "harvest", door: "203.0.119.0/24"},
		{scene: "protocol", door: "203.0.120.0/24"},
	} {
		if !test.always && !*allScenes {
			continue
		}
		t.Run(test.scene, func(t *testing.T) {
			t.Parallel()
			scene := attacks.Named(test.scene)[0]
			l, err := lab.Start(t.Context(), scene.Server)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := l.Stop(); err != nil {
					t.Error(err)
				}
			}()
			e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)
			if !scene.Server.OpenRelay { // where a prober's mail is taken
				ordinary(t, l, 3*time.Second)
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if err := scene.Play(ctx, &attacks.Stage{Lab: l, All: []*lab.Lab{l}}); err != nil {
				t.Fatal(err)
			}
			config := "--postfix.config-directory=" + l.Postfix.ConfigDir
			for _, source := range []string{"--exporter.url=" + e.url + "/metrics", nobody} {
				named := ""
				within(t, 20*time.Second, func() string { // the exporter reads, and bounces are made
					r := triageJSON(t, source, config)
					named = fmt.Sprintf("%s %s", r.Principal.Kind, r.Principal.Name)
					if test.first != "" && named != test.first {
						return fmt.Sprintf("by %s the first is %s, of %.5v", source, named, r.Ranking)
					}
					if test.door != "" && (len(r.Door) == 0 || r.Door[0].Network != test.door) {
						return fmt.Sprintf("by %s the door has %v", source, r.Door)
					}
					return ""
				})
			}
		})
	}
}
