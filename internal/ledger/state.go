package ledger

import (
	"time"

	"postfix_exporter/parser"
)

// State is all that the fold knows: plain values, and slices and maps of them.
// Arrays are indexed by the closed lists of package parser; those with a first
// dimension of MaxNames+1, by Names.
type State struct {
	// Now is the log's own time in nanoseconds since the epoch, see advance.
	Now int64

	Names    Names // syslog_name of the tags
	Services Names // service_name in master's words

	Smtpd        [MaxNames + 1]Smtpd
	Rejects      Tally[Reject]
	Postscreen   [parser.NumPostscreenEvents]uint64
	Anvil        [MaxNames + 1][parser.NumAnvilStatistics]int64 // the peaks of the last report, 0 for none
	TLS          [MaxNames + 1]TLS
	Milter       [parser.NumActions]uint64
	MilterErrors uint64
	PolicyErrors uint64
	ProcessLimit [MaxNames + 1]uint64 // by Services

	Deliveries Tally[Delivery]
	Failures   [parser.NumStatuses][parser.NumFailureReasons][parser.NumProviders]uint64
	Delays     [parser.NumDaemons][NumDelayStages]Histogram

	Origins [numOrigins]Accepted
	// OriginDeliveries counts what was tried for messages of each origin. The
	// hand-over to a content filter is none.
	OriginDeliveries [numOrigins][parser.NumStatuses]uint64

	Accounts   Principals // sasl_username of accepted messages
	LocalUsers Principals // uid
	Forwards   Principals // domains of ours whose aliases lead elsewhere
	Loops      Principals // domains of ours whose mail loops; each loop is a Failed
	Clients    Clients
	Attackers  Attackers

	Bounces        [parser.NumNotifications]uint64
	OriginBounces  [numOrigins]uint64 // those of failures, by the origin of the message that bounced
	InboundBounces InboundBounces
	Removed        uint64
	Expired        uint64

	Relayed    uint64 // recipients of strangers' mail that the server should not have taken
	Forwarded  uint64 // recipients that an alias of ours sent elsewhere
	HandedOver uint64 // recipients handed to a content filter

	DovecotLogins   [parser.NumDovecotProtocols]uint64
	DovecotFailures [parser.NumDovecotProtocols][parser.NumDovecotReasons]uint64

	Sources []SourceState

	messages        messages
	attempts        attempts               // held back
	proxies         slots[owner]           // by smtpd's process
	passes          slots[pass]            // by Message-ID
	waitingForwards slots[waitingForwards] // by a message's number
	passedForwards  slots[uint32]          // handles of Forwards, by a second pass and its recipient
	guesses         guesses
	breakIns        breakIns

	tick  tick  // of Now
	since int64 // what the log's clock showed first; 0 before

	seed Seed
}

func newState(c Config) State {
	return State{
		Names:           newNames(),
		Services:        newNames(),
		Rejects:         newTally[Reject](),
		Deliveries:      newTally[Delivery](),
		Accounts:        newPrincipals(c.AccountLimit, c.ShownAccounts),
		LocalUsers:      newPrincipals(localUserLimit, shownLocalUsers),
		Forwards:        newPrincipals(forwardLimit, shownForwards),
		Loops:           newPrincipals(loopLimit, shownLoops),
		Clients:         Clients{seed: c.Seed[0]},
		messages:        newMessages(c.MessageLimit, c.Seed),
		proxies:         slots[owner]{size: proxySlots},
		passes:          slots[pass]{size: passSlots},
		waitingForwards: slots[waitingForwards]{size: waitingForwardSlots},
		passedForwards:  slots[uint32]{size: passedForwardSlots},
		guesses:         newGuesses(guessLimit, c.Seed),
		seed:            c.Seed,
	}
}

// maxSkew is how far behind Now a line may be before the clock is set back to
// it: more than the hour of a clock change, and more than lines of several
// files are apart. Without it one line from the year 9999, which any local
// user can log, would stop the clock for good.
const maxSkew = 2 * time.Hour

// advance moves the log's clock, which otherwise never goes back.
func (s *State) advance(t int64) {
	if t == 0 || t <= s.Now && s.Now-t < int64(maxSkew) {
		return
	}
	before := s.Now
	s.Now = t
	if s.since == 0 || t < s.since { // or it was set back
		s.since = t
	}
	s.tick = tickOf(t)
	if t/int64(time.Second) != before/int64(time.Second) {
		s.expire(64)
		s.Accounts.tick(t)
		s.LocalUsers.tick(t)
		s.Forwards.tick(t)
		s.Loops.tick(t)
	}
}

