package lab

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"
)

// How many domains there are of each kind. Each dead one has an address of its
// own: the queue manager gives up on a destination after a few failures, and
// the picture of an attack is dozens of clients that wait at the same time.
const (
	goodDomains    = 6
	refusedDomains = 30
	timeoutDomains = 30
	forgedDomains  = 40
)

// World is the rest of the Internet: servers that take mail, servers that don't
// want it, and servers that aren't there.
type World struct {
	routes []route
	stops  []func()
}

// route sends a domain's mail to an address.
type route struct{ domain, transport, address string }

// fates are the living servers that don't take everything.
func fates() map[string]Replies {
	return map[string]Replies{
		"busy.test": {Recipient: rotate(
			"451 4.7.1 Greylisting in action, please come back later",
			"452 4.2.2 The recipient's mailbox is full",
			"421 4.7.0 Try again later, unusual rate of mail from your address",
		)},
		"grey.test":    {Recipient: greylist()},
		"unknown.test": {Recipient: rotate("550 5.1.1 User unknown")},
		"block.test": {Data: rotate(
			"554 5.7.1 Service unavailable; client host blocked using zen.example; see https://zen.example/q",
			"550 5.7.1 Message refused: likely unsolicited mail",
		)},
		"full.test":   {Recipient: rotate("552 5.2.2 Mailbox full")},
		PartnerDomain: {Recipient: partnerUsers},
	}
}

// partnerUsers are all but those who begin with nobody.
func partnerUsers(recipient string) string {
	if strings.HasPrefix(recipient, "nobody") {
		return "550 5.1.1 no such user at the partner's"
	}
	return ""
}

func startWorld(ctx context.Context) (*World, error) {
	w := &World{}
	if err := w.start(ctx); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *World) start(ctx context.Context) error {
	for i := range goodDomains {
		// Some of the world is far away.
		replies := Replies{Wait: time.Duration(i) * 40 * time.Millisecond}
		if err := w.sink(ctx, fmt.Sprintf("good%d.test", i+1), fmt.Sprintf("127.2.0.%d", i+1), replies); err != nil {
			return err
		}
	}
	living := fates()
	for i, domain := range slices.Sorted(maps.Keys(living)) {
		if err := w.sink(ctx, domain, fmt.Sprintf("127.2.1.%d", i+1), living[domain]); err != nil {
			return err
		}
	}
	closed, err := w.closedPort()
	if err != nil {
		return err
	}
	for i := range refusedDomains {
		w.add(fmt.Sprintf("refused%d.test", i+1), fmt.Sprintf("127.3.0.%d:%d", i+1, closed))
	}
	for i := range timeoutDomains {
		if err := w.blackhole(ctx, fmt.Sprintf("timeout%d.test", i+1), fmt.Sprintf("127.4.0.%d", i+1)); err != nil {
			return err
		}
	}
	if err := w.silent(ctx, "silent.test", "127.4.2.1"); err != nil {
		return err
	}
	// The senders that a spammer makes up live nowhere.
	for i := range forgedDomains {
		domain := fmt.Sprintf("forged%d.test", i+1)
		if i%2 == 0 {
			w.add(domain, fmt.Sprintf("127.3.1.%d:%d", i+1, closed))
		} else if err := w.blackhole(ctx, domain, fmt.Sprintf("127.4.1.%d", i+1)); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) add(domain, address string) {
	transport := "smtp"
	if domain == PartnerDomain {
		transport = "relay"
	}
	w.routes = append(w.routes, route{domain, transport, address})
}

// sink adds a domain whose server lives.
func (w *World) sink(ctx context.Context, domain, host string, replies Replies) error {
	address, err := w.serve(ctx, host, (&sink{replies: replies}).serve)
	if err != nil {
		return err
	}
	w.add(domain, address)
	return nil
}

// serve starts a server that has no domain, and gives its address.
func (w *World) serve(ctx context.Context, host string, serve func(context.Context, net.Conn)) (address string, err error) {
	s, err := startServer(ctx, host, serve)
	if err != nil {
		return "", err
	}
	w.stops = append(w.stops, s.stop)
	return s.address(), nil
}

// blackhole adds a domain whose server never answers: its listener's queue of
// one is full, so the kernel drops what else comes, and the client sees
// ETIMEDOUT as it would on the Internet.
func (w *World) blackhole(ctx context.Context, domain, host string) error {
	l, err := listen(ctx, host+":0")
	if err != nil {
		return err
	}
	w.stops = append(w.stops, func() { _ = l.Close() })
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var again error // listen(2) again sets a new backlog
	if err := raw.Control(func(fd uintptr) { again = syscall.Listen(int(fd), 0) }); err != nil {
		return err
	}
	if again != nil {
		return again
	}
	conn, err := dial(ctx, "", l.Addr().String())
	if err != nil {
		return err
	}
	w.stops = append(w.stops, func() { _ = conn.Close() })
	w.add(domain, l.Addr().String())
	return nil
}

// silent adds a domain whose server takes connections and never says a word: the
// kernel takes them.
func (w *World) silent(ctx context.Context, domain, host string) error {
	l, err := listen(ctx, host+":0")
	if err != nil {
		return err
	}
	w.stops = append(w.stops, func() { _ = l.Close() })
	w.add(domain, l.Addr().String())
	return nil
}

// closedPort is a port that refuses connections on every address of 127.3/16. It
// is bound and never listens, so that nobody else gets it meanwhile.
func (w *World) closedPort() (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	w.stops = append(w.stops, func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 3, 0, 1}}); err != nil {
		return 0, err
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return name.(*syscall.SockaddrInet4).Port, nil
}

// transport is Postfix's transport table.
func (w *World) transport() string {
	var b strings.Builder
	for _, r := range w.routes {
		fmt.Fprintf(&b, "%s %s:%s\n", r.domain, r.transport, bracketed(r.address))
	}
	return b.String()
}

func (w *World) stop() {
	for _, stop := range w.stops {
		stop()
	}
	w.stops = nil
}
