package lab

import (
	"context"
	"errors"
	"net"
)

// freePorts finds two loopback addresses that nobody listens on now.
func freePorts(ctx context.Context) (a, b string, err error) {
	first, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	second, err := listen(ctx, "127.0.0.1:0") // with the first still open: not the same
	if err != nil {
		return "", "", errors.Join(err, first.Close())
	}
	return first.Addr().String(), second.Addr().String(), errors.Join(first.Close(), second.Close())
}

func listen(ctx context.Context, address string) (*net.TCPListener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", address)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}
