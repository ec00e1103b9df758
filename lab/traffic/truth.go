package traffic

import (
	"strconv"
	"time"
)

// Truth is what really happened in a log, by the side of those who did it. The
// package's README describes its JSON form.
type Truth struct {
	Seed       uint64           `json:"seed"`
	Start      time.Time        `json:"start"`
	End        time.Time        `json:"end"`
	Lines      uint64           `json:"lines"`
	MyNetworks []string         `json:"my_networks"`
	Domains    []string         `json:"domains"` // that the server takes mail for
	Origins    map[string]*Sent `json:"origins"`
	Accounts   map[string]*Sent `json:"accounts"`
	LocalUsers map[string]*Sent `json:"local_users"` // by uid
	Attacks    []*Incident      `json:"attacks"`
	LookAlikes []*Incident      `json:"look_alikes"`

	second int64 // being written
	open   []*Incident
}

// Sent counts what somebody sent: what was accepted into the queue, and the
// delivery attempts, one a recipient.
type Sent struct {
	Messages   int `json:"messages"`
	Recipients int `json:"recipients"`
	Sent       int `json:"sent"`
	Deferred   int `json:"deferred"`
	Bounced    int `json:"bounced"`
}

// A fact becomes true with a line of the log.
type fact struct {
	kind factKind
	n    uint32
	who  *owner
}

type factKind uint8

const (
	noFact   factKind = iota
	accepted          // a message with n recipients
	sent              // attempts for one recipient
	deferred
	bounced
	seen    // a client of network n
	blocked // n events that are no mail: a failed login, a refused recipient, a connection
)

// owner is whom a message counts for.
type owner struct {
	origin   *Sent
	sender   *Sent // the account's or local user's; nil for the others
	incident *Incident
	bounces  *owner // of the non-delivery notices that this mail causes
}

func newTruth(c Config) *Truth {
	t := &Truth{
		Seed: c.Seed, Start: c.Start, End: c.Start.Add(c.length()), MyNetworks: MyNetworks(), Domains: Domains(c.Accounts),
		Origins: map[string]*Sent{}, Accounts: map[string]*Sent{}, LocalUsers: map[string]*Sent{},
		Attacks: []*Incident{}, LookAlikes: []*Incident{},
	}
	for _, o := range []string{originSASL, originLocal, originNetwork, originInbound, originBounce, originForward} {
		t.Origins[o] = &Sent{}
	}
	return t
}

// The exporter's words for how a message came into the queue.
const (
	originSASL    = "sasl"
	originLocal   = "local"
	originNetwork = "network"
	originInbound = "inbound"
	originBounce  = "bounce"
	originForward = "forward"
)

func (t *Truth) account(name string) *owner {
	return &owner{origin: t.Origins[originSASL], sender: row(t.Accounts, name)}
}

func (t *Truth) localUser(uid int) *owner {
	return &owner{origin: t.Origins[originLocal], sender: row(t.LocalUsers, strconv.Itoa(uid))}
}

func (t *Truth) others(origin string) *owner { return &owner{origin: t.Origins[origin]} }

func row(rows map[string]*Sent, name string) *Sent {
	if rows[name] == nil {
		rows[name] = &Sent{}
	}
	return rows[name]
}

// as gives the owner of mail that belongs to an incident, too.
func (o *owner) as(i *Incident) *owner {
	return &owner{origin: o.origin, sender: o.sender, incident: i, bounces: o.bounces}
}

// tell takes in a fact when its line is written.
func (t *Truth) tell(when at, f fact) {
	if second := t.Start.Unix() + int64(when/time.Second); second != t.second {
		t.tick()
		t.second = second
	}
	if f.who.origin != nil {
		f.who.origin.count(f)
	}
	if f.who.sender != nil {
		f.who.sender.count(f)
	}
	if i := f.who.incident; i != nil {
		if !i.changed {
			i.changed = true
			t.open = append(t.open, i)
		}
		i.count(t.Start.Add(when), f)
	}
}

// tick ends a second: the incidents in which something happened get a point.
func (t *Truth) tick() {
	for _, i := range t.open {
		i.point(t.second + 1)
	}
	t.open = t.open[:0]
}

func (s *Sent) count(f fact) {
	switch f.kind {
	case accepted:
		s.Messages++
		s.Recipients += int(f.n)
	case sent:
		s.Sent++
	case deferred:
		s.Deferred++
	case bounced:
		s.Bounced++
	case noFact, seen, blocked:
	}
}
