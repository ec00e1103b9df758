package ledger

import "postfix_exporter/parser"

// A before-queue filter: smtpd logs the client without a queue id, and at the end
// of the message the reply of the filter, with the queue id that smtpd's back end
// gave it. The process joins the two.

// proxySlots is how many of smtpd's processes are remembered.
const proxySlots = 1 << 10

// proxies says for whom each process of smtpd last took a message.
type proxies struct {
	slots     []proxied
	evictions uint64
}

type proxied struct {
	process uint64 // 0: none
	owner   owner
}

func newProxies() proxies { return proxies{slots: make([]proxied, proxySlots)} }

func (p *proxies) enter(process uint64, o owner) {
	slot := p.slot(process)
	if slot.process != 0 && slot.process != process {
		p.evictions++
	}
	*slot = proxied{process, o}
}

func (p *proxies) slot(process uint64) *proxied {
	return &p.slots[process*0x9e3779b97f4a7c15>>54]
}

// process names the process that wrote a line.
func (s *State) process(ev *parser.Event) uint64 {
	key := s.domainKey(ev.Bytes(ev.Host))
	for _, digit := range ev.Bytes(ev.PID) {
		key = key*31 + uint64(digit)
	}
	return max(key, 1)
}

// proxied is a proxy's word that a message is in the queue: it belongs to whom
// the same process named before, else to the account in the line.
func (l *Ledger) proxied(ev *parser.Event) {
	s := &l.state
	id := ev.Bytes(ev.ChildQueueID)
	if ev.Action != parser.ActionAccept || len(id) == 0 {
		return
	}
	var o owner
	if slot := s.proxies.slot(s.process(ev)); slot.process == s.process(ev) {
		o = slot.owner
	} else if ev.SASLUsername.Len() > 0 {
		o = l.account(ev)
	} else {
		return
	}
	i := s.messages.find(id)
	switch {
	case i == 0:
		i = s.birth(id)
	case s.messages.at(i).has(flagClosed) && !s.messages.at(i).untold() && s.isOld(i):
		s.reset(i) // the id is used again
	}
	if i == 0 {
		return
	}
	if m := s.messages.at(i); m.untold() && m.origin != OriginLocal && !m.has(flagInherits) {
		m.flags |= flagProxied
		s.tell(i, o)
	}
}

func (s *State) walkProxies(c *codec) {
	c.uint64(&s.proxies.evictions)
	sparse(c, s.proxies.slots, func(p *proxied) bool { return p.process != 0 }, func(p *proxied) {
		c.uint64(&p.process)
		s.walkOwner(c, &p.owner)
	}, func(p *proxied) { *s.proxies.slot(p.process) = *p })
}
