package ledger

import "postfix_exporter/parser"

// Reclassify has failed deliveries told apart by other tables from the next line on.
func (l *Ledger) Reclassify(c *parser.Classifier) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.classifier = c
}
