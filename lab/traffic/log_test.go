package traffic

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

func config() Config {
	return Config{Seed: 34, Start: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Days: 3, Accounts: 20, Rounds: 1}
}

func generate(t testing.TB, c Config) ([]byte, *Truth) {
	t.Helper()
	var log bytes.Buffer
	truth, err := Generate(&log, c)
	if err != nil {
		t.Fatal(err)
	}
	return log.Bytes(), truth
}

// TestLog looks at one log with every kind of attack from all sides.
func TestLog(t *testing.T) {
	log, truth := generate(t, config())
	lines := bytes.Split(bytes.TrimSuffix(log, []byte("\n")), []byte("\n"))
	if truth.Lines != uint64(len(lines)) {
		t.Errorf("%d lines, the truth says %d", len(lines), truth.Lines)
	}
	t.Run("order", func(t *testing.T) { ordered(t, lines) })
	t.Run("shapes", func(t *testing.T) { postfixShapes(t, lines) })
	t.Run("ledger", func(t *testing.T) {
		f := newFolder(t)
		if _, err := f.Write(log); err != nil {
			t.Fatal(err)
		}
		f.compare(truth)
	})
	t.Run("incidents", func(t *testing.T) { plausible(t, truth) })
	t.Run("json", func(t *testing.T) {
		text, err := json.Marshal(truth)
		if err != nil {
			t.Fatal(err)
		}
		var again Truth
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if second, _ := json.Marshal(again); !bytes.Equal(text, second) {
			t.Error("the truth is another one when it is read again")
		}
	})
}

// ordered holds that time never goes back.
func ordered(t *testing.T, lines [][]byte) {
	const stamp = len("2026-10-01T00:00:00.000000+00:00")
	for n := range lines[1:] {
		if bytes.Compare(lines[n+1][:stamp], lines[n][:stamp]) < 0 {
			t.Fatalf("back in time:\n%s\n%s", lines[n], lines[n+1])
		}
	}
}

// plausible holds what the truth of incidents promises.
func plausible(t *testing.T, truth *Truth) {
	if len(truth.Attacks) != len(Kinds()) {
		t.Errorf("%d attacks, want one of each kind: %d", len(truth.Attacks), len(Kinds()))
	}
	ids, parts := map[string]bool{}, map[string]string{}
	for _, i := range append(truth.Attacks, truth.LookAlikes...) {
		if kind := parts[i.Culprit.Name]; i.Culprit.By == "account" && kind != "" && kind != i.Kind {
			t.Errorf("%s has a part in %s, and in %s", i.Culprit.Name, kind, i.ID)
		}
		parts[i.Culprit.Name] = i.Kind
		if ids[i.ID] {
			t.Errorf("%s: twice", i.ID)
		}
		ids[i.ID] = true
		if i.End.Before(i.Start) {
			t.Errorf("%s: ends before it begins", i.ID)
		}
		if (i.FirstRecipient != nil) != (i.Recipients > 0) {
			t.Errorf("%s: first recipient %v, %d recipients", i.ID, i.FirstRecipient, i.Recipients)
		}
		curve(t, i)
	}
	for _, i := range truth.Attacks {
		if i.Culprit.By == "" || i.Recipients+i.Events < 20 {
			t.Errorf("%s: culprit %+v, %d recipients, %d events", i.ID, i.Culprit, i.Recipients, i.Events)
		}
	}
}

func curve(t *testing.T, i *Incident) {
	last := Point{}
	for _, p := range i.Curve {
		for column := range p {
			if p[column] < last[column] {
				t.Fatalf("%s: the curve goes down: %v, then %v", i.ID, last, p)
			}
		}
		if p[AtUnix] == last[AtUnix] {
			t.Fatalf("%s: two points at %d", i.ID, p[AtUnix])
		}
		last = p
	}
	if last[AtRecipients] != int64(i.Recipients) || last[AtSent] != int64(i.Sent) || last[AtEvents] != int64(i.Events) || last[AtNetworks] != int64(i.Networks) {
		t.Errorf("%s: the curve ends with %v: %+v", i.ID, last, [4]int{i.Recipients, i.Sent, i.Events, i.Networks})
	}
	if first := i.FirstRecipient; first != nil {
		if n := i.By(*first)[AtRecipients]; n != 0 {
			t.Errorf("%s: %d recipients before the first", i.ID, n)
		}
		if n := i.By(first.Add(time.Second))[AtRecipients]; n == 0 {
			t.Errorf("%s: no recipient a second after the first", i.ID)
		}
	}
}

