package spool

import (
	"fmt"
	"net/netip"
	"testing"
	"unsafe"

	"postfix_exporter/parser"
)

func prefixes(t testing.TB, texts ...string) (all []netip.Prefix) {
	t.Helper()
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, prefix)
	}
	return all
}

func TestHashOf(t *testing.T) {
	for id, want := range map[string]string{"4F978A2E954": "4F9", "4jY6lm6md8z1YSmT": "E8C"} {
		hash := hashOf([]byte(id))
		if string(hash[:]) != want {
			t.Errorf("%s: %s, want %s", id, hash, want)
		}
	}
}

func TestMessages(t *testing.T) {
	if size := unsafe.Sizeof(message{}); size != 68 {
		t.Errorf("a message takes %d bytes", size)
	}
	table := newMessages(10_000)
	id := func(i int) []byte { return fmt.Appendf(nil, "%05X%06X", i*7919%1_000_000, i) }
	at := map[int]uint32{}
	for i := range 10_000 {
		at[i] = table.insert(id(i))
	}
	if table.insert(id(10_001)) != 0 {
		t.Error("it has no bound")
	}
	for i := 0; i < 10_000; i += 3 {
		table.remove(at[i])
	}
	for i := range 10_000 {
		want := at[i]
		if i%3 == 0 {
			want = 0
		}
		if got := table.find(id(i)); got != want {
			t.Fatalf("message %d is at %d, want %d", i, got, want)
		}
	}
	n := 0
	table.all(func(i uint32, m *message) {
		n++
		if table.at(i) != m {
			t.Fatal("an index that is not the entry's")
		}
	})
	if n != table.n || n != 6666 {
		t.Errorf("%d entries, counted %d", table.n, n)
	}
	for i := range 3000 { // they take the free entries
		if table.insert(id(20_000+i)) > 10_000 {
			t.Fatal("free entries are left")
		}
	}
}

func TestRows(t *testing.T) {
	r := newRows[string](3)
	for i, name := range []string{"a", "b", "c", "d"} {
		row := r.row(name)
		if (row == 0) != (name == "d") || r.row(name) != row {
			t.Errorf("%s has row %d", name, row)
		}
		r.count[row] += i + 1
	}
	if got := fmt.Sprint(r.largest(2)); got != "{[{c 3} {b 2}] 5}" {
		t.Errorf("the largest: %v", got)
	}
	clear(r.count)
	r.count[r.row("b")] = 1
	r.sweep()
	if r.row("e") == 0 || r.row("f") == 0 || r.row("g") != 0 || len(r.keys) != 4 {
		t.Errorf("rows are not used again: %v", r.keys)
	}
}

func TestTimeline(t *testing.T) {
	var line timeline
	line.reset(10_000)
	if line.older(10_000, 0) != 0 {
		t.Error("an empty one")
	}
	for _, moment := range []int64{9_995, 9_000, 5_000, -1e12, 20_000} {
		line.add(moment)
	}
	for _, tt := range []struct {
		now, age int64
		want     int
	}{{10_000, 0, 5}, {10_000, 500, 3}, {10_000, 3000, 2}, {10_000, 100_000, 1}, {10_600, 500, 5}, {8_000, 0, 2}, {1e9, 0, 5}, {10_000, 1e9, 1}} {
		if got := line.older(tt.now, tt.age); got != tt.want {
			t.Errorf("%d older than %d at %d, want %d", got, tt.age, tt.now, tt.want)
		}
	}
}

func TestDomains(t *testing.T) {
	d := newDomains()
	if d.hash([]byte("a@EXAMPLE.org")) != d.hash([]byte("b@c@example.ORG")) || d.hash([]byte("a@example.org")) == d.hash([]byte("a@example.net")) {
		t.Error("a domain's hash")
	}
	for _, none := range []string{"", "root", "a@", string(make([]byte, 1000))} {
		if d.hash([]byte(none)) != 0 {
			t.Errorf("%.20q has a domain", none)
		}
	}
	for i := range 50_000 {
		d.add(d.hash(fmt.Appendf(nil, "a@d%d.test", i)))
	}
	if n := d.distinct(); n < 49_000 || n > 51_000 {
		t.Errorf("%d domains, want about 50000", n)
	}
	big := d.hash([]byte("a@big.test"))
	for range 1000 {
		d.add(big)
	}
	if marks := d.fullest(3); len(marks) != 3 || !marks[big%domainCells] {
		t.Errorf("marks %v", marks)
	}
}

func TestDeferral(t *testing.T) {
	d := newDeferral(parser.FailureLoop, 1<<30)
	if d.reason() != parser.FailureLoop || d.recipients() != maxDeferral {
		t.Errorf("%v %d", d.reason(), d.recipients())
	}
}
