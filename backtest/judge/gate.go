package judge

import (
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// gate says whether an expression can have an answer at a time, in milliseconds
// since the epoch. That it can't is certain: nothing it needs is there, or above
// its threshold. Most rules of a server say nothing most of the time, and a look
// at the last values costs far less than to ask the engine.
type gate func(at int64) (bool, error)

// gates makes them.
type gates struct {
	index     Index
	constants map[string]float64 // thresholds, by name
}

func open(int64) (bool, error) { return true, nil }

// of gives the gate of an expression; an open one where it can't tell.
func (g *gates) of(expr parser.Expr) gate {
	switch n := expr.(type) {
	case *parser.ParenExpr:
		return g.of(n.Expr)
	case *parser.AggregateExpr:
		return g.of(n.Expr)
	case *parser.VectorSelector:
		return g.selector(n, func(float64) bool { return true })
	case *parser.Call:
		if len(n.Args) == 1 && isSteady(n.Func.Name) {
			if matrix, ok := n.Args[0].(*parser.MatrixSelector); ok {
				return g.span(matrix)
			}
		}
	case *parser.BinaryExpr:
		return g.binary(n)
	}
	return open
}

func (g *gates) binary(n *parser.BinaryExpr) gate {
	left, right := g.of(n.LHS), g.of(n.RHS)
	switch {
	case n.Op == parser.LOR, n.VectorMatching != nil && (n.VectorMatching.FillValues.LHS != nil || n.VectorMatching.FillValues.RHS != nil):
		return either(left, right)
	case n.Op == parser.LUNLESS:
		return left
	case n.RHS.Type() == parser.ValueTypeVector:
		return both(left, right)
	}
	selector, ok := n.LHS.(*parser.VectorSelector)
	limit, known := g.number(n.RHS)
	if holds := compare(n.Op, limit); ok && known && holds != nil && !n.ReturnBool {
		return g.selector(selector, holds)
	}
	return left
}

func both(a, b gate) gate {
	return func(at int64) (bool, error) {
		if ok, err := a(at); !ok || err != nil {
			return ok, err
		}
		return b(at)
	}
}

func either(a, b gate) gate {
	return func(at int64) (bool, error) {
		if ok, err := a(at); ok || err != nil {
			return ok, err
		}
		return b(at)
	}
}

// selector asks whether any series of a selector has a value of which a test
// holds.
func (g *gates) selector(n *parser.VectorSelector, holds func(float64) bool) gate {
	if n.Timestamp != nil || n.StartOrEnd != 0 {
		return open
	}
	offset := n.OriginalOffset.Milliseconds()
	return func(at int64) (bool, error) {
		return g.index.Any(n.LabelMatchers, at-offset, lookback.Milliseconds(), holds)
	}
}

// span asks whether there is any sample in a range.
func (g *gates) span(m *parser.MatrixSelector) gate {
	n, ok := m.VectorSelector.(*parser.VectorSelector)
	if !ok || n.Timestamp != nil || n.StartOrEnd != 0 {
		return open
	}
	offset, span := n.OriginalOffset.Milliseconds(), m.Range.Milliseconds()
	return func(at int64) (bool, error) { return g.index.Within(n.LabelMatchers, at-offset-span, at-offset) }
}

// number gives the value of 5 and of scalar(threshold).
func (g *gates) number(expr parser.Expr) (float64, bool) {
	if n, ok := expr.(*parser.NumberLiteral); ok {
		return n.Val, true
	}
	v, ok := g.constants[scalarOf(expr)]
	return v, ok
}

// compare gives the test of an operator; none where it is no comparison.
func compare(op parser.ItemType, limit float64) func(float64) bool {
	switch op {
	case parser.GTE:
		return func(v float64) bool { return v >= limit }
	case parser.GTR:
		return func(v float64) bool { return v > limit }
	case parser.LTE:
		return func(v float64) bool { return v <= limit }
	case parser.LSS:
		return func(v float64) bool { return v < limit }
	case parser.EQLC:
		return func(v float64) bool { return v == limit }
	}
	return nil
}

// Index is what is known of series without the engine.
type Index interface {
	// Changed tells whether anything that a selector finds began, ended or took
	// another value from a time to another, in milliseconds, both included.
	Changed(matchers []*labels.Matcher, from, to int64) (bool, error)
	// Any tells whether a selector finds a series whose value at a time, at most
	// lookback old, a test holds of.
	Any(matchers []*labels.Matcher, at, lookback int64, holds func(float64) bool) (bool, error)
	// Within tells whether a selector finds a sample from a time to another.
	Within(matchers []*labels.Matcher, from, to int64) (bool, error)
}
