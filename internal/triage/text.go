package triage

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Style is how a report is drawn.
type Style struct {
	Colour bool
	Rows   int // of the ranking
	Zone   *time.Location
}

// page draws a report.
type page struct {
	b     strings.Builder
	style Style
}

// Write draws the report, for a terminal 100 columns wide. Nothing that strangers
// wrote gets through to it but as printable text.
func (r *Report) Write(w io.Writer, style Style) error {
	p := page{style: style}
	p.head(r)
	p.ranking(r)
	if r.Principal != nil {
		p.principal(r)
	}
	p.door(r)
	if len(r.Steps) > 0 {
		p.steps(r)
	}
	for _, missing := range r.Missing {
		p.line("%s %s", p.colour("33", "not read:"), Plain(missing))
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

func (p *page) colour(code, text string) string {
	if !p.style.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *page) title(text string) { p.line("%s", p.colour("1", text)) }

func (p *page) time(at Moment) string {
	return time.Unix(0, int64(at)).In(p.style.Zone).Format("2 Jan 15:04:05")
}

func (p *page) head(r *Report) {
	p.title("triage of " + Plain(r.Host) + ", " + r.Made.In(p.style.Zone).Format("2006-01-02 15:04:05"))
	p.line("from %s", Plain(strings.Join(r.Sources, "; ")))
	if late := r.Made.Sub(r.AsOf); !r.AsOf.IsZero() && late > time.Minute {
		p.line("%s", p.colour("33", "the windows end "+late.Round(time.Second).String()+" ago, at the log's last line"))
	}
}

func (p *page) ranking(r *Report) {
	p.line("")
	p.title("Who sends: a ranking by the share of all that is counted, no verdict")
	if len(r.Ranking) == 0 {
		p.line("  nobody")
		return
	}
	p.line("  %5s  %-40s %-18s %-15s %-12s %s", "share", "", "recipients 5m/1h/24h", "failed", "networks", "queued")
	for _, c := range r.Ranking[:min(len(r.Ranking), max(p.style.Rows, 1))] {
		queued := "-"
		if r.Queue != nil || c.Queued > 0 {
			queued = strconv.Itoa(c.Queued)
		}
		row := fmt.Sprintf("  %4.0f %%  %-40s %-18s %-15s %-12s %s", c.Share*100, short(c.String(), 40),
			c.row(Recipients), c.row(Failed), c.row(Networks), queued)
		p.line("%s", row)
	}
	if more := len(r.Ranking) - p.style.Rows; more > 0 && p.style.Rows > 0 {
		p.line("         and %d more (--top)", more)
	}
}

// row writes a measure in all windows.
func (c *Candidate) row(m Measure) string {
	if !c.Known || !c.Kind.measured(m) {
		return "-"
	}
	return fmt.Sprintf("%.0f/%.0f/%.0f", c.Figures[0][m], c.Figures[1][m], c.Figures[2][m])
}

func (p *page) principal(r *Report) {
	p.line("")
	p.title(r.Principal.String())
	for i := range r.Ranking {
		if c := &r.Ranking[i]; c.Principal == *r.Principal && c.Known {
			for _, m := range []Measure{Deferred, ForeignSenders, PriorFailures} {
				if c.Figures[2][m] > 0 {
					p.fact(strings.ReplaceAll(m.String(), "_", " "), c.row(m)+" (5m/1h/24h)")
				}
			}
		}
	}
	if t := r.Trail; t != nil && t.First > 0 {
		since := p.time(t.First)
		if t.First-t.LogFrom < Moment(time.Second) {
			since += " or earlier"
		}
		p.fact("since", fmt.Sprintf("%s, last at %s: %d messages, %d recipients, %d failed", since, p.time(t.Last), t.Messages, t.Recipients, t.Failed))
		p.networks(t)
		p.counts("aliases", t.Aliases)
		p.counts("lead to", t.Targets)
		p.counts(fmt.Sprintf("to (%d)", t.Domains), t.Destinations)
		p.counts("fails by", t.Reasons)
		for _, reply := range t.Replies[:min(len(t.Replies), 3)] {
			p.fact("they say", fmt.Sprintf("%d x %s", reply.N, short(Plain(reply.What), 80)))
		}
		p.fact("queue ids", Plain(strings.Join(t.Samples, " ")))
	}
	if s := r.Queue; s != nil {
		p.queue(s)
	}
	for _, process := range r.Processes[:min(len(r.Processes), 8)] {
		p.fact("process", fmt.Sprintf("%d %s in %s", process.PID, short(Plain(process.Command), 50), Plain(process.Dir)))
	}
	if more := len(r.Processes) - 8; more > 0 {
		p.fact("", fmt.Sprintf("and %d more", more))
	}
}

func (p *page) fact(name, text string) { p.line("  %-15s %s", name, text) }

func (p *page) networks(t *Trail) {
	var parts []string
	for i, n := range t.Networks {
		if i == 6 {
			parts = append(parts, fmt.Sprintf("and %d more", len(t.Networks)-i))
			break
		}
		part := fmt.Sprintf("%s (%d)", n.Network, n.Messages)
		if n.SharedWith != "" {
			part += " also " + Plain(n.SharedWith)
		}
		parts = append(parts, part)
	}
	if len(parts) > 0 {
		p.fact("from", strings.Join(parts, ", "))
	}
}

func (p *page) counts(name string, all []Count) {
	var parts []string
	for _, c := range all[:min(len(all), 6)] {
		parts = append(parts, fmt.Sprintf("%s (%d)", short(Plain(c.What), 50), c.N))
	}
	if len(parts) > 0 {
		p.fact(name, strings.Join(parts, ", "))
	}
}

func (p *page) queue(s *Share) {
	text := fmt.Sprintf("%s of %s messages are its", thousands(s.Mine), thousands(s.Total))
	if s.Bounces > 0 {
		text += fmt.Sprintf(", %s bounces of its mail", thousands(s.Bounces))
	}
	if s.Held > 0 {
		text += fmt.Sprintf("; %s on hold", thousands(s.Held))
	}
	if s.Oldest > 0 {
		text += ", since " + p.time(Moment(s.Oldest*int64(time.Second)))
	}
	p.fact("queue", text)
	for _, dir := range slices.Sorted(maps.Keys(s.ByInstance)) {
		p.fact("", thousands(s.ByInstance[dir])+" in the instance of "+Plain(dir))
	}
	if len(s.Samples) > 0 {
		p.fact("", "such as "+Plain(strings.Join(s.Samples, " ")))
	}
	p.counts("script", s.Scripts)
}

// thousands writes 12431 as 12,431.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func (p *page) door(r *Report) {
	if len(r.Door) == 0 {
		return
	}
	p.line("")
	p.title("Who is refused at the door (events of the last hour)")
	for _, k := range r.Door[:min(len(r.Door), 3)] {
		var parts []string
		for _, event := range doorEvents() {
			if n := k.Events[event]; n > 0 {
				parts = append(parts, fmt.Sprintf("%s %.0f", event, n))
			}
		}
		p.line("  %-20s %s", k.Network, strings.Join(parts, ", "))
	}
}

// doorEvents are the values of the label event of postfix_client_window_events.
func doorEvents() []string {
	return []string{"auth_failure", "relay_denied", "user_unknown", "protocol_violation", "lost_connection"}
}

func (p *page) steps(r *Report) {
	p.line("")
	p.title("What to do, in a root shell. Nothing of it was run.")
	for i, s := range r.Steps {
		p.line("%2d. %s", i+1, p.colour("1", s.Title))
		if s.Note != "" {
			p.line("    %s", s.Note)
		}
		for _, run := range s.Run {
			p.line("      %s", p.colour("36", run))
		}
		for _, undo := range s.Undo {
			p.line("      %s", p.colour("2", "# undo: "+undo))
		}
	}
}
