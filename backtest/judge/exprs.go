package judge

import "github.com/prometheus/prometheus/promql/parser"

// exprCache parses an expression once and hands it out again. The engine fills
// in series and wraps what is the same at every step of a range: the first is
// taken out again, and what has the second is parsed anew each time.
type exprCache struct {
	parser.Parser

	known map[string]parser.Expr
}

func newExprCache() *exprCache {
	return &exprCache{parser.NewParser(parser.Options{}), map[string]parser.Expr{}}
}

// ParseExpr implements parser.Parser. An expression belongs to the caller until
// the next call.
func (c *exprCache) ParseExpr(text string) (parser.Expr, error) {
	if expr := c.known[text]; expr != nil && isReusable(expr) {
		return expr, nil
	}
	expr, err := c.Parser.ParseExpr(text)
	if err == nil {
		c.known[text] = expr
	}
	return expr, err
}

func isReusable(expr parser.Expr) bool {
	reusable := true
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			n.Series, n.UnexpandedSeriesSet = nil, nil
		case *parser.StepInvariantExpr:
			reusable = false
		}
		return nil
	})
	return reusable
}
