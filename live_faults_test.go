//go:build live

package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The full size, by hand: go test -tags live -run TestFaults -timeout 40m . -args -faults 200 -faultlines 5000000.
var (
	faultCount = flag.Int("faults", 16, "how many faults TestFaults makes")
	faultLines = flag.Int("faultlines", 400_000, "how many lines it writes at least")
	faultSeed  = flag.Uint64("faultseed", 0, "seed of a run to be repeated; 0 for a new one")
)

// TestFaults writes numbered messages while their log is rotated and compressed,
// and the exporter is killed, stopped, frozen and started again, all at random
// times. In the end each message was counted once, and no scrape ever saw a
// counter go back.
func TestFaults(t *testing.T) {
	f := newFaulty(t)
	pause := time.Duration(float64(*faultLines) / linesPerSecond / float64(*faultCount) * float64(time.Second))
	for range *faultCount {
		time.Sleep(time.Duration(f.random.Int64N(int64(2 * pause))))
		f.fault()
	}
	for f.log.written() < *faultLines {
		time.Sleep(pause)
	}
	f.end()
	want := f.log.truth()
	if got := f.settled(want); got != "" {
		t.Errorf("not each message is counted once:\n%s", got)
	}
	t.Logf("seed %d: %d lines in %v, faults %v; %d scrapes, the longest gap in them %v",
		f.seed, f.log.written(), time.Since(f.begun).Round(time.Second), f.done, f.scraper.count.Load(), f.scraper.gap.Round(time.Millisecond))
}

// TestFaultsOfCopytruncate is the same for a log that is copied and truncated, or
// only truncated. No more is lost than was written between the last line that is
// known to have been read and the truncation, and there is a counted gap.
func TestFaultsOfCopytruncate(t *testing.T) {
	f := newFaulty(t)
	mayBeLost, truncations := 0, 0
	for range max(4, *faultCount/4) {
		time.Sleep(time.Duration(f.random.Int64N(int64(time.Second))))
		copied := f.random.IntN(2) == 0
		switch f.random.IntN(3) {
		case 0: // lines that were counted after the last save and are in no copy would be nowhere
			f.saved()
			f.kill()
			mayBeLost += f.truncateAt(t, true)
			truncations++
			f.start()
			continue
		case 1:
			f.freeze(func() { mayBeLost += f.truncateAt(t, copied) })
			truncations++
			continue
		}
		mayBeLost += f.truncateAt(t, copied)
		truncations++
	}
	f.end()
	f.settle()
	f.exporter.stop(t) // which saves: a gap shows once it is saved
	f.start()
	f.settle()
	s := f.exporter.scrape(t, 5*time.Second)
	got := int(s.sum("postfix_log_lines_total"))
	lost := f.log.written() - got
	gaps := s.sum("postfix_log_gaps_total")
	t.Logf("seed %d: %d of %d lines lost, at most %d may be; %v gaps, %d truncations", f.seed, lost, f.log.written(), mayBeLost, gaps, truncations)
	if lost < 0 || lost > mayBeLost || lost > 0 && gaps == 0 {
		t.Errorf("%d of %d lines lost, at most %d may be; %v gaps", lost, f.log.written(), mayBeLost, gaps)
	}
}

// settle waits until the log, to which nothing is written any more, is read to its
// end: until two scrapes a second apart see the same lines, and no lag.
func (f *faulty) settle() {
	f.t.Helper()
	before := -1.0
	within(f.t, 20*time.Second, func() string {
		s := f.exporter.scrape(f.t, 5*time.Second)
		lines := s.sum("postfix_log_lines_total")
		if lines > 0 && lines == before && s.sum("postfix_log_lag_bytes") == 0 {
			return ""
		}
		before = lines
		time.Sleep(time.Second)
		return "there is more to read"
	})
}

// saved waits until all that happened so far is in the saved state.
func (f *faulty) saved() {
	f.t.Helper()
	now := float64(time.Now().UnixMicro()) / 1e6
	within(f.t, 20*time.Second, func() string {
		if f.exporter.scrape(f.t, 5*time.Second)["postfix_state_saved_timestamp_seconds"] < now {
			return "it is not saved"
		}
		return ""
	})
}

// truncateAt truncates the log and says how many of its lines may be lost: all
// that the exporter had not read by a scrape before.
func (f *faulty) truncateAt(t *testing.T, copied bool) (mayBeLost int) {
	read := int(f.scraper.lines.Load())
	at := f.log.truncate(t, copied)
	return at - read
}

// linesPerSecond is what the log gets, about.
const linesPerSecond = 40_000

// faulty is a log that is written, an exporter that reads it, a scraper, and what
// happens to them.
type faulty struct {
	t        *testing.T
	seed     uint64
	random   *rand.Rand
	begun    time.Time
	config   string
	log      *numberedLog
	exporter *exporter
	scraper  *monotonic
	stop     []func()
	done     map[string]int
}

