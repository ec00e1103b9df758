package parser

import (
	"slices"
	"time"
)

// Outcome says what became of one log line. Every line has exactly one.
type Outcome uint8

const (
	// Parsed: a Postfix or Dovecot line that says something we count; Kind says what.
	Parsed Outcome = iota
	// Ignored: a Postfix or Dovecot line of a known shape that says nothing we count.
	Ignored
	// Unknown: a line of Postfix whose shape is not known.
	Unknown
	// Malformed: no log envelope, or a known shape that breaks off or breaks its own grammar.
	Malformed
	// Foreign: another program's line.
	Foreign

	NumOutcomes = int(Foreign) + 1
)

// Kind says which fields of an Event are set, beyond those of its envelope.
type Kind uint8

const (
	KindNone Kind = iota

	// smtpd(8)

	KindConnect        // Client, ClientAddress
	KindDisconnect     // Client…, Commands
	KindConnectionLost // Lost, Stage, Client…; QueueID from Postfix 3.10 on
	KindClient         // Client…, SASL…, OrigQueueID, OrigClient: a message (QueueID) or, NoQueue, a before-filter transaction begins
	KindReject         // Action, Stage, Client…, Code, DSN, RejectReason, Text, From, To, Proto, Helo, SASL…; Violation for bare <LF>. Also postscreen's
	KindMilter         // Action, Stage, Client…, Code, DSN, RejectReason, Text, From, To, Proto, Helo, SASL…; also cleanup's
	KindProxy          // Action (accept, reject), Stage, Client…, Code, DSN, Text, From, To, SASL…, ChildQueueID from "queued as"
	KindSASLFailure    // SASLMethod, SASLReason, Text, SASLUsername where the log names it
	KindViolation      // Violation, Client…, Stage, Text (escaped by Postfix); also postscreen's BARE NEWLINE and so on, as KindPostscreen
	KindLimit          // Limit, Value, Client…, Service
	KindPolicyError    // Text: the policy service is down
	KindMilterError    // Text: the Milter is down
	KindSASLBackend    // Text: the SASL server is down
	KindResource       // Text: no space, queue file write error, message too large
	KindTLS            // TLSDirection, TLSTrust, TLSProtocol; Client… (inbound) or Relay… (outbound)
	KindTLSError       // TLSDirection, Client… or Relay…, Text

	// smtp(8), lmtp(8), local(8), virtual(8), pipe(8), error(8), discard(8)

	KindDelivery // To, OrigTo, Relay…, ConnUse, Delay, Delays, TLSPolicy, DSN, Status, Text, Code and ChildQueueID from Text
	KindRemote   // an attempt at one host that is not the last word: Relay…, Code, DSN, Text
	KindLoop     // mail loop or alias nesting: Text

	// qmgr(8), cleanup(8), pickup(8), bounce(8), postsuper(1)

	KindQueueActive // From, Size, Recipients
	KindRemoved     // by qmgr or postsuper: the end of this queue id
	KindCanceled    // by cleanup, from Postfix 3.10 on: never became a message
	KindExpired     // From; by qmgr: returned to sender; by postsuper: to be returned at the next attempt
	KindHeld        // by postsuper
	KindReleased    // by postsuper
	KindRequeued    // by postsuper; the new id comes with KindPickup's OrigQueueID
	KindMessageID   // MessageID
	KindContent     // header_checks, body_checks: Action, Text, Client…, From, To, Proto, Helo
	KindPickup      // UID, From, OrigQueueID
	KindBounce      // Notification, ChildQueueID
	KindCorrupt     // qmgr saved a corrupt queue file; Value 1

	// The others

	KindPostscreen   // Postscreen, ClientAddress, ClientPort
	KindDNSBL        // dnsblog: ClientAddress, Service (the list's domain)
	KindAnvil        // Anvil, Value, Service, ClientAddress
	KindProcessLimit // master: Service, Value
	KindMaster       // master started, reloaded, stopped, or a child failed: Text

	// Dovecot

	KindDovecotLogin        // DovecotProtocol, SASLUsername, SASLMethod, ClientAddress
	KindDovecotLoginFailure // DovecotProtocol, DovecotReason, SASLUsername, SASLMethod, ClientAddress
	KindDovecotAuthFailure  // DovecotReason, SASLUsername, ClientAddress: auth's own word (auth_verbose=yes); the same try may show as a login failure too

	// The log's own transport

	KindLogLoss   // Loss, Value: lines that never came
	KindLogRepeat // Value: the line before, or Text, came Value times more

	NumKinds = int(KindLogRepeat) + 1
)

