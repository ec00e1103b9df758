package parser

// The closed lists of this grammar. Their String methods give the words that
// metrics use as label values; every list is dense from 0, so that counts can
// stand in arrays, and ends in a Num constant.

// Severity is the marker that Postfix writes before a message (util/msg(3)).
type Severity uint8

const (
	SeverityInfo Severity = iota
	SeverityWarning
	SeverityError
	SeverityFatal
	SeverityPanic

	NumSeverities = int(SeverityPanic) + 1
)

// Stage is the SMTP command at which something happened (smtpd/smtpd.h).
type Stage uint8

const (
	StageNone Stage = iota
	StageConnect
	StageHelo
	StageEhlo
	StageStartTLS
	StageAuth
	StageMail
	StageRcpt
	StageData
	StageBdat
	StageDataContent
	StageBdatContent
	StageEndOfMessage
	StageRset
	StageNoop
	StageVrfy
	StageEtrn
	StageQuit
	StageXclient
	StageXforward
	StageHelp
	StageUnknown
	StageOther

	NumStages = int(StageOther) + 1
)

// Verb is an SMTP command as smtpd(8) counts it at disconnect.
type Verb uint8

const (
	VerbHelo Verb = iota
	VerbEhlo
	VerbXclient
	VerbXforward
	VerbStartTLS
	VerbAuth
	VerbMail
	VerbRcpt
	VerbData
	VerbBdat
	VerbRset
	VerbNoop
	VerbVrfy
	VerbEtrn
	VerbQuit
	VerbHelp
	VerbUnknown

	NumVerbs = int(VerbUnknown) + 1
)

// LostKind is how a session ended early.
type LostKind uint8

const (
	LostNone LostKind = iota
	LostConnection
	LostTimeout
	LostTooManyErrors

	NumLostKinds = int(LostTooManyErrors) + 1
)

// Action is what smtpd(8), cleanup(8) or a Milter did (access(5), header_checks(5)).
type Action uint8

const (
	ActionNone Action = iota
	ActionReject
	ActionRejectWarning // warn_if_reject, soft_bounce
	ActionWarn
	ActionInfo
	ActionHold
	ActionDiscard
	ActionFilter
	ActionRedirect
	ActionBCC
	ActionDelay
	ActionHangup
	ActionPrepend
	ActionReplace
	ActionStrip
	ActionAccept // proxy-accept
	ActionTrigger
	ActionQuarantine
	ActionOther

	NumActions = int(ActionOther) + 1
)

// RejectReason is why smtpd(8), postscreen(8), cleanup(8) or a Milter refused,
// told from Postfix's own words.
type RejectReason uint8

const (
	RejectOther RejectReason = iota
	RejectRelayDenied
	RejectUserUnknown
	RejectDNSBL
	RejectHelo
	RejectSenderDomain
	RejectRateLimit
	RejectGreylist
	RejectPolicy
	RejectSPF
	RejectMilter
	RejectContent
	RejectSize
	RejectTLS

	NumRejectReasons = int(RejectTLS) + 1
)

// Violation is a breach of the SMTP protocol.
type Violation uint8

const (
	ViolationNone Violation = iota
	ViolationPipelining
	ViolationNonSMTP
	ViolationBareLF
	ViolationAddressSyntax
	ViolationBDAT
	ViolationLongRequest
	ViolationPregreet

	NumViolations = int(ViolationPregreet) + 1
)

// Limit is a limit of anvil(8) that a client went over.
type Limit uint8

const (
	LimitNone Limit = iota
	LimitConnectionConcurrency
	LimitConnectionRate
	LimitMessageRate
	LimitRecipientRate
	LimitNewTLSRate
	LimitAuthRate
	LimitOther

	NumLimits = int(LimitOther) + 1
)

// SASLReason is why an authentication failed.
type SASLReason uint8

const (
	SASLNone SASLReason = iota
	SASLCredentials
	SASLBackendDown
	SASLMechanism
	SASLAborted

	NumSASLReasons = int(SASLAborted) + 1
)

// Status is the outcome of one delivery attempt for one recipient (log_adhoc(3)).
type Status uint8