func newFaulty(t *testing.T) *faulty {
	seed := *faultSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	config, path := instanceDir(t, "")
	f := &faulty{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), begun: time.Now(), config: config,
		log: newNumberedLog(t, path, seed), scraper: &monotonic{last: map[string]float64{}}, done: map[string]int{},
	}
	f.start()
	f.background(f.log.run)
	f.background(func(stop <-chan struct{}) { f.scraper.run(t, stop) })
	f.saved() // the very first start has nothing to come back to
	return f
}

func (f *faulty) background(run func(stop <-chan struct{})) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { run(stop); close(ended) }()
	end := sync.OnceFunc(func() { close(stop); <-ended })
	f.t.Cleanup(end)
	f.stop = append(f.stop, end)
}

// end ends the writing; scrapes go on until the test ends.
func (f *faulty) end() { f.stop[0]() }

func (f *faulty) start() {
	f.t.Helper()
	f.exporter = launch(f.t, nil, "--postfix.config-directory="+f.config, "--state.file="+f.config+"/lib/state", "--no-collector.process")
	f.scraper.url.Store(&f.exporter.url)
}

func (f *faulty) kill() {
	_ = f.exporter.cmd.Process.Kill()
	<-f.exporter.ended
}

func (f *faulty) freeze(meanwhile func()) {
	_ = f.exporter.cmd.Process.Signal(syscall.SIGSTOP)
	meanwhile()
	_ = f.exporter.cmd.Process.Signal(syscall.SIGCONT)
}

// fault makes one thing go wrong.
func (f *faulty) fault() {
	f.t.Helper()
	sleep := func(most time.Duration) { time.Sleep(time.Duration(f.random.Int64N(int64(most)))) }
	rotations := func() {
		for range 1 + f.random.IntN(2) {
			f.log.rotate(f.t, f.random.IntN(2) == 0)
			sleep(20 * time.Millisecond)
		}
	}
	faults := []struct {
		name string
		do   func()
	}{
		{"rotation", func() { f.log.rotate(f.t, f.random.IntN(2) == 0) }},
		{"two rotations", func() { f.log.rotate(f.t, true); f.log.rotate(f.t, false) }},
		{"kill -9", func() { f.kill(); sleep(300 * time.Millisecond); f.start() }},
		{"kill -9, rotation", func() { f.kill(); rotations(); f.start() }},
		{"rotation, kill -9", func() { rotations(); f.kill(); f.start() }},
		{"kill -9 at the start", func() { f.kill(); f.start(); sleep(50 * time.Millisecond); f.kill(); f.start() }},
		{"stop, rotation", func() { f.exporter.stop(f.t); rotations(); f.start() }},
		{"freeze", func() { f.freeze(func() { sleep(time.Second) }) }},
		{"freeze, rotation", func() { f.freeze(func() { rotations(); sleep(500 * time.Millisecond) }) }},
		{"freeze, kill -9, rotation", func() {
			_ = f.exporter.cmd.Process.Signal(syscall.SIGSTOP)
			rotations()
			f.kill()
			rotations()
			f.start()
		}},
	}
	fault := faults[f.random.IntN(len(faults))]
	fault.do()
	f.done[fault.name]++
}

// settled waits until the exporter has read all there is, and says where it
// differs from the truth.
func (f *faulty) settled(want samples) (differences string) {
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if differences = f.exporter.scrape(f.t, 5*time.Second).differences(want); differences == "" {
			return ""
		}
		time.Sleep(100 * time.Millisecond)
	}
	return differences[:min(len(differences), 2000)]
}

// numberedLog is a log to which messages are written, each with an account and a
// number of recipients that follow from its number.
type numberedLog struct {
	path string

	mu       sync.Mutex
	file     *os.File
	messages int
	random   *rand.Rand
	packed   sync.WaitGroup
}

func newNumberedLog(t *testing.T, path string, seed uint64) *numberedLog {
	l := &numberedLog{path: path, random: rand.New(rand.NewPCG(seed, 1))}
	l.open(t)
	t.Cleanup(func() {
		l.packed.Wait()
		_ = l.file.Close()
	})
	return l
}

func (l *numberedLog) open(t *testing.T) {
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Error(err)
	}
	l.file = file
}

const (
	linesPerMessage = 3
	faultAccounts   = 37
)

func account(n int) string       { return fmt.Sprintf("acct%02d@example.test", n%faultAccounts) }
func recipients(n int) int       { return 1 + n*7919%997 }
func (l *numberedLog) last() int { l.mu.Lock(); defer l.mu.Unlock(); return l.messages }

// written counts the lines.
func (l *numberedLog) written() int { return l.last() * linesPerMessage }

// write adds some messages, in two writes that part a line anywhere.
func (l *numberedLog) write(n int) {
	var b strings.Builder
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	for range n {
		l.messages++
		id := fmt.Sprintf("%05X%07X", l.messages%0xfffff, l.messages)
		fmt.Fprintf(&b, "%s mx postfix/smtpd[12]: %s: client=x.example.test[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n", stamp, id, account(l.messages))
		fmt.Fprintf(&b, "%s mx postfix/qmgr[14]: %s: from=<%s>, size=322, nrcpt=%d (queue active)\n", stamp, id, account(l.messages), recipients(l.messages))
		fmt.Fprintf(&b, "%s mx postfix/qmgr[14]: %s: removed\n", stamp, id)
	}
	text := b.String()
	cut := l.random.IntN(len(text))
	_, _ = l.file.WriteString(text[:cut])
	_, _ = l.file.WriteString(text[cut:])
}

