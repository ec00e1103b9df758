package ledger

// Origin is how a message came into the queue.
type Origin uint8

const (
	originPending Origin = iota // no line has told it yet

	OriginSASL    // an authenticated account
	OriginLocal   // sendmail(1), by a local uid
	OriginNetwork // a client in mynetworks, without authentication
	OriginInbound // a stranger
	OriginBounce  // bounce(8)
	OriginForward // local(8), for an alias or a .forward file
	OriginUnknown // accepted before the log was read, or made here by a program that logs no link

	originProbe // address verification: no message at all

	numOrigins = int(originProbe) + 1
)

// Origins lists the origins that a message can have.
func Origins() []Origin {
	return []Origin{OriginSASL, OriginLocal, OriginNetwork, OriginInbound, OriginBounce, OriginForward, OriginUnknown}
}

func (o Origin) String() string {
	return [numOrigins]string{"pending", "sasl", "local", "network", "inbound", "bounce", "forward", "unknown", "probe"}[o]
}

// Accepted counts messages accepted into the queue, each once, and their
// recipients after alias expansion.
type Accepted struct {
	Messages, Recipients uint64
}

func (a *Accepted) walk(c *codec) {
	c.uint64(&a.Messages)
	c.uint64(&a.Recipients)
}