func TestSameSeedSameLog(t *testing.T) {
	c := config()
	c.Kinds = []string{"drip"}
	one, truth := generate(t, c)
	two, again := generate(t, c)
	if !bytes.Equal(one, two) {
		t.Error("the same seed gave another log")
	}
	a, _ := json.Marshal(truth)
	b, _ := json.Marshal(again)
	if !bytes.Equal(a, b) {
		t.Error("the same seed gave another truth")
	}
	c.Seed++
	c.Days, c.Rounds = 1, 0
	if other, _ := generate(t, c); bytes.Equal(one, other) {
		t.Error("another seed gave the same log")
	}
}

// TestRhythm holds that people sleep at night and rest on Sundays.
func TestRhythm(t *testing.T) {
	c := config()
	c.Start = time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC) // a Sunday
	c.Rounds = 0
	log, _ := generate(t, c)
	var hours [24]int
	var days [7]int
	p, ev := parser.New(parser.Options{}), new(parser.Event)
	for line := range bytes.Lines(log) {
		if !bytes.Contains(line, []byte(", sasl_username=")) {
			continue
		}
		p.Parse(line, ev)
		if ev.Kind == parser.KindClient {
			when := time.Unix(0, ev.Time).UTC()
			hours[when.Hour()]++
			days[when.Weekday()]++
		}
	}
	if day, night := hours[9]+hours[10]+hours[11], hours[1]+hours[2]+hours[3]; day < 10*night {
		t.Errorf("%d messages from 9 to 12, %d from 1 to 4", day, night)
	}
	if tuesday, sunday := days[time.Tuesday], days[time.Sunday]; tuesday < 2*sunday {
		t.Errorf("%d messages on Tuesday, %d on Sunday", tuesday, sunday)
	}
}

func TestConfig(t *testing.T) {
	for _, broken := range []func(*Config){
		func(c *Config) { c.Start = c.Start.Add(time.Minute) },
		func(c *Config) { c.Days = 0 },
		func(c *Config) { c.Days = 2 },
		func(c *Config) { c.Accounts = 1 },
		func(c *Config) { c.Kinds = []string{"nothing"} },
		func(c *Config) { c.Rounds = -1 },
	} {
		c := config()
		broken(&c)
		if _, err := Generate(&bytes.Buffer{}, c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", 4 * time.Millisecond: "0", 14 * time.Millisecond: "0.01", 200 * time.Millisecond: "0.2", 223 * time.Millisecond: "0.22",
		time.Second: "1", 1250 * time.Millisecond: "1.2", 12700 * time.Millisecond: "12", 1234 * time.Second: "1234",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestQueueIDs(t *testing.T) {
	q := newQueueIDs(time.Date(2026, 11, 23, 13, 50, 44, 0, time.UTC))
	live := map[string]uint64{}
	for n := range 2000 {
		q.long = n > 1000
		now := at(n) * 1_000_037 * time.Microsecond
		id, number := q.take(now)
		if live[id] != 0 {
			t.Fatalf("id %s twice", id)
		}
		live[id] = number
		if q.long && strings.LastIndexByte(id, 'z') != 10 { // the separator, behind six characters of seconds and four of microseconds
			t.Fatalf("id %s has its last z elsewhere", id)
		}
		var ev parser.Event
		parser.New(parser.Options{}).Parse([]byte("Nov 23 13:50:44 mx postfix/qmgr[1]: "+id+": removed"), &ev)
		if string(ev.Bytes(ev.QueueID)) != id {
			t.Fatalf("the parser reads %q of %q", ev.Bytes(ev.QueueID), id)
		}
		if n%3 == 0 {
			q.free(number, now+2*time.Second)
		}
	}
	if q.next > 0xA2E000+2000*3/4 {
		t.Errorf("inodes up to %s: none was used again", strconv.FormatUint(q.next, 16))
	}
}
