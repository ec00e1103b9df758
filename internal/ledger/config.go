package ledger

import (
	"fmt"
	"time"

	"postfix_exporter/parser"
)

// Config bounds the ledger. The zero value of a limit stands for its default.
type Config struct {
	// AccountLimit is how many accounts are remembered (default 100,000, at about
	// 250 bytes each and some hundred more for what they did within a day). When
	// it is reached, the one idle for longest goes.
	AccountLimit int
	// ShownAccounts is how many of them, the loudest, have figures of their own
	// (default 200); the others share the row Other.
	ShownAccounts int
	// MessageLimit is how many queue ids are remembered (default 1,000,000, at
	// about 100 bytes each); when it is reached, the least useful is forgotten.
	MessageLimit int
	// Classifier tells why deliveries failed; nil stands for one of the built-in
	// tables alone.
	Classifier *parser.Classifier
	// Clock tells how far time has gone on while the log is silent; nil stands
	// for log time alone.
	Clock func() time.Time
	// Seed keys the hashes of what strangers write. A ledger that runs for long
	// needs one that nobody knows; the same log under the same seed gives the
	// same figures. That of a snapshot stays when it is restored.
	Seed Seed
}

const (
	defaultAccountLimit  = 100_000
	defaultShownAccounts = 200
	defaultMessageLimit  = 1_000_000
	maxMessageLimit      = 1 << 30
)

// These tables have no flag: what fills them is not an attacker's choice, or
// only in part.
const (
	localUserLimit  = 10_000 // uids, at some hundred bytes each
	shownLocalUsers = 50
	forwardLimit    = 10_000 // domains
	shownForwards   = 50
	loopLimit       = 1000 // domains
	shownLoops      = 10
	guessLimit      = 65_536 // of network and name, at 48 bytes each
)

// complete fills in the defaults and says what is out of range.
func (c *Config) complete() error {
	for _, limit := range []struct {
		name         string
		value        *int
		normal, most int
	}{
		{"account limit", &c.AccountLimit, defaultAccountLimit, maxRows},
		{"limit of accounts shown", &c.ShownAccounts, defaultShownAccounts, maxRows},
		{"message limit", &c.MessageLimit, defaultMessageLimit, maxMessageLimit},
	} {
		if *limit.value == 0 {
			*limit.value = limit.normal
		}
		if *limit.value < 0 || *limit.value > limit.most {
			return fmt.Errorf("%s %d: must be above 0 and at most %d", limit.name, *limit.value, limit.most)
		}
	}
	return nil
}