// Event is what one log line says. The caller owns it and reuses it: Parse
// resets it and fills it anew.
//
// A text is a Span of the line; Bytes gives its bytes. They are those of the line
// given to Parse, and live exactly as long as that line's do: whoever keeps some
// copies them. A field that the line does not carry is zero, or the None value of
// its type. Texts are what the log holds, as it holds it, and may have been
// written by an attacker: never a label, a format string or a shell word.
type Event struct {
	line []byte // without its line end

	Outcome  Outcome
	Kind     Kind
	Daemon   Daemon
	Severity Severity
	NoQueue  bool // "NOQUEUE" stood where a queue id would
	Cut      bool // the line broke off (Postfix cuts its lines at 2000 bytes); what was read so far stands

	Action       Action
	Stage        Stage
	Lost         LostKind
	RejectReason RejectReason
	Violation    Violation
	Limit        Limit
	SASLReason   SASLReason
	Status       Status
	Notification Notification
	Postscreen   PostscreenEvent
	Anvil        AnvilStatistic
	TLSDirection TLSDirection
	TLSTrust     TLSTrust
	TLSProtocol  TLSProtocol
	Loss         Loss

	DovecotProtocol DovecotProtocol
	DovecotReason   DovecotReason

	Code uint16 // SMTP reply code, 0 or 200…599
	DSN  DSN    // enhanced status code, RFC 3463

	UID     uint32 // local submitter, KindPickup
	ConnUse uint32 // deliveries over this connection so far, 0 where not logged
	Time    int64  // nanoseconds since the epoch; 0 where the line carries no time

	Value      int64 // a count, with the meaning that Kind gives it
	Size       int64 // bytes of the message as queued
	Recipients int64 // nrcpt= of the queue manager

	// Delay is the time from arrival to this attempt's end; Delays its parts:
	// before the queue manager, in the queue manager, connection set-up,
	// transmission. Postfix rounds them (delay_logging_resolution_limit).
	Delay  time.Duration
	Delays [4]time.Duration

	Host       Span // of the log line
	PID        Span // process id, decimal, where the line has one
	SyslogName Span // the tag before its last '/': "postfix", "postfix/submission"; may be empty
	Program    Span // the tag after its last '/': "smtpd"
	QueueID    Span // short or long form, at most MaxQueueID bytes

	Client        Span // host name as Postfix verified it, or "unknown"
	ClientAddress Span // IPv4, IPv6 without "IPv6:", or "unknown"
	ClientPort    Span

	SASLMethod   Span // the client's word: label through Mechanism
	SASLUsername Span
	SASLSender   Span

	OrigQueueID  Span // first pass of a filtered or requeued message
	OrigClient   Span // name[address] of the first pass
	ChildQueueID Span // the message that this one gave rise to, in the words of the logging program: remote text where Relay is not ours

	From   Span // envelope sender without <>, empty for the null sender
	To     Span
	OrigTo Span
	Proto  Span
	Helo   Span

	Relay        Span // the whole of relay=
	RelayHost    Span // its host or transport name
	RelayAddress Span // its address, or a socket's path

	MessageID Span
	Text      Span // reply, reason or detail
	Service   Span // master.cf service, policy or list name, as Kind says
	TLSPolicy Span // tls= of Postfix 3.11 on
	Cipher    Span

	// Commands are those of KindDisconnect, else nil. They are the Parser's own, and stand
	// until it reads another line.
	Commands *Commands
}

// Bytes gives the bytes of one of the event's own texts, nil for an absent one.
// They alias the line; append to a copy.
func (ev *Event) Bytes(s Span) []byte {
	if s == (Span{}) {
		return nil
	}
	return ev.line[s.begin:s.end]
}

// Add makes a string a text of an event that no line was parsed into: for tests, and
// for whoever makes events by hand.
func (ev *Event) Add(text string) Span {
	if len(ev.line) == 0 {
		ev.line = []byte{' '}
	}
	begin := len(ev.line)
	ev.line = append(slices.Clip(ev.line), text...)
	return spanOf(begin, len(ev.line))
}

// span is where a part of the line stands in it. Whatever is cut from the line
// keeps its capacity's end, and that says where it begins.
func (ev *Event) span(part []byte) Span {
	if part == nil {
		return Span{}
	}
	begin := ev.offset(part)
	return spanOf(begin, begin+len(part))
}

// offset is where a part of the line begins in it; nil stands for nothing left.
func (ev *Event) offset(part []byte) int { return cap(ev.line) - cap(part) }

func spanOf(begin, end int) Span { return Span{begin: uint16(begin), end: uint16(end)} }

// Span is where a text stands in an event's line. The zero Span is an absent
// text: no text begins where the line does.
type Span struct{ begin, end uint16 }

// Len is the text's length in bytes, 0 where it is absent or empty.
func (s Span) Len() int { return int(s.end - s.begin) }

// Present says whether the line has the text at all; the null sender is present
// and empty.
func (s Span) Present() bool { return s.end != 0 }

// Commands counts one session's SMTP commands, by Verb.
type Commands [NumVerbs]CommandCount

// CommandCount counts one verb in one session; Accepted <= Total.
type CommandCount struct {
	Accepted, Total uint32
}
