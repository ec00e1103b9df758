package traffic

import (
	"sort"
	"time"
)

// Incident is an attack, or something ordinary that looks like one.
type Incident struct {
	ID      string  `json:"id"` // its kind and number, such as burst-1
	Kind    string  `json:"kind"`
	Origin  string  `json:"origin"` // how its mail comes into the queue; empty where it is no mail
	Culprit Culprit `json:"culprit"`
	// Start is when it begins to act, which may be by failed logins; End is after
	// its last act. Retries and bounces may follow.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// FirstRecipient is when the first of its messages was accepted, nil for none.
	FirstRecipient *time.Time `json:"first_recipient"`

	Messages   int `json:"messages"`
	Recipients int `json:"recipients"` // accepted into the queue
	Sent       int `json:"sent"`       // of them, taken by the recipients' servers
	Deferred   int `json:"deferred"`   // attempts
	Bounced    int `json:"bounced"`
	Networks   int `json:"networks"` // distinct /24 or /48 its messages came from
	Events     int `json:"events"`   // failed logins, refused recipients or connections without mail
	// Curve has a point for each second in which a figure changed.
	Curve []Point `json:"curve"`

	networks map[uint32]bool
	changed  bool
}

// Culprit is whom a page must name.
type Culprit struct {
	By   string `json:"by"` // account, uid, domain, network, or none: too many to name one
	Name string `json:"name"`
}

// Point holds the sums of an incident over all lines stamped before a time:
// that time in Unix seconds, recipients accepted, recipients reached, events,
// networks.
type Point [5]int64

// The columns of a Point.
const (
	AtUnix = iota
	AtRecipients
	AtSent
	AtEvents
	AtNetworks
)

// By gives the sums as they stood at a time.
func (i *Incident) By(t time.Time) Point {
	n := sort.Search(len(i.Curve), func(k int) bool { return i.Curve[k][AtUnix] > t.Unix() })
	if n == 0 {
		return Point{t.Unix()}
	}
	return i.Curve[n-1]
}

func (i *Incident) count(when time.Time, f fact) {
	switch f.kind {
	case accepted:
		if i.FirstRecipient == nil {
			i.FirstRecipient = &when
		}
		i.Messages++
		i.Recipients += int(f.n)
	case sent:
		i.Sent++
	case deferred:
		i.Deferred++
	case bounced:
		i.Bounced++
	case blocked:
		i.Events += int(f.n)
	case seen:
		if i.networks == nil {
			i.networks = map[uint32]bool{}
		}
		i.networks[f.n] = true
		i.Networks = len(i.networks)
	case noFact:
	}
}

func (i *Incident) point(second int64) {
	i.changed = false
	p := Point{second, int64(i.Recipients), int64(i.Sent), int64(i.Events), int64(i.Networks)}
	if n := len(i.Curve); n > 0 && [4]int64(i.Curve[n-1][1:]) == [4]int64(p[1:]) {
		return // only retries that failed again
	}
	i.Curve = append(i.Curve, p)
}