const (
	StatusNone Status = iota
	StatusSent
	StatusDeferred
	StatusBounced
	StatusExpired
	StatusDeliverable   // address probe: no mail was sent
	StatusUndeliverable // address probe
	StatusSoftBounce    // soft_bounce=yes: a bounce made a deferral
	StatusOther

	NumStatuses = int(StatusOther) + 1
)

// Notification is a message that bounce(8) made.
type Notification uint8

const (
	NotificationNone Notification = iota
	NotificationNonDelivery
	NotificationDelay
	NotificationSuccess // "delivery status notification", asked for by the sender
	NotificationPostmaster
	NotificationPostmasterDelay
	NotificationFailed // the notification itself could not be made (3.11+)

	NumNotifications = int(NotificationFailed) + 1
)

// PostscreenEvent is what postscreen(8) saw.
type PostscreenEvent uint8

const (
	PostscreenNone PostscreenEvent = iota
	PostscreenConnect
	PostscreenPassNew
	PostscreenPassOld
	PostscreenAllowlisted
	PostscreenDenylisted
	PostscreenAllowlistVeto
	PostscreenPregreet
	PostscreenDNSBL
	PostscreenHangup
	PostscreenCommandPipelining
	PostscreenCommandTimeLimit
	PostscreenCommandCountLimit
	PostscreenCommandLengthLimit
	PostscreenNonSMTPCommand
	PostscreenBareNewline
	PostscreenDataWithoutRcpt
	PostscreenDisconnect
	PostscreenReject
	PostscreenBusy // all screening or server ports busy, too many connections
	PostscreenStress
	PostscreenRelaxed

	NumPostscreenEvents = int(PostscreenRelaxed) + 1
)

// AnvilStatistic is a peak that anvil(8) reports.
type AnvilStatistic uint8

const (
	AnvilNone AnvilStatistic = iota
	AnvilConnectionRate
	AnvilConnectionCount
	AnvilMessageRate
	AnvilRecipientRate
	AnvilNewTLSRate
	AnvilAuthRate
	AnvilTLSTraceRate
	AnvilCacheSize

	NumAnvilStatistics = int(AnvilCacheSize) + 1
)

// TLSDirection says who opened the connection.
type TLSDirection uint8

const (
	TLSNone TLSDirection = iota
	TLSInbound
	TLSOutbound

	NumTLSDirections = int(TLSOutbound) + 1
)

// TLSTrust is what Postfix thinks of the peer's certificate.
type TLSTrust uint8

const (
	TrustNone TLSTrust = iota
	TrustAnonymous
	TrustUntrusted
	TrustTrusted
	TrustVerified

	NumTLSTrusts = int(TrustVerified) + 1
)

// TLSProtocol is the protocol version agreed on.
type TLSProtocol uint8

const (
	TLSOther TLSProtocol = iota
	SSLv3
	TLSv1
	TLSv11
	TLSv12
	TLSv13

	NumTLSProtocols = int(TLSv13) + 1
)

// Loss is why log lines never came.
type Loss uint8

const (
	LossNone Loss = iota
	LossJournaldRateLimit
	LossRsyslogRateLimit
	LossJournaldForward

	NumLosses = int(LossJournaldForward) + 1
)

// DovecotProtocol is the service of Dovecot that a client logged in to.
type DovecotProtocol uint8

const (
	DovecotOther DovecotProtocol = iota
	DovecotIMAP
	DovecotPOP3
	DovecotSubmission
	DovecotManageSieve
	DovecotAuth // the auth process itself, on behalf of Postfix or another client

	NumDovecotProtocols = int(DovecotAuth) + 1
)

// DovecotReason is why a login failed.
type DovecotReason uint8

const (
	DovecotReasonOther DovecotReason = iota
	DovecotAuthFailed
	DovecotNoAuth   // no attempt was made
	DovecotAborted  // the client gave up
	DovecotTLS      // TLS handshake failed
	DovecotPassword // password mismatch
	DovecotUnknownUser
	DovecotDisallowed // user name with refused characters, disabled account or plaintext disallowed
	DovecotBackend    // the authentication back end failed
	DovecotTimeout
	DovecotLimit // too many connections of one user

	NumDovecotReasons = int(DovecotLimit) + 1
)
