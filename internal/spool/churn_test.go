package spool

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"postfix_exporter/parser"
)

var churnFor = flag.Duration("churn", time.Second, "how long TestChurn moves messages about; 10m before a release")

// TestChurn does to a queue what Postfix and an administrator do, between looks
// and during them, and wants every look at rest to be the truth, and every other
// to be off by no more than what moved.
func TestChurn(t *testing.T) {
	q := newTestQueueDir(t)
	s := NewScan(q.dir, newTestClassifier(t), time.Now)
	c := &churn{testQueue: q, random: rand.New(rand.NewPCG(1, 2)), at: map[string]string{}, owner: map[string]int{}}
	most := 0
	for begin := time.Now(); time.Since(begin) < *churnFor; {
		const moved = 50
		before := c.truth()
		moving := make(chan struct{})
		go func() { // while the scan looks
			defer close(moving)
			for range moved {
				c.step()
			}
		}()
		got := look(t, s)
		<-moving
		for q, n := range counts(&got) {
			if off := n - before[q]; off > moved || off < -moved {
				t.Errorf("after %d steps: %d messages in %v while %d moved, were %d", c.steps, n, parser.Queue(q), moved, before[q])
			}
		}
		for range c.random.IntN(200) {
			c.step()
		}
		if c.random.IntN(4) == 0 {
			c.compare(s)
		}
		most = max(most, len(c.at))
		if t.Failed() {
			return
		}
	}
	for id := range c.at {
		c.drop(id)
	}
	c.compare(s)
	if s.messages.n != 0 || s.unread != 0 || s.growing != 0 || len(s.accounts.index) != 0 || int(s.messages.used) > 2*most+200 {
		t.Errorf("left behind: %d messages, %d unread, %d growing, %d accounts, %d entries for at most %d messages",
			s.messages.n, s.unread, s.growing, len(s.accounts.index), s.messages.used, most)
	}
	t.Logf("%d steps, at most %d messages", c.steps, most)
}

// churn is the truth about a queue that it moves.
type churn struct {
	testQueue
	random *rand.Rand
	at     map[string]string // message -> its directory
	owner  map[string]int    // message -> number of its account
	steps  int
}

const churnAccounts = 7

func (c *churn) step() {
	c.steps++
	if len(c.at) == 0 || len(c.at) < 400 && c.random.IntN(3) == 0 {
		id := fmt.Sprintf("%05X%06X", c.random.IntN(1_000_000), c.random.IntN(1<<24))
		if c.at[id] != "" {
			return
		}
		c.owner[id], c.at[id] = c.random.IntN(churnAccounts), "incoming"
		name := c.path("incoming/" + id)
		text := mail{account: fmt.Sprintf("user%d", c.owner[id]), client: "192.0.2.1", size: 10}.file()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil { // as cleanup(8) does
			c.Error(err)
		}
		if err := os.Chmod(name, 0o700); err != nil {
			c.Error(err)
		}
		return
	}
	for id, from := range c.at { // any
		to := map[string][]string{
			"incoming": {"active"}, "active": {"deferred", "deferred", "hold", ""}, "hold": {"deferred", "maildrop", ""}, "maildrop": {"incoming"},
		}[from]
		if to == nil { // deferred/X
			to = []string{"active", "active", "hold", "maildrop", ""}
		}
		switch next := to[c.random.IntN(len(to))]; next {
		case "":
			c.drop(id)
		case "deferred":
			c.move(id, "deferred/"+id[:1])
		default:
			c.move(id, next)
		}
		return
	}
}

func (c *churn) move(id, to string) {
	c.rename(c.at[id]+"/"+id, to+"/"+id)
	c.at[id] = to
}

func (c *churn) drop(id string) {
	c.remove(c.at[id] + "/" + id)
	delete(c.at, id)
	delete(c.owner, id)
}

// truth is how many messages are in each queue.
func (c *churn) truth() (want [parser.NumQueues]int) {
	for _, dir := range c.at {
		for q := range parser.Queue(parser.NumQueues) {
			if name := q.String(); dir == name || len(dir) > len(name) && dir[:len(name)+1] == name+"/" {
				want[q]++
			}
		}
	}
	return want
}

// compare wants the truth of a look while nothing moves.
func (c *churn) compare(s *Scan) {
	c.Helper()
	for looks := 0; ; looks++ { // one that was on its way when the last look came is read now
		got := look(c, s)
		if !got.Complete() && looks < 3 {
			continue
		}
		var accounts [churnAccounts]int
		for _, n := range c.owner {
			accounts[n]++
		}
		if n, want := counts(&got), c.truth(); n != want {
			c.Errorf("after %d steps: %v, want %v", c.steps, n, want)
		}
		for n, messages := range accounts {
			found := 0
			for _, share := range got.Accounts.Largest {
				if share.Key == fmt.Sprintf("user%d", n) {
					found = share.Messages
				}
			}
			if found != messages {
				c.Errorf("after %d steps: user%d has %d, want %d", c.steps, n, found, messages)
			}
		}
		return
	}
}
