package ledger

import (
	"fmt"
	"testing"
	"time"
)

// Messages from a network that is new to the account, with all its kin, count for
// two days, where the log is known for a day before.
func TestNewNetworks(t *testing.T) {
	const home, night, hotel, begin = "10.1.1.1", "10.1.222.1", "10.2.2.2", "10.3.3.3"
	l := newTestLog(t, Config{})
	number := 0
	send := func(address string) {
		number++
		l.send(number, "ann", address, 3)
	}
	check := func(what string, want ...uint64) {
		t.Helper()
		sums := l.shown()["ann"].Sums
		if got := []uint64{sums[0][Strange], sums[1][Strange], sums[2][Strange]}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	send(home)
	l.wait(23 * time.Hour)
	send(begin)
	check("before the log is known for a day", 0, 0, 0)
	l.wait(time.Hour)
	send(home)
	send(begin)
	send(night)
	check("where it was before, and beside it", 0, 0, 0)
	send(hotel)
	send(hotel)
	check("in a hotel", 2, 2, 2)
	l.wait(2*24*time.Hour - 10*time.Second)
	after, err := Restore(Config{}, l.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	l.Ledger = after
	send(hotel)
	check("after nearly two days", 1, 1, 1)
	l.wait(20 * time.Second)
	send(hotel)
	check("after two days", 1, 1, 1)
	for i := range maxNetworks {
		send(fmt.Sprintf("10.%d.2.1", 9+i))
	}
	send(home)
	check("home is forgotten, and its kin", 2+maxNetworks, 2+maxNetworks, 2+maxNetworks)
	l.wait(-30 * 24 * time.Hour) // the clock is set back
	send(hotel)
	check("in the past", 0, 0, 0)
}
