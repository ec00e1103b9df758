package lab

import (
	"context"
	"errors"
	"net"
)

// freePorts finds loopback addresses that nobody listens on now.
func freePorts(ctx context.Context, n int) (addresses []string, err error) {
	var open []*net.TCPListener // until all are found: no two the same
	for range n {
		l, err := listen(ctx, "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, closeAll(open))
		}
		open = append(open, l)
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, closeAll(open)
}

func closeAll(listeners []*net.TCPListener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

func listen(ctx context.Context, address string) (*net.TCPListener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", address)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}
