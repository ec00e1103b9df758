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
	known := make([]bool, len(told))
	for _, i := range truth.Attacks {
		s.Cases = append(s.Cases, one(truth.Seed, i, told, known))
	}
	for n := range told {
		if known[n] || len(told[n].New) == 0 {
			continue
		}
		a := &told[n].New[0]
		s.False = append(s.False, False{
			Seed: truth.Seed, At: told[n].At, Page: told[n].Receiver == PagerName, Alert: string(a.Labels["alertname"]), Culprit: Culprit(a),
			LookAlike: lookAlike(a, truth.LookAlikes),
		})
	}
	return s
}

// one finds what was told of an attack, and notes which notifications were about
// any.
func one(seed uint64, i *traffic.Incident, told []pager.Notification, known []bool) Case {
	k := kindOf(i.Kind)
	c := Case{Seed: seed, ID: i.ID, Kind: i.Kind, Recipients: i.Recipients, Names: k.culprit != ""}
	for n := range told {
		for j := range told[n].New {
			a := &told[n].New[j]
			if !about(a, i) {
				continue
			}
			known[n] = true
			page := told[n].Receiver == PagerName
			if page {
				c.Pages++
			} else {
				c.Tickets++
			}
			if !c.Found && (page || !k.pages) {
				c.Found = true
				c.found(a, told[n].At, i)
			}
			break
		}
	}
	return c
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