func (l *numberedLog) run(stop <-chan struct{}) {
	const tick = 10 * time.Millisecond
	for ticks := time.NewTicker(tick); ; {
		select {
		case <-stop:
			ticks.Stop()
			return
		case <-ticks.C:
			l.mu.Lock()
			l.write(1 + l.random.IntN(int(2*linesPerSecond/linesPerMessage*tick.Seconds())))
			l.mu.Unlock()
		}
	}
}

// rotate renames the log, goes on writing to the old file for a moment, as a
// logger does until it is told, and begins a new one. The one before is
// compressed in the background.
func (l *numberedLog) rotate(t *testing.T, late bool) {
	l.packed.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	const keep = 64 // so that what is rotated away was read, on a slow machine too
	for n := keep; n > 0; n-- {
		for _, ending := range []string{"", ".gz"} {
			_ = os.Rename(fmt.Sprintf("%s.%d%s", l.path, n, ending), fmt.Sprintf("%s.%d%s", l.path, n+1, ending))
		}
	}
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		t.Error(err)
	}
	old := l.file
	if late {
		l.write(20)
	}
	l.open(t)
	if late { // the new file is there, and empty
		fresh := l.file
		l.file = old
		l.write(20)
		l.file = fresh
	}
	_ = old.Close()
	if before := l.path + ".2"; l.random.IntN(2) == 0 {
		if _, err := os.Stat(before); err == nil {
			l.packed.Go(func() {
				if out, err := exec.Command("gzip", before).CombinedOutput(); err != nil {
					t.Errorf("gzip: %v: %s", err, out)
				}
			})
		}
	}
}

// truncate empties the log, with or without a copy, and says how many lines it
// had got by then. Where there is a copy, some lines miss it.
func (l *numberedLog) truncate(t *testing.T, copied bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if copied {
		for n := 8; n > 0; n-- {
			_ = os.Rename(fmt.Sprintf("%s.%d", l.path, n), fmt.Sprintf("%s.%d", l.path, n+1))
		}
		if out, err := exec.Command("cp", "-p", l.path, l.path+".1").CombinedOutput(); err != nil {
			t.Errorf("cp: %v: %s", err, out)
		}
		l.write(10)
	}
	if err := os.Truncate(l.path, 0); err != nil {
		t.Error(err)
	}
	return l.messages * linesPerMessage
}

// truth is what /metrics must say of all messages.
func (l *numberedLog) truth() samples {
	n := l.last()
	source := fmt.Sprintf("source=%q", l.path)
	want := samples{
		`postfix_messages_total{origin="sasl"}`:                       float64(n),
		`postfix_log_lines_total{outcome="parsed",` + source + `}`:    float64(n * linesPerMessage),
		`postfix_log_lines_total{outcome="malformed",` + source + `}`: 0,
		`postfix_log_lines_total{outcome="unknown",` + source + `}`:   0,
		`postfix_log_gaps_total{cause="vanished",` + source + `}`:     0,
		`postfix_log_gaps_total{cause="truncated",` + source + `}`:    0,
		`postfix_log_gaps_total{cause="unreadable",` + source + `}`:   0,
		`postfix_log_lost_bytes_total{` + source + `}`:                0,
	}
	for i := 1; i <= n; i++ {
		want[fmt.Sprintf("postfix_account_messages_total{sasl_username=%q}", account(i))]++
		want[fmt.Sprintf("postfix_account_recipients_total{sasl_username=%q}", account(i))] += float64(recipients(i))
	}
	return want
}

// monotonic scrapes all the while and wants no counter of the log to go back.
type monotonic struct {
	url   atomic.Pointer[string]
	last  map[string]float64
	lines atomic.Int64 // that the last scrape saw counted
	count atomic.Int64
	gap   time.Duration // the longest between two scrapes
}

func (m *monotonic) run(t *testing.T, stop <-chan struct{}) {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	before := time.Now()
	for ticks := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case <-stop:
			ticks.Stop()
			return
		case <-ticks.C:
		}
		response, err := client.Get(*m.url.Load() + "/metrics")
		if err != nil {
			continue // it is down, or frozen
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			continue
		}
		s := readSamples(t, string(text))
		for key, v := range s {
			name, _, _ := strings.Cut(key, "{")
			if !strings.HasSuffix(name, "_total") || !strings.HasPrefix(name, "postfix_") || strings.HasPrefix(name, "postfix_state_") {
				continue // the state's are those of one run, as process_ and go_ are
			}
			if v < m.last[key] {
				t.Errorf("%s went back from %v to %v", key, m.last[key], v)
			}
			m.last[key] = v
		}
		if n := s.sum("postfix_log_lines_total"); n > 0 {
			m.lines.Store(int64(n))
			m.gap = max(m.gap, time.Since(before))
			before = time.Now()
		}
		m.count.Add(1)
	}
}
