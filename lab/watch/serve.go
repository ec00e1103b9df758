package watch

import (
	"context"
	"net"
	"net/http"
	"time"
)

// server serves something on loopback, at a port of its own.
type server struct {
	http *http.Server
	addr string
}

// serve starts one. The context bounds the start only.
func serve(ctx context.Context, what http.Handler) (*server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{&http.Server{Handler: what, ReadHeaderTimeout: time.Minute}, l.Addr().String()}
	go func() { _ = s.http.Serve(l) }() // until stop
	return s, nil
}

func (s *server) stop() { _ = s.http.Close() }
