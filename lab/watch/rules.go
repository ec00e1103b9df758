package watch

import (
	"fmt"
	"os"
	"regexp"
)

// changedRules are the shipped rules with some thresholds changed, each on its one
// line.
func changedRules(file string, thresholds map[string]string) ([]byte, error) {
	rules, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for name, number := range thresholds {
		line := regexp.MustCompile(`(?m)^( *- \{record: postfix:threshold:` + regexp.QuoteMeta(name) + `, expr: vector\().*(\)\})$`)
		if n := len(line.FindAll(rules, -1)); n != 1 {
			return nil, fmt.Errorf("%s has %d thresholds %s", file, n, name)
		}
		rules = line.ReplaceAll(rules, []byte("${1}"+number+"${2}"))
	}
	return rules, nil
}
