package ledger

import (
	"time"

	"postfix_exporter/parser"
)

// Delivery is the key of a delivery attempt.
type Delivery struct {
	Name   uint8 // of Names
	Daemon parser.Daemon
	Status parser.Status
	DSN    parser.DSN // zero for one that is not registered
}

func (d Delivery) word() uint64 {
	return uint64(d.Name) | uint64(d.Daemon)<<8 | uint64(d.Status)<<16 |
		uint64(d.DSN.Class)<<24 | uint64(d.DSN.Subject)<<32 | uint64(d.DSN.Detail)<<48
}

// delivery counts one attempt for one recipient.
func (l *Ledger) delivery(ev *parser.Event) {
	s := &l.state
	key := Delivery{Name: s.Names.index(ev.Bytes(ev.SyslogName)), Daemon: ev.Daemon, Status: ev.Status}
	if ev.DSN.Registered() {
		key.DSN = ev.DSN
	}
	if word := key.word(); !s.Deliveries.again(word) {
		s.Deliveries.add(word, key, Delivery{Daemon: parser.DaemonOther, Status: ev.Status})
	}

	var reason parser.FailureReason
	switch ev.Status {
	case parser.StatusDeferred, parser.StatusBounced, parser.StatusSoftBounce:
		reason = l.classifier.Reason(ev.Code, ev.DSN, ev.Bytes(ev.Text))
		s.Failures[ev.Status][reason][l.classifier.Provider(ev.Bytes(ev.RelayHost))]++
	}
	if ev.Status == parser.StatusSent || ev.Status == parser.StatusBounced {
		for stage, d := range ev.Delays {
			s.Delays[ev.Daemon][stage].observe(d)
		}
	}
	if reason == parser.FailureLoop {
		l.looped(ev)
	}
	l.attempt(ev, reason)
	if ev.Daemon == parser.Local && ev.Status == parser.StatusSent {
		s.link(queueIDOf(ev.Bytes(ev.ChildQueueID)), OriginForward) // "(forwarded as QID)" is local's own word
	}
}

// NumDelayStages is how many parts Postfix splits a delay into.
const NumDelayStages = len(parser.Event{}.Delays)

// delayBounds are the upper bounds of a Histogram: mail takes a tenth of a
// second or the five days of maximal_queue_lifetime.
var delayBounds = [...]time.Duration{
	100 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
	15 * time.Minute, time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour, 5 * 24 * time.Hour,
}

// Histogram counts durations.
type Histogram struct {
	buckets [len(delayBounds) + 1]uint64 // each by itself, the last is above all bounds
	sum     uint64                       // microseconds, so that it adds up the same in any order
}

func (h *Histogram) observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(delayBounds) && d > delayBounds[i] {
		i++
	}
	h.buckets[i]++
	h.sum += uint64(d / time.Microsecond)
}

// Cumulative gives the histogram as Prometheus has it: the count, the sum in
// seconds, and the count at or below each bound in seconds.
func (h *Histogram) Cumulative() (count uint64, sum float64, buckets map[float64]uint64) {
	buckets = make(map[float64]uint64, len(delayBounds))
	for i, bound := range delayBounds {
		count += h.buckets[i]
		buckets[bound.Seconds()] = count
	}
	return count + h.buckets[len(delayBounds)], float64(h.sum) / 1e6, buckets
}

func (h *Histogram) walk(c *codec) {
	numbers(c, h.buckets[:])
	c.uint64(&h.sum)
}

func (d *Delivery) walk(c *codec) {
	rowNumber(c, &d.Name, MaxNames+1)
	rowNumber(c, &d.Daemon, parser.NumDaemons)
	rowNumber(c, &d.Status, parser.NumStatuses)
	number(c, &d.DSN.Class)
	number(c, &d.DSN.Subject)
	number(c, &d.DSN.Detail)
}
