package main

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// ruleFile is Prometheus's file of rules.
type ruleFile struct{ Groups []ruleGroup }

type ruleGroup struct {
	Name  string
	Rules []rule
}

type rule struct {
	Record, Alert, Expr string
	For                 string
	KeepFiringFor       string `yaml:"keep_firing_for"`
	Labels, Annotations map[string]string
}

func readRules(text []byte) (*ruleFile, error) {
	var f ruleFile
	if err := yaml.UnmarshalStrict(text, &f); err != nil {
		return nil, err
	}
	return &f, nil
}

func (f *ruleFile) all() iter.Seq[rule] {
	return func(yield func(rule) bool) {
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// records are the recording rules of that name.
func (f *ruleFile) records(name string) iter.Seq[rule] {
	return func(yield func(rule) bool) {
		for r := range f.all() {
			if r.Record == name && !yield(r) {
				return
			}
		}
	}
}

// threshold is what postfix:threshold:NAME records, as it is written there.
func (f *ruleFile) threshold(name string) (string, error) {
	for r := range f.records("postfix:threshold:" + name) {
		if number := regexp.MustCompile(`^vector\(([\d.]+)\)$`).FindStringSubmatch(r.Expr); number != nil {
			return number[1], nil
		}
	}
	return "", fmt.Errorf("there is no postfix:threshold:%s", name)
}

// link is a label of postfix:links, an address without a slash at its end.
func (f *ruleFile) link(label string) (string, error) {
	for r := range f.records("postfix:links") {
		if address := r.Labels[label]; address != "" {
			return strings.TrimSuffix(address, "/"), nil
		}
	}
	return "", fmt.Errorf("postfix:links has no label %s", label)
}

// sorted are a map's keys and values by key, so that the same rules make the
// same files.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}
