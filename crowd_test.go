package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/lab"
	"postfix_exporter/parser"
)

// TestCrowd folds the logs of crowds whose truth was recorded beside them, one for
// each way through a content filter.
func TestCrowd(t *testing.T) {
	for _, filter := range lab.Filters() {
		t.Run(string(filter), func(t *testing.T) {
			log, c := recorded(t, filter)
			s := folded(t, append(log, later(t, log)...), crowdSite(t, filter, log))
			if differences := s.differences(truth(c)) + s.differences(fates(c)) + s.differences(ways(c)); differences != "" {
				t.Error(differences)
			}
			for _, window := range []string{"5m", "1h", "24h"} {
				want := windowed(c, window)
				if differences := s.orNone(want).differences(want) + users(s, c, window); differences != "" {
					t.Error(differences)
				}
			}
		})
	}
}

// TestCrowdShuffled wants the same of logs whose lines come up to 50 ms early or
// late, those of one process in their order; also after a pause.
func TestCrowdShuffled(t *testing.T) {
	for _, filter := range lab.Filters() {
		t.Run(string(filter), func(t *testing.T) {
			log, c := recorded(t, filter)
			site := crowdSite(t, filter, log)
			for range 3 {
				for _, log := range [][]byte{log, paused(t, log)} {
					seed := rand.Uint64()
					late := shuffled(log, seed)
					s := folded(t, append(late, later(t, log)...), site)
					want := windowed(c, "1h")
					differences := s.differences(truth(c)) + s.differences(fates(c)) + s.differences(ways(c))
					if differences += s.orNone(want).differences(want) + users(s, c, "1h"); differences != "" {
						t.Errorf("shuffled with seed %d: %s", seed, differences)
					}
				}
			}
		})
	}
}

// paused makes a log in which nothing happened for five minutes, before postsuper(1)
// put the first message back: by then the first passes are forgotten.
func paused(t *testing.T, log []byte) []byte {
	t.Helper()
	at := bytes.Index(log, []byte(" orig_id="))
	if at < 0 {
		t.Fatal("nothing was put back")
	}
	at = bytes.LastIndexByte(log[:at], '\n') + 1
	first := log[at : at+len(time.Stamp)]
	at = bytes.Index(log, first) // the first line of that second
	paused := bytes.Clone(log[:at])
	for line := range bytes.Lines(log[at:]) {
		stamp, err := time.Parse(time.Stamp, string(line[:len(time.Stamp)]))
		if err != nil {
			t.Fatal(err)
		}
		paused = append(stamp.Add(5*time.Minute).AppendFormat(paused, time.Stamp), line[len(time.Stamp):]...)
	}
	return paused
}

// recorded reads the log of a crowd and the truth of it.
func recorded(t *testing.T, filter lab.Filter) (text []byte, c lab.Counts) {
	t.Helper()
	name := "plain"
	if filter != lab.NoFilter {
		name = string(filter)
	}
	path := filepath.Join("testdata", "logs", "crowd-"+name)
	facts, err := os.ReadFile(path + ".truth.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(facts, &c); err != nil {
		t.Fatal(err)
	}
	return unzipped(t, path+".log.gz"), c
}

// later are some lines to stand behind a log, from half a minute later on: who
// failed of a message that expired is certain only then.
func later(t *testing.T, log []byte) (lines []byte) {
	t.Helper()
	last := log[bytes.LastIndexByte(log[:len(log)-1], '\n')+1:]
	at, err := time.Parse(time.Stamp, string(last[:len(time.Stamp)]))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 { // at each second 64 messages are settled
		stamp := at.Add(30*time.Second + time.Duration(i)*time.Second).Format(time.Stamp)
		lines = fmt.Appendf(lines, "%s mx postfix/anvil[1]: statistics: max cache size 1 at %s\n", stamp, stamp)
	}
	return lines
}

// crowdSite is the configuration of the lab, with the filter at the port of the
// log.
func crowdSite(t *testing.T, filter lab.Filter, log []byte) ledger.Site {
	t.Helper()
	site := ledger.Site{
		MyNetworks:   []netip.Prefix{netip.MustParsePrefix("127.0.0.0/30")},
		Domains:      []string{lab.LocalDomain, "localhost", lab.ShopDomain, lab.PartnerDomain},
		RelayJudged:  true,
		DomainsKnown: true,
	}
	switch filter {
	case lab.FilterXForward, lab.FilterSMTP:
		port := regexp.MustCompile(`relay=127\.0\.0\.1\[127\.0\.0\.1\]:(\d+)`).FindSubmatch(log)
		if port == nil {
			t.Fatal("nothing was handed to a filter")
		}
		site.Filters = []ledger.Filter{{Host: "127.0.0.1", Port: string(port[1])}}
	case lab.FilterPipe:
		site.Filters = []ledger.Filter{{Pipe: "filter", UID: 65534}}
	}
	return site
}

// folded gives the metrics of a log.
func folded(t *testing.T, text []byte, site ledger.Site) samples {
	t.Helper()
	book, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	book.Configure(site)
	p := parser.New(parser.Options{Reference: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Location: time.UTC})
	book.Fold(book.NewSource("log", p), text)
	registry := prometheus.NewRegistry()
	registry.MustRegister(onceCollector{collector.NewSet(log.NewNopLogger(), logCollectors(book, collector.Names{Account: collector.PlainNames}, nil)...)})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&out, family); err != nil {
			t.Fatal(err)
		}
	}
	return readSamples(t, strings.TrimSpace(out.String()))
}
