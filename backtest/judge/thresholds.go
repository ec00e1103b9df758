package judge

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Threshold is a figure that somebody's series are compared with.
type Threshold struct {
	Name     string
	Value    float64
	Matchers []*labels.Matcher // of what is compared
}

// Thresholds finds where rules compare a series as it stands with a constant one:
// x >= scalar(y).
func (s *Rules) Thresholds() ([]Threshold, error) {
	constants := s.constants()
	var all []Threshold
	seen := map[string]bool{}
	for _, g := range s.groups {
		for _, r := range g.Rules {
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Expr, err)
			}
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				c, ok := node.(*parser.BinaryExpr)
				if !ok || c.Op != parser.GTE && c.Op != parser.GTR {
					return nil
				}
				left, isSeries := c.LHS.(*parser.VectorSelector)
				name := scalarOf(c.RHS)
				value, isConstant := constants[name]
				if !isSeries || !isConstant || left.OriginalOffset != 0 {
					return nil
				}
				if key := left.String() + name; !seen[key] {
					seen[key] = true
					all = append(all, Threshold{name[strings.LastIndex(name, ":")+1:], value, left.LabelMatchers})
				}
				return nil
			})
		}
	}
	return all, nil
}

// constants gives the values of what is recorded by one rule only, and constant.
func (s *Rules) constants() map[string]float64 {
	recorded := map[string]int{}
	for _, c := range s.Constants {
		recorded[c.Labels.Get(model.MetricNameLabel)]++
	}
	for _, g := range s.groups {
		for _, r := range g.Rules {
			recorded[r.Record]++
		}
	}
	all := map[string]float64{}
	for _, c := range s.Constants {
		if name := c.Labels.Get(model.MetricNameLabel); recorded[name] == 1 {
			all[name] = c.Value
		}
	}
	return all
}

// scalarOf gives x of scalar(x).
func scalarOf(expr parser.Expr) string {
	if call, ok := expr.(*parser.Call); ok && call.Func.Name == "scalar" {
		if v, ok := call.Args[0].(*parser.VectorSelector); ok {
			return v.Name
		}
	}
	return ""
}
