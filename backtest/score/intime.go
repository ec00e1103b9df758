package score

import (
	"time"

	"postfix_exporter/lab/traffic"
)

// A page comes in time a minute after a burst began. Of what is slower, before
// so many more recipients have got it since it could be told from ordinary mail,
// or before the client after those that a traveller may have.
const (
	inTimeBurst      = time.Minute
	inTimeRecipients = 30
	inTimeNetworks   = 11
)

// An account stands out that sends so much in an hour, or in a day.
const (
	outstandingHour = 30
	outstandingDay  = 100
)

// inTime says whether an attack's kind has such a limit, and whether its page
// kept it.
func (c *Case) inTime(i *traffic.Incident) (limited, kept bool) {
	switch i.Kind {
	case "burst":
		return true, c.Found && c.Delay <= inTimeBurst
	case "botnet", "drip":
		from, ok := outstanding(i)
		return ok, c.Found && (c.Gone-from <= inTimeRecipients || c.Networks <= inTimeNetworks)
	}
	return false, false
}

// outstanding gives the recipients that an attack had reached when its account
// first stood out; false where it never did.
func outstanding(i *traffic.Incident) (recipients int64, ok bool) {
	for _, p := range i.Curve {
		now, at := p[traffic.AtRecipients], time.Unix(p[traffic.AtUnix], 0)
		since := func(d time.Duration) int64 { return now - i.By(at.Add(-d))[traffic.AtRecipients] }
		if since(time.Hour) >= outstandingHour || since(24*time.Hour) >= outstandingDay {
			return now, true
		}
	}
	return 0, false
}
