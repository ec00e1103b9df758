// Package traffic writes the log of a Postfix that never was: weeks of ordinary
// mail, what only looks bad, and attacks, together with the truth about them. It
// is made of one seed: the same Config gives the same bytes. What was never sent
// costs nothing, so that a month takes a minute or two and little memory.
//
// Everybody who acts has a file of his own; mx.go, session.go and delivery.go
// are the mail server, which all of them use.
package traffic

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Config says what to make.
type Config struct {
	Seed  uint64
	Start time.Time // a full hour
	Days  int
	// Accounts is how many there are; all other traffic grows with it. A thousand
	// make some 170,000 messages a day.
	Accounts int
	// Rounds is how often each kind of attack occurs, at random times from the
	// second day on, spread over the log; 0 for ordinary days only.
	Rounds int
	// Kinds are the kinds of attacks; empty for all, see Kinds.
	Kinds []string
	// Progress is called once for each hour of log time with its number; nil for
	// nobody.
	Progress func(hours int)
}

func (c Config) length() time.Duration { return time.Duration(c.Days) * 24 * time.Hour }

func (c Config) check() error {
	switch {
	case c.Start.IsZero() || !c.Start.Equal(c.Start.Truncate(time.Hour)):
		return fmt.Errorf("start %s: must be a full hour", c.Start.Format(time.RFC3339))
	case c.Days < 1 || c.Days > 366:
		return fmt.Errorf("%d days: must be 1 to 366", c.Days)
	case c.Accounts < 20 || c.Accounts > 15000:
		return fmt.Errorf("%d accounts: must be 20 to 15000", c.Accounts)
	case c.Rounds < 0 || c.Rounds > 100:
		return fmt.Errorf("%d rounds of attacks: must be 0 to 100", c.Rounds)
	case c.Rounds > 0 && c.Days < 3:
		return errors.New("attacks need 3 days at least: they begin on the second")
	}
	return nil
}

// Generate writes the log to w, and gives the truth about it. What has begun when
// the last day ends is written to its end: some lines are stamped later.
func Generate(w io.Writer, c Config) (*Truth, error) {
	c.Start = c.Start.UTC()
	if err := c.check(); err != nil {
		return nil, err
	}
	truth := newTruth(c)
	world := newWorld(w, c, truth)
	world.ordinary()
	if err := world.attacks(); err != nil {
		return nil, err
	}
	hour := 0
	err := world.agenda.run(c.length(), func(now at) error {
		for ; c.Progress != nil && at(hour+1)*time.Hour <= now; hour++ {
			c.Progress(hour + 1)
		}
		return world.journal.flush(now)
	})
	if err == nil {
		err = world.journal.close()
	}
	if err != nil {
		return nil, fmt.Errorf("writing the log: %w", err)
	}
	truth.tick()
	truth.Lines = world.journal.count
	return truth, nil
}
