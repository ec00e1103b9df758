package watch

import (
	"fmt"
	"regexp"
)

// changedRules are rules with some thresholds changed, each on its one
// line.
func changedRules(rules []byte, thresholds map[string]string) ([]byte, error) {
	for name, number := range thresholds {
		line := regexp.MustCompile(`(?m)^( *- \{record: postfix:threshold:` + regexp.QuoteMeta(name) + `, expr: vector\().*(\)\})$`)
		if n := len(line.FindAll(rules, -1)); n != 1 {
			return nil, fmt.Errorf("the rules have %d thresholds %s", n, name)
		}
		rules = line.ReplaceAll(rules, []byte("${1}"+number+"${2}"))
	}
	return rules, nil
}
