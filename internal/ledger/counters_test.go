package ledger

import (
	"math"
	"testing"
	"time"

	"postfix_exporter/parser"
)

func TestRejects(t *testing.T) {
	reject := func(kind parser.Kind, action parser.Action, reason parser.RejectReason, code uint16) parser.Event {
		return named(parser.Event{
			Kind: kind, Daemon: parser.Smtpd, Action: action, Stage: parser.StageRcpt, RejectReason: reason, Code: code,
		}, "postfix")
	}
	want := func(reason parser.RejectReason, code uint32) Reject {
		return Reject{Name: 1, Stage: parser.StageRcpt, Reason: reason, Code: code}
	}
	tests := map[string]struct {
		event parser.Event
		want  []Reject
	}{
		"smtpd":          {reject(parser.KindReject, parser.ActionReject, parser.RejectRelayDenied, 554), []Reject{want(parser.RejectRelayDenied, 554)}},
		"warn_if_reject": {reject(parser.KindReject, parser.ActionRejectWarning, parser.RejectRelayDenied, 554), nil},
		"a hold":         {reject(parser.KindMilter, parser.ActionHold, parser.RejectMilter, 0), nil},
		"a milter":       {reject(parser.KindMilter, parser.ActionReject, parser.RejectOther, 451), []Reject{want(parser.RejectMilter, 451)}},
		"header checks":  {reject(parser.KindContent, parser.ActionReject, parser.RejectOther, 0), []Reject{want(parser.RejectContent, 0)}},
		"a proxy":        {reject(parser.KindProxy, parser.ActionReject, parser.RejectOther, 550), []Reject{want(parser.RejectOther, 550)}},
		"proxy-accept":   {reject(parser.KindProxy, parser.ActionAccept, parser.RejectOther, 250), nil},
		"a code below":   {reject(parser.KindReject, parser.ActionReject, parser.RejectOther, 199), []Reject{want(parser.RejectOther, 0)}},
		"a code above":   {reject(parser.KindReject, parser.ActionReject, parser.RejectOther, 600), []Reject{want(parser.RejectOther, 0)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newTestLog(t, Config{})
			l.add(tt.event, tt.event)
			l.Read(func(s *State) {
				var got []Reject
				for _, row := range s.Rejects.All() {
					got = append(got, row.Key)
					if row.N != 2 {
						t.Errorf("counted %d, want 2", row.N)
					}
				}
				if len(got) != len(tt.want) || len(got) == 1 && got[0] != tt.want[0] {
					t.Errorf("rows %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

func TestRejectElsewhere(t *testing.T) {
	l := newTestLog(t, Config{})
	l.add(
		parser.Event{Kind: parser.KindReject, Action: parser.ActionReject, Daemon: parser.Postscreen},
		parser.Event{Kind: parser.KindReject, Action: parser.ActionReject, Daemon: parser.Smtpd, Violation: parser.ViolationBareLF},
	)
	l.Read(func(s *State) {
		if got := s.Postscreen[parser.PostscreenReject]; got != 1 {
			t.Errorf("postscreen rejects: %d, want 1", got)
		}
		if got := s.Smtpd[1].Violations[parser.ViolationBareLF]; got != 1 {
			t.Errorf("bare <LF>: %d, want 1", got)
		}
	})
}

func TestCommands(t *testing.T) {
	ev := named(parser.Event{Kind: parser.KindDisconnect}, "postfix")
	ev.Commands = new(parser.Commands)
	ev.Commands[parser.VerbAuth] = parser.CommandCount{Accepted: 0, Total: 7}
	ev.Commands[parser.VerbRcpt] = parser.CommandCount{Accepted: 2, Total: 3}
	ev.Commands[parser.VerbMail] = parser.CommandCount{Accepted: 9, Total: 3} // against the grammar: must not wrap
	l := newTestLog(t, Config{})
	l.add(ev, ev)
	l.Read(func(s *State) {
		c := s.Smtpd[1]
		if c.Disconnects != 2 || c.Commands[parser.VerbAuth] != (Command{0, 14}) || c.Commands[parser.VerbRcpt] != (Command{4, 2}) ||
			c.Commands[parser.VerbMail].Rejected != 0 {
			t.Errorf("%+v", c)
		}
	})
}

func TestDelays(t *testing.T) {
	l := newTestLog(t, Config{})
	for status, delays := range map[parser.Status][4]time.Duration{
		parser.StatusSent:        {time.Second, time.Second + time.Microsecond, -time.Second, 10 * 24 * time.Hour},
		parser.StatusDeferred:    {time.Hour, time.Hour, time.Hour, time.Hour},
		parser.StatusDeliverable: {time.Hour, time.Hour, time.Hour, time.Hour},
	} {
		ev := delivery(idA, status)
		ev.Delays = delays
		l.add(ev)
	}
	l.Read(func(s *State) {
		for stage, want := range []struct {
			sum            float64
			below1, below5 uint64
		}{{1, 1, 1}, {1.000001, 0, 1}, {0, 1, 1}, {864000, 0, 0}} {
			count, sum, buckets := s.Delays[parser.SMTP][stage].Cumulative()
			if count != 1 || math.Abs(sum-want.sum) > 1e-9 || buckets[1] != want.below1 || buckets[5] != want.below5 {
				t.Errorf("stage %d: count %d sum %v buckets %v, want %+v", stage, count, sum, buckets, want)
			}
		}
	})
}

func TestFailures(t *testing.T) {
	l := newTestLog(t, Config{})
	for status := range parser.NumStatuses {
		l.add(delivery(idA, parser.Status(status)))
	}
	l.Read(func(s *State) {
		for status := range s.Failures {
			sum := uint64(0)
			for _, providers := range s.Failures[status] {
				for _, n := range providers {
					sum += n
				}
			}
			want := uint64(0)
			switch parser.Status(status) {
			case parser.StatusDeferred, parser.StatusBounced, parser.StatusSoftBounce:
				want = 1
			}
			if sum != want {
				t.Errorf("%v: %d failures, want %d", parser.Status(status), sum, want)
			}
		}
	})
}

func TestCounters(t *testing.T) {
	const name = "postfix/submission"
	tests := map[string]struct {
		event parser.Event
		get   func(*State) uint64
	}{
		"sasl failure by registered method": {
			tried(named(parser.Event{Kind: parser.KindSASLFailure, SASLReason: parser.SASLCredentials}, name), "login"),
			func(s *State) uint64 {
				return s.Smtpd[1].SASLFailures[parser.MechanismLogin][parser.SASLCredentials]
			},
		},
		"sasl failure by a method of the client's making": {
			tried(named(parser.Event{Kind: parser.KindSASLFailure, SASLReason: parser.SASLMechanism}, name), "X\"}"),
			func(s *State) uint64 {
				return s.Smtpd[1].SASLFailures[parser.MechanismOther][parser.SASLMechanism]
			},
		},
		"lost connection": {
			named(parser.Event{Kind: parser.KindConnectionLost, Lost: parser.LostTimeout, Stage: parser.StageAuth}, name),
			func(s *State) uint64 { return s.Smtpd[1].Lost[parser.LostTimeout][parser.StageAuth] },
		},
		"expired": {
			parser.Event{Kind: parser.KindExpired, Daemon: parser.Qmgr}, func(s *State) uint64 { return s.Expired },
		},
		"expiry asked for is none yet": {
			parser.Event{Kind: parser.KindExpired, Daemon: parser.Postsuper}, func(s *State) uint64 { return s.Expired + 2 },
		},
		"process limit": {
			func() parser.Event {
				ev := parser.Event{Kind: parser.KindProcessLimit}
				ev.Service = ev.Add("smtp")
				return ev
			}(), func(s *State) uint64 { return s.ProcessLimit[1] },
		},
		"auth's own word on a dovecot login": {
			parser.Event{Kind: parser.KindDovecotAuthFailure, DovecotProtocol: parser.DovecotIMAP, DovecotReason: parser.DovecotPassword},
			func(s *State) uint64 { return s.DovecotFailures[parser.DovecotAuth][parser.DovecotPassword] },
		},
		"an unknown line counts nothing": {
			named(parser.Event{Outcome: parser.Unknown, Kind: parser.KindConnect}, name),
			func(s *State) uint64 { return s.Smtpd[1].Connects + 2 },
		},
		"the last report's peak": {
			named(parser.Event{Kind: parser.KindAnvil, Anvil: parser.AnvilMessageRate, Value: 2}, name),
			func(s *State) uint64 { return uint64(s.Anvil[1][parser.AnvilMessageRate]) },
		},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			l := newTestLog(t, Config{})
			l.add(tt.event, tt.event)
			l.Read(func(s *State) {
				if got := tt.get(s); got != 2 {
					t.Errorf("%d, want 2", got)
				}
			})
		})
	}
}
