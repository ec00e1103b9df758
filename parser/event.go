package parser

import "time"

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
// Every []byte field aliases the line given to Parse and lives exactly as long
// as that line's bytes do: whoever keeps one copies it. A field that the line
// does not carry is nil, zero, or the None value of its type. Text fields are
// what the log holds, as it holds it, and may have been written by an
// attacker: never a label, a format string or a shell word.
type Event struct {
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

	UID  uint32 // local submitter, KindPickup
	Time int64  // nanoseconds since the epoch; 0 where the line carries no time

	Value      int64 // a count, with the meaning that Kind gives it
	Size       int64 // bytes of the message as queued
	Recipients int64 // nrcpt= of the queue manager
	ConnUse    int64 // deliveries over this connection so far, 0 where not logged

	// Delay is the time from arrival to this attempt's end; Delays its parts:
	// before the queue manager, in the queue manager, connection set-up,
	// transmission. Postfix rounds them (delay_logging_resolution_limit).
	Delay  time.Duration
	Delays [4]time.Duration

	Host       []byte // of the log line
	PID        []byte // process id, decimal, where the line has one
	SyslogName []byte // the tag before its last '/': "postfix", "postfix/submission"; may be empty
	Program    []byte // the tag after its last '/': "smtpd"
	QueueID    []byte // short or long form, at most MaxQueueID bytes

	Client        []byte // host name as Postfix verified it, or "unknown"
	ClientAddress []byte // IPv4, IPv6 without "IPv6:", or "unknown"
	ClientPort    []byte

	SASLMethod   []byte // the client's word: label through Mechanism
	SASLUsername []byte
	SASLSender   []byte

	OrigQueueID  []byte // first pass of a filtered or requeued message
	OrigClient   []byte // name[address] of the first pass
	ChildQueueID []byte // the message that this one gave rise to, in the words of the logging program: remote text where Relay is not ours

	From   []byte // envelope sender without <>, empty for the null sender
	To     []byte
	OrigTo []byte
	Proto  []byte
	Helo   []byte

	Relay        []byte // the whole of relay=
	RelayHost    []byte // its host or transport name
	RelayAddress []byte // its address, or a socket's path

	MessageID []byte
	Text      []byte // reply, reason or detail
	Service   []byte // master.cf service, policy or list name, as Kind says
	TLSPolicy []byte // tls= of Postfix 3.11 on
	Cipher    []byte

	Commands Commands // KindDisconnect
}

// Commands counts one session's SMTP commands, by Verb.
type Commands [NumVerbs]CommandCount

// CommandCount counts one verb in one session; Accepted <= Total.
type CommandCount struct {
	Accepted, Total uint32
}
