package pager

import (
	"time"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	amlabels "github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"
)

// Config is an Alertmanager's configuration.
type Config struct {
	root    *dispatch.Route
	inhibit []inhibitRule
}

type inhibitRule struct {
	source, target amlabels.Matchers
	equal          []model.LabelName
}

// Load reads a configuration as Alertmanager does.
func Load(content string) (*Config, error) {
	file, err := config.Load(content)
	if err != nil {
		return nil, err
	}
	c := &Config{root: dispatch.NewRoute(file.Route, nil)}
	for _, r := range file.InhibitRules {
		rule := inhibitRule{source: amlabels.Matchers(r.SourceMatchers), target: amlabels.Matchers(r.TargetMatchers)}
		for _, name := range r.Equal {
			rule.equal = append(rule.equal, model.LabelName(name))
		}
		c.inhibit = append(c.inhibit, rule)
	}
	return c, nil
}

// inhibited says whether another alert that fires at a time holds this one back.
func (p *Pager) inhibited(target *Alert, at time.Time) bool {
	for _, r := range p.config.inhibit {
		if !r.target.Matches(target.Labels) {
			continue
		}
		both := r.source.Matches(target.Labels)
		for _, source := range p.alerts {
			if source.ends.After(at) && r.source.Matches(source.Labels) && r.alike(source, target) &&
				(!both || !r.target.Matches(source.Labels)) {
				return true
			}
		}
	}
	return false
}

func (r *inhibitRule) alike(a, b *Alert) bool {
	for _, name := range r.equal {
		if a.Labels[name] != b.Labels[name] {
			return false
		}
	}
	return true
}
