package collector

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/spool"
)

// files sends what only the queue's files tell.
func (c *Queue) files(s *spool.Snapshot, ch chan<- prometheus.Metric) {
	c.accounts(&s.Accounts, ch)
	c.localUsers(&s.Users, ch)
	for late := range spool.Lateness(spool.NumLatenesses) {
		ch <- c.overdue.sample(float64(s.Overdue[late]), late.String())
	}
	ch <- c.domains.sample(float64(s.Domains))
	for i, n := range s.Busiest {
		ch <- c.busiest.sample(float64(n), strconv.Itoa(i+1))
	}
	ch <- c.unread.sample(float64(s.Unread))
	ch <- c.faults.sample(float64(s.Faults.Unreadable), "unreadable")
	ch <- c.faults.sample(float64(s.Faults.Malformed), "malformed")
}

func (c *Queue) accounts(shares *spool.Shares[string], ch chan<- prometheus.Metric) {
	other := shares.Other
	for _, share := range shares.Largest {
		if c.names.Account == nil {
			other += share.Messages
			continue
		}
		ch <- c.account.sample(float64(share.Messages), c.names.Account(share.Key))
	}
	ch <- c.account.sample(float64(other), otherLabel)
}

func (c *Queue) localUsers(shares *spool.Shares[uint32], ch chan<- prometheus.Metric) {
	for _, share := range shares.Largest {
		uid, name := strconv.FormatUint(uint64(share.Key), 10), ""
		if c.names.User != nil {
			name = c.names.User(uid)
		}
		ch <- c.localUser.sample(float64(share.Messages), uid, name)
	}
	ch <- c.localUser.sample(float64(shares.Other), otherLabel, "")
}

// number is 1 for true.
func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
