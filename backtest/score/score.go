package score

import (
	"time"

	"postfix_exporter/backtest/pager"
	"postfix_exporter/lab/traffic"
)

// Case is an attack and what was told of it.
type Case struct {
	Seed       uint64        `json:"seed"`
	ID         string        `json:"id"`
	Kind       string        `json:"kind"`
	Recipients int           `json:"recipients"` // in all
	Found      bool          `json:"found"`      // by a page; by a ticket where its kind makes no pages
	RightKind  bool          `json:"right_kind"`
	Names      bool          `json:"names"` // its alerts name a culprit
	RightOne   bool          `json:"right_culprit"`
	Delay      time.Duration `json:"delay"` // after its first recipient, or its first act
	Gone       int64         `json:"gone"`  // recipients, or events, by then
	Networks   int64         `json:"networks"`
	Limited    bool          `json:"limited"` // its kind has a time in which it should be paged
	InTime     bool          `json:"in_time"`
	Pages      int           `json:"pages"`
	Tickets    int           `json:"tickets"`
}

// False is a page or a ticket about no attack.
type False struct {
	Seed      uint64    `json:"seed"`
	At        time.Time `json:"at"`
	Page      bool      `json:"page"`
	Alert     string    `json:"alert"`
	Culprit   string    `json:"culprit"`
	LookAlike string    `json:"look_alike"`
}

// Score is what came of one log or several.
type Score struct {
	Days  float64 `json:"days"`
	Cases []Case  `json:"cases"`
	False []False `json:"false"`
}

// Add adds another log's.
func (s *Score) Add(more *Score) {
	s.Days += more.Days
	s.Cases = append(s.Cases, more.Cases...)
	s.False = append(s.False, more.False...)
}

// PagerName is the receiver that wakes somebody.
const PagerName = "pager"

// Of compares notifications with the truth.
func Of(truth *traffic.Truth, told []pager.Notification) *Score {
	s := &Score{Days: truth.End.Sub(truth.Start).Hours() / 24}
	cases := map[*traffic.Incident]*Case{}
	for _, i := range truth.Attacks {
		cases[i] = &Case{Seed: truth.Seed, ID: i.ID, Kind: i.Kind, Recipients: i.Recipients, Names: kindOf(i.Kind).culprit != ""}
	}
	for n := range told {
		if len(told[n].New) > 0 && !tell(cases, truth.Attacks, &told[n]) {
			s.False = append(s.False, falseAlarm(truth, &told[n]))
		}
	}
	for _, i := range truth.Attacks {
		c := cases[i]
		c.Limited, c.InTime = c.inTime(i)
		s.Cases = append(s.Cases, *c)
	}
	return s
}

// tell notes a notification with the attacks that it is about, and says whether
// there are any.
func tell(cases map[*traffic.Incident]*Case, attacks []*traffic.Incident, n *pager.Notification) bool {
	seen := map[*traffic.Incident]bool{}
	for j := range n.New {
		i := meant(&n.New[j], attacks)
		if i == nil || seen[i] {
			continue
		}
		seen[i] = true
		c, page := cases[i], n.Receiver == PagerName
		if page {
			c.Pages++
		} else {
			c.Tickets++
		}
		if !c.Found && (page || !kindOf(i.Kind).pages) {
			c.Found = true
			c.found(&n.New[j], n.At, i)
		}
	}
	return len(seen) > 0
}

// meant gives the attack that an alert is about, the last that began if there
// are several; nil for none.
func meant(a *pager.Alert, attacks []*traffic.Incident) (last *traffic.Incident) {
	for _, i := range attacks {
		if about(a, i) && (last == nil || !i.Start.Before(last.Start)) {
			last = i
		}
	}
	return last
}

func falseAlarm(truth *traffic.Truth, n *pager.Notification) False {
	a := &n.New[0]
	return False{
		Seed: truth.Seed, At: n.At, Page: n.Receiver == PagerName, Alert: string(a.Labels["alertname"]), Culprit: Culprit(a),
		LookAlike: lookAlike(a, truth.LookAlikes),
	}
}

func (c *Case) found(a *pager.Alert, at time.Time, i *traffic.Incident) {
	begin := i.Start
	if i.FirstRecipient != nil {
		begin = *i.FirstRecipient
	}
	c.RightKind, c.RightOne = rightKind(a, i), Culprit(a) == i.Culprit.Name
	c.Delay = at.Sub(begin)
	by := i.By(at)
	c.Gone, c.Networks = by[traffic.AtRecipients], by[traffic.AtNetworks]
	if i.Origin == "" {
		c.Gone = by[traffic.AtEvents]
	}
}
