package lab

import (
	"maps"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// Owner is whom a message belongs to.
type Owner struct {
	Origin string // sasl, local, network, inbound, bounce or forward
	Name   string // of an account, or a uid
}

// AccountOf is the owner of what one of Accounts sends.
func AccountOf(name string) Owner { return Owner{"sasl", local(name)} }

// UserOf is the owner of what a uid sends by sendmail(1).
func UserOf(uid int) Owner { return Owner{"local", strconv.Itoa(uid)} }

// MarshalText makes "ORIGIN NAME" of an owner.
func (o Owner) MarshalText() ([]byte, error) { return []byte(o.Origin + " " + o.Name), nil }

// UnmarshalText reads that.
func (o *Owner) UnmarshalText(text []byte) error {
	o.Origin, o.Name, _ = strings.Cut(string(text), " ")
	return nil
}

// Sent is how much was accepted from one owner, and what became of it so far.
type Sent struct {
	Messages, Recipients int
	Foreign              int // messages whose sender has another domain than the account

	Sent, Deferred, Bounced int // delivery attempts
	FirstDeferred           int // recipients whose first attempt was deferred
	Expired                 int // recipients given up after some time

	Forwarded, Relayed int // recipients

	Networks, Domains int // different ones: of the clients (/24, /48), of the recipients
}

// Failed is how many recipients will never get it.
func (s Sent) Failed() int { return s.Bounced + s.Expired }

// Forwarding is what the aliases of a domain of ours sent elsewhere.
type Forwarding struct{ Recipients, Failed int }

// Refused counts commands that Postfix refused, by what was wrong.
type Refused struct {
	Relay, Recipient, Sender, Content int
}

// Counts are the numbers of a Truth.
type Counts struct {
	Owners       map[Owner]Sent
	Forwarding   map[string]Forwarding // by the domain of the alias
	Notices      int                   // non-delivery notifications
	FailedLogins int
	Guessers     int            // networks with failed logins
	GuessedNames int            // different user names of failed logins
	BrokenInto   map[string]int // accounts, and the failed logins of the new network before
	Refused      Refused
	Failures     []error `json:",omitempty"` // what should have worked and didn't, the first few
}

// Of adds up what all owners of an origin sent.
func (c *Counts) Of(origin string) (sum Sent) {
	for owner, s := range c.Owners {
		if owner.Origin != origin {
			continue
		}
		sum.Messages += s.Messages
		sum.Recipients += s.Recipients
		sum.Sent += s.Sent
		sum.Deferred += s.Deferred
		sum.Bounced += s.Bounced
		sum.Expired += s.Expired
		sum.Forwarded += s.Forwarded
		sum.Relayed += s.Relayed
	}
	return sum
}

// Truth is what the lab's people really sent. It is counted where they stand,
// and what becomes of it follows from the addresses, so that it can be compared
// with what is measured from the server's log.
type Truth struct {
	filter Filter

	mu       sync.Mutex
	counts   Counts
	networks map[Owner]map[netip.Prefix]bool
	domains  map[Owner]map[string]bool
	waiting  []waiting
	guesses  map[netip.Prefix]map[string]bool // user names, by network
}

// waiting is a message with deferred recipients.
type waiting struct {
	owner Owner
	from  string
	grey  int      // recipients that the next try delivers
	dead  int      // recipients that no try delivers
	lost  []string // the forwarding domains of those
}

const keptFailures = 20

func newTruth(filter Filter) *Truth {
	return &Truth{
		filter:   filter,
		counts:   Counts{Owners: map[Owner]Sent{}, Forwarding: map[string]Forwarding{}, BrokenInto: map[string]int{}},
		networks: map[Owner]map[netip.Prefix]bool{},
		domains:  map[Owner]map[string]bool{},
		guesses:  map[netip.Prefix]map[string]bool{},
	}
}

// Counts are the numbers as they stand now.
func (t *Truth) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts
	c.Owners = maps.Clone(c.Owners)
	for owner, s := range c.Owners {
		s.Networks, s.Domains = len(t.networks[owner]), len(t.domains[owner])
		c.Owners[owner] = s
	}
	c.Forwarding = maps.Clone(c.Forwarding)
	c.BrokenInto = maps.Clone(c.BrokenInto)
	names := map[string]bool{}
	for _, some := range t.guesses {
		maps.Copy(names, some)
	}
	c.Guessers, c.GuessedNames = len(t.guesses), len(names)
	c.Failures = append([]error(nil), c.Failures...)
	return c
}

