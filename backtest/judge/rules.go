package judge

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
)

// Rules are those of a file.
type Rules struct {
	groups []rulefmt.RuleGroup
	// LeftOut counts the alerts that were left out, see Load.
	LeftOut int
	// Constants are what rules record at every step: thresholds.
	Constants []Constant
}

// Constant is a series of always the same value.
type Constant struct {
	Labels labels.Labels
	Value  float64
}

// rulesName stands for the one file of rules.
const rulesName = "rules"

// aboutExporter is a metric that says that there is an exporter.
const aboutExporter = "postfix_exporter_build_info"

// Load reads rules. Alerts that say nothing of the log are left out: those that
// watch the exporter itself, and those that always fire. So are annotations,
// which nobody reads here.
func Load(content []byte) (*Rules, error) {
	parse := parser.NewParser(parser.Options{})
	file, errs := rulefmt.Parse(content, false, model.UTF8Validation, parse, slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	set := &Rules{}
	for _, g := range file.Groups {
		kept := g
		kept.Rules = nil
		for _, r := range g.Rules {
			r.Annotations = nil
			expr, err := parse.ParseExpr(r.Expr)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Expr, err)
			}
			if r.Alert != "" && !aboutLog(expr) {
				set.LeftOut++
				continue
			}
			if value, ok := constant(expr); ok && r.Record != "" {
				r.Labels = maps.Clone(r.Labels)
				if r.Labels == nil {
					r.Labels = map[string]string{}
				}
				r.Labels[model.MetricNameLabel] = r.Record
				set.Constants = append(set.Constants, Constant{labels.FromMap(r.Labels), value})
				continue
			}
			kept.Rules = append(kept.Rules, r)
		}
		set.groups = append(set.groups, kept)
	}
	return set, nil
}

// oneInterval says whether all groups are evaluated at each step.
func (s *Rules) oneInterval(step time.Duration) bool {
	for _, g := range s.groups {
		if g.Interval != 0 && time.Duration(g.Interval) != step {
			return false
		}
	}
	return true
}

// constant gives the value of vector(1).
func constant(expr parser.Expr) (float64, bool) {
	call, ok := expr.(*parser.Call)
	if !ok || call.Func.Name != "vector" {
		return 0, false
	}
	number, ok := call.Args[0].(*parser.NumberLiteral)
	if !ok {
		return 0, false
	}
	return number.Val, true
}

func aboutLog(expr parser.Expr) bool {
	reads := false
	for s := range selectors(expr) {
		if s.name == aboutExporter {
			return false
		}
		reads = true
	}
	return reads
}

// Keep gives the metrics that the rules read, and how many milliseconds back
// they do.
func (s *Rules) Keep(step time.Duration) (map[string]int64, error) {
	keep := map[string]int64{}
	for _, g := range s.groups {
		for _, r := range g.Rules {
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Expr, err)
			}
			for sel := range selectors(expr) {
				if sel.name == "" {
					return nil, fmt.Errorf("%s: a selector names no metric", r.Expr)
				}
				keep[sel.name] = max(keep[sel.name], (sel.back + lookback + 2*step).Milliseconds())
			}
		}
	}
	return keep, nil
}

// selector is what an expression reads: a metric, and how far back.
type selector struct {
	name string
	back time.Duration
}

func selectors(expr parser.Expr) func(yield func(selector) bool) {
	return func(yield func(selector) bool) {
		done := errors.New("done")
		parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
			v, ok := node.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			s := selector{name: v.Name, back: max(0, v.OriginalOffset)}
			for _, m := range v.LabelMatchers {
				if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
					s.name = m.Value
				}
			}
			for _, n := range path {
				switch n := n.(type) {
				case *parser.MatrixSelector:
					s.back += n.Range
				case *parser.SubqueryExpr:
					s.back += n.Range + max(0, n.OriginalOffset)
				}
			}
			if !yield(s) {
				return done
			}
			return nil
		})
	}
}

// loader hands Rules to Prometheus's manager.
type loader struct {
	set   *Rules
	parse parser.Parser
}

// Load implements rules.GroupLoader.
func (l loader) Load(string, bool, model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	return &rulefmt.RuleGroups{Groups: l.set.groups}, nil
}

// Parse implements rules.GroupLoader.
func (l loader) Parse(query string) (parser.Expr, error) {
	expr, err := l.parse.ParseExpr(query)
	if err != nil {
		return nil, err
	}
	return written{expr, query}, nil
}

var _ rules.GroupLoader = loader{}

// written is an expression that remembers its text: a rule asks for it at each
// evaluation.
type written struct {
	parser.Expr

	text string
}

func (w written) String() string { return w.text }
