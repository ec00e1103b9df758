package triage

import (
	"fmt"
	"time"
)

// Progress says in one line how far a principal's doing is, and whether it is over:
// nothing was sent within the shortest window and nothing waits but on hold. What
// can't be read keeps it from being over.
func (r *Report) Progress() (line string, over bool) {
	sent, known := 0.0, r.Trail != nil
	if known { // up to this moment, where windows may end at the log's last line
		const minute = 60 * 1e9
		for _, m := range r.Trail.Minutes {
			if int64(m.Time)+minute > r.Made.UnixNano()-5*minute {
				sent += float64(m.Recipients)
			}
		}
	}
	for _, c := range r.Ranking {
		if !known && r.Principal != nil && c.Kind == r.Principal.Kind && c.same(*r.Principal) && c.Known {
			sent, known = c.Figures[0][Recipients], true
		}
	}
	waits, left := "the queue is not known", -1
	if s := r.Queue; s != nil {
		left = s.Mine - s.Held
		waits = fmt.Sprintf("%s left in the queue, %s on hold", thousands(left), thousands(s.Held))
	}
	switch {
	case !known:
		return "not known whether it sends: neither exporter nor log can be read; " + waits, false
	case sent > 0:
		last := ""
		if r.Trail != nil && r.Trail.Last > 0 {
			last = fmt.Sprintf(", the last message %v ago", r.Made.Sub(time.Unix(0, int64(r.Trail.Last))).Round(time.Second))
		}
		return fmt.Sprintf("still sending: %.0f recipients in 5 minutes%s; %s", sent, last, waits), false
	case left != 0:
		return "silent for 5 minutes; " + waits, false
	}
	return "all clear: nothing sent for 5 minutes; " + waits, true
}
