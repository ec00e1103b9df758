package judge

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
)

// memo spares the engine questions to which the answer is that of the step
// before: most of a server's alerts have nothing to look at most of the time.
// An expression made of selectors and of functions that look at nothing but
// samples and their distance in time gives the same answer as long as all
// samples in its reach are the same. And of what has changed, a gate knows most
// of what still has no answer.
type memo struct {
	ask    rules.QueryFunc
	gates  gates
	ranges bool // a step moves every range by whole samples
	parse  parser.Parser
	known  map[string]*remembered
}

// remembered is an expression, and its last answer.
type remembered struct {
	reads  []reach
	steady bool // the answer depends on what it reads alone
	gate   gate
	first  string // see firstOf

	at     int64
	answer promql.Vector
}

// reach is a selector of an expression and how far back its samples are.
type reach struct {
	matchers      []*labels.Matcher
	offset, spans int64 // milliseconds
}

// query implements rules.QueryFunc.
func (m *memo) query(ctx context.Context, text string, at time.Time) (promql.Vector, error) {
	r := m.known[text]
	if r == nil {
		expr, err := m.parse.ParseExpr(text)
		if err != nil {
			return nil, err
		}
		r = m.study(expr)
		m.known[text] = r
	}
	t := at.UnixMilli()
	if r.steady && r.at != 0 {
		changed, err := m.changed(r, t)
		if err != nil {
			return nil, err
		}
		if !changed {
			r.at = t
			for i := range r.answer {
				r.answer[i].T = t
			}
			return slices.Clone(r.answer), nil // the caller puts in labels of its own
		}
	}
	var answer promql.Vector
	possible, err := m.possible(ctx, r, at)
	if possible && err == nil {
		answer, err = m.ask(ctx, text, at)
	}
	if err == nil && r.steady {
		r.at, r.answer = t, slices.Clone(answer)
	}
	return answer, err
}

// possible says whether there may be an answer.
func (m *memo) possible(ctx context.Context, r *remembered, at time.Time) (bool, error) {
	if ok, err := r.gate(at.UnixMilli()); !ok || err != nil || r.first == "" {
		return ok, err
	}
	answer, err := m.query(ctx, r.first, at)
	return len(answer) > 0, err
}

// changed says whether anything in reach has changed since the last answer, or
// at its time: then it may have changed after it.
func (m *memo) changed(r *remembered, t int64) (bool, error) {
	for _, s := range r.reads {
		changed, err := m.gates.index.Changed(s.matchers, r.at-s.offset-s.spans, t-s.offset)
		if changed || err != nil {
			return true, err
		}
	}
	return false, nil
}

// study finds what an expression reads.
func (m *memo) study(expr parser.Expr) *remembered {
	r := &remembered{steady: true, gate: m.gates.of(expr), first: firstOf(expr)}
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			s := reach{matchers: n.LabelMatchers, offset: n.OriginalOffset.Milliseconds()}
			if len(path) > 0 {
				if matrix, ok := path[len(path)-1].(*parser.MatrixSelector); ok {
					s.spans = matrix.Range.Milliseconds()
					r.steady = r.steady && m.ranges
				}
			}
			r.reads = append(r.reads, s)
			r.steady = r.steady && n.Timestamp == nil && n.StartOrEnd == 0 && n.OriginalOffset >= 0
		case *parser.Call:
			r.steady = r.steady && isSteady(n.Func.Name)
		case *parser.SubqueryExpr:
			r.steady = false
		}
		return nil
	})
	return r
}

// firstOf gives the first operand of "first and … unless …" where the others look
// at a range, which is dear: the engine works out all of them even where the
// first has no answer, and so the whole has none.
func firstOf(expr parser.Expr) string {
	dear := false
	for {
		set, ok := expr.(*parser.BinaryExpr)
		if !ok || set.Op != parser.LAND && set.Op != parser.LUNLESS {
			break
		}
		parser.Inspect(set.RHS, func(node parser.Node, _ []parser.Node) error {
			_, isRange := node.(*parser.MatrixSelector)
			dear = dear || isRange
			return nil
		})
		expr = set.LHS
	}
	if !dear {
		return ""
	}
	return expr.String()
}

// isSteady names functions that don't look at the clock.
func isSteady(name string) bool {
	switch name {
	case "abs", "absent", "ceil", "changes", "clamp_max", "clamp_min", "count_over_time", "delta", "floor", "increase", "label_replace",
		"last_over_time", "max_over_time", "min_over_time", "present_over_time", "rate", "round", "scalar", "sum_over_time", "vector":
		return true
	}
	return false
}
