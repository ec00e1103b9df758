package lab

import (
	"context"
	"net"
	"sync"
	"time"
)

// server takes connections on a loopback address of its own.
type server struct {
	listener *net.TCPListener
	serve    func(context.Context, net.Conn)

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

const (
	serverSession = 5 * time.Minute // Postfix keeps a connection for a while
	serverConns   = 200             // more than Postfix's process limit
)

// startServer serves on a free port of a host, each connection by itself.
func startServer(ctx context.Context, host string, serve func(context.Context, net.Conn)) (*server, error) {
	l, err := listen(ctx, host+":0")
	if err != nil {
		return nil, err
	}
	s := &server{listener: l, serve: serve, conns: map[net.Conn]struct{}{}}
	go s.accept()
	return s, nil
}

func (s *server) address() string { return s.listener.Addr().String() }

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		if !s.hold(conn) {
			_ = conn.Close()
			continue
		}
		go func() {
			defer s.release(conn)
			ctx, cancel := context.WithTimeout(context.Background(), serverSession)
			defer cancel()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			s.serve(ctx, conn)
		}()
	}
}

func (s *server) hold(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= serverConns {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *server) release(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
}

func (s *server) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for conn := range s.conns {
		_ = conn.Close()
	}
}
