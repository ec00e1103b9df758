package attacks

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postfix_exporter/lab"
)

// down is a Postfix that ended.
func down() Scene {
	return Scene{
		Name: "down", Proves: "a Postfix that does not run pages after a minute",
		Wants: []Want{{Alert: "PostfixDown", Culprit: "master process of down", Page: true, Waits: time.Minute}},
		Play: func(_ context.Context, s *Stage) error {
			err := s.Postfix.Stop()
			s.Evident()
			return err
		},
	}
}

// exporterGone is what an attacker would do first.
func exporterGone() Scene {
	return Scene{
		Name: "blind-exporter", Proves: "an exporter that ends pages after three minutes",
		Wants: []Want{{Alert: "PostfixMonitoringBlind", Culprit: "can't read the exporter on blind-exporter", Page: true, Waits: 3 * time.Minute}},
		Play: func(_ context.Context, s *Stage) error {
			s.Exporters[0].Kill()
			s.Evident()
			return nil
		},
	}
}

// logSilent is a log that goes elsewhere while mail moves.
func logSilent() Scene {
	return Scene{
		Name: "blind-log", Proves: "a log that is silent while the queue moves pages (20 s instead of the shipped 15 min)",
		Thresholds: map[string]string{"log_silent_seconds": "20"},
		// 20 s, in which mail is no news, and a `for` of a minute, from the last line of the reload on.
		Wants: []Want{{Alert: "PostfixMonitoringBlind", Culprit: "last log line on blind-log", Page: true, Waits: 85 * time.Second}},
		Play: func(ctx context.Context, s *Stage) error {
			main := filepath.Join(s.Postfix.ConfigDir, "main.cf")
			text, err := os.ReadFile(main)
			if err != nil {
				return err
			}
			elsewhere := strings.Replace(string(text), "maillog_file = "+s.Postfix.LogFile, "maillog_file = "+s.Postfix.LogFile+".elsewhere", 1)
			if err := os.WriteFile(main, []byte(elsewhere), 0o644); err != nil { //nolint:gosec // Postfix's daemons read it
				return err
			}
			if err := s.Postfix.Reload(ctx); err != nil {
				return err
			}
			var last int64
			return until(ctx, time.Second, func() error {
				log, err := os.Stat(s.Postfix.LogFile)
				if err != nil {
					return err
				}
				if log.Size() != last { // it is silent from its last line on
					last = log.Size()
					s.Evident()
				}
				return s.deliver(ctx, "127.66.9.1", lab.Message{From: friends(1, 1)[0], To: []string{at("anna"), "x@" + lab.PartnerDomain}, Subject: "hello"})
			})
		},
	}
}

// policied has a policy service asked at each recipient; it is on a socket in the
// queue directory, where the scene serves it.
func policied() lab.Options {
	return lab.Options{MainCF: []string{
		"smtpd_recipient_restrictions = check_policy_service { unix:policy, default_action=DUNNO, try_limit=1, timeout=2s }",
	}}
}

// policy answers at the socket until the context ends.
func (s *Stage) policy(ctx context.Context) error {
	path := filepath.Join(s.Postfix.QueueDir, "policy")
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			context.AfterFunc(ctx, func() { _ = conn.Close() })
			go answerPolicy(conn)
		}
	}()
	return os.Chmod(path, 0o666) //nolint:gosec // Postfix's user connects
}

func answerPolicy(conn net.Conn) {
	request := make([]byte, 4096) // one fits
	for {
		n, err := conn.Read(request)
		if err != nil {
			return
		}
		if strings.HasSuffix(string(request[:n]), "\n\n") {
			_, _ = conn.Write([]byte("action=dunno\n\n"))
		}
	}
}

// everySecond is a message a second from a stranger.
func (s *Stage) everySecond(ctx context.Context) error {
	return until(ctx, time.Second, func() error {
		return s.deliver(ctx, "127.66.10.1", lab.Message{From: friends(1, 1)[0], To: []string{at("anna")}, Subject: "hello"})
	})
}

// filterDown is a policy service that has ended.
func filterDown() Scene {
	return Scene{
		Name: "filterdown", Proves: "a filter that does not come back pages",
		Server: policied(),
		// Not a `for`, but its two spans of errors.
		Wants: []Want{{Alert: "PostfixFilterDown", Culprit: "policy service", Page: true, Waits: 5 * time.Minute}},
		Play: func(ctx context.Context, s *Stage) error {
			s.Evident()
			return s.everySecond(ctx)
		},
	}
}

// filterRestart is one that comes back.
func filterRestart() Scene {
	return Scene{
		Name: "lookalike-filter", Proves: "a filter that restarts under load pages nobody", Tickets: 1,
		Server: policied(),
		Play: func(ctx context.Context, s *Stage) error {
			before, end := context.WithTimeout(ctx, 5*time.Second)
			defer end()
			if err := s.policy(before); err != nil {
				return err
			}
			if err := s.everySecond(before); err != nil {
				return err
			}
			away, end := context.WithTimeout(ctx, 15*time.Second)
			defer end()
			if err := s.everySecond(away); err != nil {
				return err
			}
			if err := s.logged(ctx, "warning: problem talking to server", 3); err != nil {
				return err // it was not missed
			}
			if err := s.policy(ctx); err != nil {
				return err
			}
			after, end := context.WithTimeout(ctx, 10*time.Second)
			defer end()
			return s.everySecond(after)
		},
	}
}