func (t *Truth) change(f func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.counts)
}

// guessed is told of a failed login.
func (t *Truth) guessed(client, user string) {
	t.change(func(c *Counts) {
		c.FailedLogins++
		put(t.guesses, network(client), user)
	})
}

func (t *Truth) refused(which func(*Refused) *int) {
	t.change(func(c *Counts) { *which(&c.Refused)++ })
}

func (t *Truth) failure(err error) {
	t.change(func(c *Counts) {
		if len(c.Failures) < keptFailures {
			c.Failures = append(c.Failures, err)
		}
	})
}

// accepted is told of a message that was taken from a client, "" for none.
func (t *Truth) accepted(owner Owner, client, from string, to []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all, copies []attempt
	recipients := 0
	for _, recipient := range to {
		d := deliveryOf(recipient)
		all, copies = append(all, d.attempts...), append(copies, d.copies...)
		if t.filter.expandsLast(owner) {
			recipients++
		} else {
			recipients += d.expanded
		}
	}
	t.queued(owner, from, recipients, all)
	for _, c := range copies {
		t.queued(Owner{Origin: "forward"}, from, 1, []attempt{c})
	}
	if owner.Origin == "sasl" {
		s := t.counts.Owners[owner]
		if domainOf(from) != domainOf(owner.Name) {
			s.Foreign++
		}
		t.counts.Owners[owner] = s
	}
	if client != "" {
		put(t.networks, owner, network(client))
	}
}

// queued counts a message and its first attempts.
func (t *Truth) queued(owner Owner, from string, recipients int, attempts []attempt) {
	s := t.counts.Owners[owner]
	s.Messages++
	s.Recipients += recipients
	w := waiting{owner: owner, from: from}
	bounced := false
	for _, a := range attempts {
		put(t.domains, owner, a.domain)
		f := t.counts.Forwarding[a.forwarded]
		f.Recipients++
		switch a.fate {
		case fateSent:
			s.Sent++
		case fateBounced:
			s.Bounced++
			f.Failed++
			bounced = true
		case fateGrey:
			s.Deferred++
			s.FirstDeferred++
			w.grey++
		case fateDeferred:
			s.Deferred++
			s.FirstDeferred++
			w.dead++
			w.lost = append(w.lost, a.forwarded)
		}
		if a.forwarded != "" {
			s.Forwarded++
			t.counts.Forwarding[a.forwarded] = f
		}
		if owner.Origin == "inbound" && a.relayed() {
			s.Relayed++
		}
	}
	t.counts.Owners[owner] = s
	if w.grey+w.dead > 0 {
		t.waiting = append(t.waiting, w)
	}
	if bounced {
		t.notify(from)
	}
}

// notify sends a message's sender a non-delivery notification.
func (t *Truth) notify(from string) {
	if from == "" {
		return // there is nobody to tell
	}
	t.counts.Notices++
	t.queued(Owner{Origin: "bounce"}, "", 1, deliveryOf(from).attempts)
}

// retried is told that everything deferred was tried once more.
func (t *Truth) retried() {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := t.waiting[:0]
	for _, w := range t.waiting {
		s := t.counts.Owners[w.owner]
		s.Sent += w.grey
		s.Deferred += w.dead
		t.counts.Owners[w.owner] = s
		if w.grey = 0; w.dead > 0 {
			rest = append(rest, w)
		}
	}
	t.waiting = rest
}

// gaveUp is told that what is still deferred was returned to its senders.
func (t *Truth) gaveUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	given := t.waiting
	t.waiting = nil
	for _, w := range given {
		s := t.counts.Owners[w.owner]
		s.Expired += w.dead + w.grey
		t.counts.Owners[w.owner] = s
		for _, domain := range w.lost {
			if domain != "" {
				f := t.counts.Forwarding[domain]
				f.Failed++
				t.counts.Forwarding[domain] = f
			}
		}
		t.notify(w.from)
	}
}

func put[K, V comparable](all map[K]map[V]bool, key K, value V) {
	if all[key] == nil {
		all[key] = map[V]bool{}
	}
	all[key][value] = true
}

// network is the /24 or /48 of an address.
func network(client string) netip.Prefix {
	addr := netip.MustParseAddr(client)
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	return netip.PrefixFrom(addr, bits).Masked()
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
