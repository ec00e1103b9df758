// Package score compares what was paged with what really happened.
package score

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"postfix_exporter/backtest/pager"
	"postfix_exporter/lab/traffic"
)

// kind says what the rules should say of a kind of attack.
type kind struct {
	incident string // the alert's label
	culprit  model.LabelName
	pages    bool // else a ticket is enough
}

// kindOf knows each kind of the traffic generator. What a stranger does at the
// door, and what the world does in our name, makes tickets. So does backscatter
// here: its page needs the queue, which is not in a log.
func kindOf(attack string) kind {
	switch attack {
	case "burst", "botnet", "drip", "dormant", "breakin":
		return kind{"account_abuse", "sasl_username", true}
	case "script":
		return kind{"script_abuse", "uid", true}
	case "forward":
		return kind{"forward_abuse", "domain", true}
	case "relay":
		return kind{"open_relay", "", true}
	case "backscatter":
		return kind{"backscatter", "", false}
	case "joejob":
		return kind{"joe_job", "", false}
	case "bruteforce":
		return kind{"credential_guessing", "client", false}
	case "spray":
		return kind{"credential_guessing", "", false}
	case "harvest":
		return kind{"recipient_harvest", "client", false}
	case "flood":
		return kind{"connection_flood", "", false}
	}
	return kind{}
}

// AnyIncident is the incident label of an alert that says only that something is
// wrong.
const AnyIncident = "any"

// How long after an attack alerts may still be about it: what it sent stands in
// the day's window of its account, and in an hour's figures of the server.
const (
	afterwards       = 24 * time.Hour
	afterwardsServer = time.Hour
)

// about says whether an alert is about an attack: it names its culprit, or names
// nobody and its kind. An alert about somebody else is not.
func about(a *pager.Alert, i *traffic.Incident) bool {
	k := kindOf(i.Kind)
	if named := Culprit(a); named != "" && k.culprit != "" {
		return named == i.Culprit.Name && within(a, i, afterwards)
	}
	if !within(a, i, afterwardsServer) {
		return false
	}
	incident := string(a.Labels["incident"])
	return incident == k.incident || incident == AnyIncident
}

func within(a *pager.Alert, i *traffic.Incident, more time.Duration) bool {
	return !a.Fired.Before(i.Start) && !a.Fired.After(i.End.Add(more))
}

// Culprit is whom an alert names. A client of an alert about many is nobody.
func Culprit(a *pager.Alert) string {
	for _, name := range []model.LabelName{"sasl_username", "uid", "domain", "client"} {
		if v := string(a.Labels[name]); v != "" && v != "many" {
			return v
		}
	}
	return ""
}

// rightKind says whether an alert calls an attack what it is.
func rightKind(a *pager.Alert, i *traffic.Incident) bool {
	return string(a.Labels["incident"]) == kindOf(i.Kind).incident
}

// lookAlike finds the ordinary thing that an alert mistook for an attack.
func lookAlike(a *pager.Alert, all []*traffic.Incident) string {
	var names []string
	for _, i := range all {
		if within(a, i, afterwards) && (Culprit(a) == i.Culprit.Name || i.Culprit.By == "none") {
			names = append(names, i.Kind)
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}
