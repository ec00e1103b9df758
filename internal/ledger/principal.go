package ledger

import (
	"net/netip"

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
	// who is the row of Accounts where the origin is sasl, the uid where it is
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
func (s *State) domainKey(domain []byte) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range domain {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return max(h, 1)
}

// submitted takes an accepted client= line that names an account: once for each
// message, also for one that is broken off before it reaches the queue.
func (s *State) submitted(_ uint32, _ netip.Addr) {}

// accepted takes a message into the queue, once, when its owner is known, which
// may be some seconds after the queue manager's line. recipients is its nrcpt.
// foreignSender says that its envelope sender is outside the account's domain.
func (s *State) accepted(o owner, recipients uint32, _ bool) {
	if o.origin == OriginSASL {
		row := &s.Accounts.rows[o.account()]
		row.Messages++
		row.Recipients += uint64(recipients)
	}
}

// attempted takes one delivery attempt for one recipient. The hand-over to a
// content filter is none; the second pass's attempts are.
func (s *State) attempted(o owner, a attempt) {
	if o.origin == OriginSASL {
		s.Accounts.rows[o.account()].Deliveries[a.status]++
	}
}

// failed takes recipients that failed without an attempt of their own: those
// that an expired message was still to reach. The others fail by an attempt
// with the status bounced or SOFTBOUNCE.
func (s *State) failed(_ owner, _ uint32) {}

// forwarded takes an attempt for a recipient that an alias of ours sent
// elsewhere; domain is the alias's own, as the log has it. It is called besides
// attempted.
func (s *State) forwarded(_ []byte, _ attempt) {}

// ClientEvent is what a client did wrong.
type ClientEvent uint8

const (
	ClientAuthFailure ClientEvent = iota
	ClientRelayDenied
	ClientUserUnknown
	ClientProtocolViolation
	ClientLostConnection

	NumClientEvents = int(ClientLostConnection) + 1
)

func (e ClientEvent) String() string {
	return [NumClientEvents]string{"auth_failure", "relay_denied", "user_unknown", "protocol_violation", "lost_connection"}[e]
}

// misbehaved takes one event of a client.
func (s *State) misbehaved(_ netip.Addr, _ ClientEvent) {}

// guessed takes a failed login, besides misbehaved. user is an attacker's text,
// empty where the log names none: it is never kept, only its hash.
func (s *State) guessed(_ netip.Addr, _ []byte) {}