// apply is the fold's step.
func (l *Ledger) apply(ev *parser.Event) {
	s := &l.state
	s.advance(ev.Time)
	if ev.Outcome != parser.Parsed {
		return
	}
	switch ev.Kind {
	case parser.KindConnect:
		s.smtpd(ev).Connects++
	case parser.KindDisconnect:
		s.smtpd(ev).disconnect(ev.Commands)
	case parser.KindConnectionLost:
		s.smtpd(ev).Lost[ev.Lost][ev.Stage]++
		s.misbehave(ev, ClientLostConnection)
	case parser.KindClient:
		l.client(ev)
	case parser.KindReject, parser.KindContent:
		l.reject(ev)
	case parser.KindProxy:
		l.reject(ev)
		l.proxied(ev)
	case parser.KindMilter:
		s.Milter[ev.Action]++
		l.reject(ev)
	case parser.KindSASLFailure:
		s.smtpd(ev).SASLFailures[parser.MechanismOf(ev.Bytes(ev.SASLMethod))][ev.SASLReason]++
		switch ev.SASLReason {
		case parser.SASLCredentials:
			s.guess(ev, byServer, true)
		case parser.SASLBackendDown:
		default:
			s.misbehave(ev, ClientAuthFailure)
		}
	case parser.KindViolation:
		s.smtpd(ev).Violations[ev.Violation]++
		s.misbehave(ev, ClientProtocolViolation)
	case parser.KindLimit:
		s.smtpd(ev).Limits[ev.Limit]++
	case parser.KindPolicyError:
		s.PolicyErrors++
	case parser.KindMilterError:
		s.MilterErrors++
	case parser.KindTLS:
		s.TLS[s.Names.index(ev.Bytes(ev.SyslogName))][ev.TLSDirection][ev.TLSTrust][ev.TLSProtocol]++
	case parser.KindDelivery:
		l.delivery(ev)
	case parser.KindQueueActive:
		l.active(ev)
	case parser.KindRemoved:
		s.Removed++
		s.end(queueIDOf(ev.Bytes(ev.QueueID)))
	case parser.KindCanceled:
		s.end(queueIDOf(ev.Bytes(ev.QueueID)))
	case parser.KindExpired:
		if ev.Daemon == parser.Qmgr { // postsuper only asks for it; qmgr then says so itself
			s.expired(ev)
		}
	case parser.KindMessageID:
		l.messageID(ev)
	case parser.KindPickup:
		l.pickup(ev)
	case parser.KindBounce:
		s.bounced(ev)
	case parser.KindPostscreen:
		s.Postscreen[ev.Postscreen]++
	case parser.KindAnvil:
		s.Anvil[s.Names.index(ev.Bytes(ev.SyslogName))][ev.Anvil] = ev.Value
	case parser.KindProcessLimit:
		s.ProcessLimit[s.Services.index(ev.Bytes(ev.Service))]++
	case parser.KindDovecotLogin:
		s.DovecotLogins[ev.DovecotProtocol]++
	case parser.KindDovecotLoginFailure:
		s.DovecotFailures[ev.DovecotProtocol][ev.DovecotReason]++
		if ev.DovecotReason == parser.DovecotAuthFailed {
			s.guess(ev, byServer, true)
		}
	case parser.KindDovecotAuthFailure:
		s.DovecotFailures[parser.DovecotAuth][ev.DovecotReason]++
		if ev.DovecotReason == parser.DovecotPassword || ev.DovecotReason == parser.DovecotUnknownUser {
			s.guess(ev, byAuth, false)
		}
	}
}

// walk visits all that a snapshot holds, in an order that is part of it.
func (s *State) walk(c *codec) {
	c.int64(&s.Now)
	if c.reading {
		s.tick = tickOf(s.Now)
	}
	c.int64(&s.since)
	s.Names.walk(c)
	s.Services.walk(c)
	for i := range s.Smtpd {
		s.Smtpd[i].walk(c)
		s.TLS[i].walk(c)
		c.uint64(&s.ProcessLimit[i])
		for k := range s.Anvil[i] {
			c.int64(&s.Anvil[i][k])
		}
	}
	s.Rejects.walk(c, func(r *Reject) { r.walk(c) })
	numbers(c, s.Postscreen[:])
	numbers(c, s.Milter[:])
	c.uint64(&s.MilterErrors)
	c.uint64(&s.PolicyErrors)
	s.Deliveries.walk(c, func(d *Delivery) { d.walk(c) })
	for status := range s.Failures {
		for reason := range s.Failures[status] {
			numbers(c, s.Failures[status][reason][:])
		}
	}
	for daemon := range s.Delays {
		for stage := range s.Delays[daemon] {
			s.Delays[daemon][stage].walk(c)
		}
	}
	for i := range s.Origins {
		s.Origins[i].walk(c)
		numbers(c, s.OriginDeliveries[i][:])
	}
	for i := range s.seed {
		c.uint64(&s.seed[i])
	}
	s.Accounts.walk(c)
	s.LocalUsers.walk(c)
	s.Forwards.walk(c)
	s.Loops.walk(c)
	if c.reading {
		s.Clients.seed, s.guesses.seed, s.messages.seed = s.seed[0], s.seed, s.seed
	}
	s.Clients.walk(c)
	s.Attackers.walk(c)
	s.guesses.walk(c)
	s.breakIns.walk(c)
	numbers(c, s.Bounces[:])
	numbers(c, s.OriginBounces[:])
	c.uint64(&s.InboundBounces.Accepted)
	c.uint64(&s.InboundBounces.Rejected)
	c.uint64(&s.Removed)
	c.uint64(&s.Expired)
	c.uint64(&s.Relayed)
	c.uint64(&s.Forwarded)
	c.uint64(&s.HandedOver)
	numbers(c, s.DovecotLogins[:])
	for i := range s.DovecotFailures {
		numbers(c, s.DovecotFailures[i][:])
	}
	items(c, &s.Sources, func(row *SourceState) { row.walk(c) })
	s.walkMessages(c)
	s.proxies.walk(c, func(o *owner) { s.walkOwner(c, o) })
	s.passes.walk(c, func(p *pass) {
		number(c, &p.message)
		truth(c, &p.shared)
	})
	s.waitingForwards.walk(c, func(f *waitingForwards) {
		number(c, &f.domain)
		number(c, &f.n)
	})
	s.passedForwards.walk(c, func(domain *uint32) { number(c, domain) })
}
