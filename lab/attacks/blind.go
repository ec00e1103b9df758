package attacks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Small causes for which the exporter sees less than there is.

// syslog adds lines to the server's log, of programs other than the lab's.
func (s *Stage) syslog(lines ...string) error {
	log, err := os.OpenFile(s.Postfix.LogFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	stamp := time.Now().Format(time.Stamp) + " mail "
	_, err = log.WriteString(stamp + strings.Join(lines, "\n"+stamp) + "\n")
	return errors.Join(err, log.Close())
}

// logLost is a journal that drops lines, and says so.
func logLost() Scene {
	return Scene{
		Name: "blind-lost", Proves: "log lines that journald's rate limit dropped make a ticket",
		Wants: []Want{{Alert: "PostfixMonitoringBlind", Culprit: "log lines on blind-lost were lost"}},
		Play: func(_ context.Context, s *Stage) error {
			err := s.syslog("systemd-journald[2]: Suppressed 170 messages from postfix@-.service")
			s.Evident()
			return err
		},
	}
}

// logUnknown is a Postfix that writes what the exporter does not know.
func logUnknown() Scene {
	return Scene{
		Name: "blind-unknown", Proves: "a log that the exporter does not understand makes a ticket",
		Wants: []Want{{Alert: "PostfixMonitoringBlind", Culprit: "lines in 5 minutes on blind-unknown are of no known shape", Waits: 5 * time.Minute}},
		Play: func(ctx context.Context, s *Stage) error {
			var lines []string
			for n := range 150 {
				lines = append(lines, fmt.Sprintf("postfix/smtpd[%d]: this is no line of any Postfix", n+1))
			}
			if err := s.syslog(lines...); err != nil {
				return err
			}
			s.Evident()
			return until(ctx, time.Minute, func() error { return s.syslog(lines...) })
		},
	}
}

// queueUnread is a queue of which a part can't be read.
func queueUnread() Scene {
	return Scene{
		Name: "blind-queue", Proves: "a collector that fails makes a ticket",
		Wants: []Want{{Alert: "PostfixMonitoringBlind", Culprit: "Collector queue on blind-queue fails", Waits: 5 * time.Minute}},
		Play: func(_ context.Context, s *Stage) error {
			hold := filepath.Join(s.Postfix.QueueDir, "hold")
			err := errors.Join(os.Rename(hold, hold+".away"), os.Symlink(hold+".away", hold)) // links are not followed
			s.Evident()
			return err
		},
	}
}

// collectorOff is an exporter that leaves out what alerts need.
func collectorOff() Scene {
	return Scene{
		Name: "blind-metric", Proves: "a metric that alerts need, and that is not there, makes a ticket",
		Exporter: []string{"--no-collector.process"},
		Wants:    []Want{{Alert: "PostfixMonitoringBlind", Culprit: "does not export postfix_processes", Waits: 5 * time.Minute}},
		Play: func(_ context.Context, s *Stage) error {
			s.Evident()
			return nil
		},
	}
}
