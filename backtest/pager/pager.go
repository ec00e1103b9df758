// Package pager notifies of alerts as an Alertmanager with a given configuration
// would, in the time that the alerts tell. Routes, receivers and matchers are
// Alertmanager's own; its timers need a real clock, so that grouping, repeating
// and inhibition are done here. A test compares the two.
package pager

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
)

// Notification is what a receiver is told.
type Notification struct {
	At       time.Time
	Receiver string
	Group    model.LabelSet
	// New are the alerts that the group's notification before did not name; none
	// in a repetition, and where some or all have ended.
	New    []Alert
	Firing []Alert
	// Repeat says that nothing is new but that time has passed.
	Repeat bool
}

// Alert is one that fires, or did.
type Alert struct {
	Labels model.LabelSet
	Active time.Time // since when its expression holds
	Fired  time.Time
	Value  float64

	ends time.Time
}

// Pager is the Alertmanager.
type Pager struct {
	config *Config
	now    time.Time
	alerts map[model.Fingerprint]*Alert
	groups []*group
	byKey  map[groupKey]*group
	log    map[groupKey]*told
	tell   func(Notification)
}

type groupKey struct {
	route  *dispatch.Route
	labels model.Fingerprint
}

// group is alerts of one route that are told of together.
type group struct {
	key     groupKey
	labels  model.LabelSet
	members map[model.Fingerprint]*Alert
	flush   time.Time // the next
	flushed bool
}

// told is what a group's receiver was last told.
type told struct {
	at     time.Time
	firing map[model.Fingerprint]bool
}

// New makes a pager that tells of each notification.
func New(config *Config, tell func(Notification)) *Pager {
	return &Pager{
		config: config, alerts: map[model.Fingerprint]*Alert{}, byKey: map[groupKey]*group{}, log: map[groupKey]*told{}, tell: tell,
	}
}

// Take receives alerts from Prometheus at a time; those that have ended say so.
func (p *Pager) Take(at time.Time, alerts []*rules.Alert) {
	p.Advance(at)
	for _, a := range alerts {
		set := labelSet(a.Labels)
		alert := &Alert{Labels: set, Active: a.ActiveAt, Fired: a.FiredAt, Value: a.Value, ends: a.ValidUntil}
		if !a.ResolvedAt.IsZero() {
			alert.ends = a.ResolvedAt
		}
		id := set.Fingerprint()
		p.alerts[id] = alert
		for _, route := range p.config.root.Match(set) {
			p.insert(at, route, id, alert)
		}
	}
}

func (p *Pager) insert(at time.Time, route *dispatch.Route, id model.Fingerprint, alert *Alert) {
	by := model.LabelSet{}
	for name, value := range alert.Labels {
		if _, ok := route.RouteOpts.GroupBy[name]; ok || route.RouteOpts.GroupByAll {
			by[name] = value
		}
	}
	key := groupKey{route, by.Fingerprint()}
	g := p.byKey[key]
	if g == nil {
		g = &group{key: key, labels: by, members: map[model.Fingerprint]*Alert{}, flush: at.Add(route.RouteOpts.GroupWait)}
		p.byKey[key] = g
		p.groups = append(p.groups, g)
	}
	g.members[id] = alert
	if !g.flushed && alert.Fired.Add(route.RouteOpts.GroupWait).Before(at) {
		g.flush = at
	}
}

// Advance does all that is due up to a time.
func (p *Pager) Advance(to time.Time) {
	for {
		var due *group
		for _, g := range p.groups {
			if !g.flush.After(to) && (due == nil || g.flush.Before(due.flush)) {
				due = g
			}
		}
		if due == nil {
			break
		}
		p.notify(due)
	}
	p.now = to
}

// notify flushes a group.
func (p *Pager) notify(g *group) {
	at, opts := g.flush, &g.key.route.RouteOpts
	g.flushed, g.flush = true, at.Add(opts.GroupInterval)
	n := Notification{At: at, Receiver: opts.Receiver, Group: g.labels}
	before := p.log[g.key]
	firing := map[model.Fingerprint]bool{}
	for _, id := range slices.Sorted(maps.Keys(g.members)) {
		alert := g.members[id]
		if !alert.ends.After(at) {
			delete(g.members, id)
			continue
		}
		if p.inhibited(alert, at) {
			continue
		}
		firing[id] = true
		n.Firing = append(n.Firing, *alert)
		if before == nil || !before.firing[id] {
			n.New = append(n.New, *alert)
		}
	}
	if len(g.members) == 0 {
		delete(p.byKey, g.key)
		p.groups = slices.DeleteFunc(p.groups, func(other *group) bool { return other == g })
	}
	switch {
	case len(n.New) > 0:
	case before == nil, len(before.firing) == 0:
		return
	case len(firing) == 0:
		delete(p.log, g.key)
		return
	case before.at.Before(at.Add(-opts.RepeatInterval)):
		n.Repeat = true
	default:
		return
	}
	p.log[g.key] = &told{at, firing}
	p.tell(n)
}

func labelSet(ls labels.Labels) model.LabelSet {
	set := make(model.LabelSet, ls.Len())
	ls.Range(func(l labels.Label) { set[model.LabelName(l.Name)] = model.LabelValue(l.Value) })
	return set
}
