package ledger

import (
	"net/netip"
	"strconv"

	"postfix_exporter/parser"
)

// What happens to whom. The flow of messages calls these methods once for each
// fact, as soon as it knows whom the fact belongs to; none of them allocates
// but for a row that is new.

// owner is who a message, a recipient or an attempt counts for. A message that
// came out of another has the owner of that one: a content filter's second
// pass, and what postsuper(1) put back. A bounce or a forwarded copy has none:
// only an origin.
type owner struct {
	origin Origin
	// who is the handle of Accounts where the origin is sasl, the uid where it is
	// local, the client's network where it is network or inbound, else 0.
	who uint64
}

func (o owner) account() uint32  { return uint32(o.who) }
func (o owner) uid() uint32      { return uint32(o.who) }
func (o owner) network() network { return network(o.who) }

// attempt is one delivery attempt for one recipient. It has no pointer: the
// attempts of a message whose owner is not told yet are held back as they are.
type attempt struct {
	domain uint64 // the recipient's, by domainKey; 0 for none
	status parser.Status
	reason parser.FailureReason // of a status other than sent
	first  bool                 // the recipient's first attempt
}

// domainKey gives a domain a number, the same for upper and lower case, and
// never 0. Nobody can look for two domains with the same one.
func (s *State) domainKey(domain []byte) uint64 { return max(s.seed.domain(domain), 1) }

// submitted takes an accepted client= line that names an account: once for each
// message, also for one that is broken off before it reaches the queue.
func (s *State) submitted(account uint32, client netip.Addr) {
	from, i := networkOf(client), s.Accounts.row(account)
	if from == 0 || i == 0 {
		return
	}
	now := s.tick
	if !s.Accounts.from(i, now, tickOf(s.since), from) {
		return
	}
	row := &s.Accounts.rows[i]
	var name [maxNameLength]byte
	if n := s.guesses.prior(now, from, name[:copy(name[:], row.Name)]); n > 0 {
		row.priors.add(now, n)
		s.breakIns.add(breakIn{account: row.Name, from: from, failures: n, time: s.Now})
	}
}

// accepted takes a message into the queue, once, when its owner is known, which
// may be some seconds after the queue manager's line. recipients is its nrcpt.
// foreignSender says that its envelope sender is outside the account's domain.
func (s *State) accepted(o owner, recipients uint32, foreignSender bool) {
	now := s.tick
	switch o.origin {
	case OriginSASL:
		s.Accounts.accepted(o.account(), now, recipients, foreignSender)
	case OriginLocal:
		s.LocalUsers.accepted(s.localUser(o.uid(), now), now, recipients, false)
	}
}

// attempted takes one delivery attempt for one recipient. The hand-over to a
// content filter is none; the second pass's attempts are.
func (s *State) attempted(o owner, a attempt) {
	now := s.tick
	switch o.origin {
	case OriginSASL:
		s.Accounts.attempted(o.account(), now, a)
	case OriginLocal:
		a.domain = 0
		s.LocalUsers.attempted(s.localUser(o.uid(), now), now, a)
	}
}

// failed takes recipients that failed without an attempt of their own: those
// that an expired message was still to reach. The others fail by an attempt
// with the status bounced or SOFTBOUNCE.
func (s *State) failed(o owner, n uint32) {
	if n == 0 {
		return
	}
	now := s.tick
	switch o.origin {
	case OriginSASL:
		s.Accounts.add(s.Accounts.row(o.account()), now, Failed, n)
	case OriginLocal:
		s.LocalUsers.add(s.LocalUsers.row(s.localUser(o.uid(), now)), now, Failed, n)
	}
}

// localUser gives the handle of a uid.
func (s *State) localUser(uid uint32, now tick) uint32 {
	var digits [10]byte
	return s.LocalUsers.handle(strconv.AppendUint(digits[:0], uint64(uid), 10), now)
}

// ClientEvent is what a client did wrong.
type ClientEvent uint8

const (
	ClientAuthFailure ClientEvent = iota
	ClientRelayDenied
	ClientUserUnknown
	ClientProtocolViolation
	ClientLostConnection
	ClientRelayed // a recipient elsewhere, whom the server should not have taken

	NumClientEvents = int(ClientRelayed) + 1
)

func (e ClientEvent) String() string {
	return [NumClientEvents]string{"auth_failure", "relay_denied", "user_unknown", "protocol_violation", "lost_connection", "relayed"}[e]
}

// misbehaved takes one event of a client.
func (s *State) misbehaved(client netip.Addr, e ClientEvent) {
	s.Clients.add(s.tick, networkOf(client), e)
}

// guessed takes n failed logins, besides misbehaved. user is an attacker's text,
// empty where the log names none: it is never kept, only its hash.
func (s *State) guessed(client netip.Addr, user []byte, w witness, n uint32) {
	from, now, name := networkOf(client), s.tick, uint64(0)
	if len(user) > 0 {
		name = max(s.seed.lowered(user), 1)
	}
	s.guesses.failed(now, from, user, name, w, n)
	s.Attackers.failed(now, s.seed.mix(^uint64(0), uint64(from)), name)
}
