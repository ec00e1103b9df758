package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"go.yaml.in/yaml/v2"
)

// TestGenerated compares the files in the repository with what is made now.
func TestGenerated(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	text, rules := readSource(t, source)
	for file, make := range forms() {
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		made, err := make(text, rules)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if string(have) != string(made) {
			t.Errorf("%s is out of date: make generate", file)
		}
	}
}

// TestPrometheusRule reads the manifest back: its spec is the rule file.
func TestPrometheusRule(t *testing.T) {
	text, rules := readSource(t, filepath.Join("..", "..", source))
	made, err := prometheusRule(text, rules)
	if err != nil {
		t.Fatal(err)
	}
	var want any
	if err := yaml.UnmarshalStrict(text, &want); err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct {
			Name   string
			Labels map[string]string
		}
		Spec any
	}
	if err := yaml.UnmarshalStrict(made, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Kind != "PrometheusRule" || manifest.APIVersion != "monitoring.coreos.com/v1" || manifest.Metadata.Name == "" {
		t.Errorf("%s %s %q", manifest.APIVersion, manifest.Kind, manifest.Metadata.Name)
	}
	if !reflect.DeepEqual(manifest.Spec, want) {
		t.Error("the manifest's rules are not those of the source")
	}
}

func readSource(t *testing.T, file string) ([]byte, *ruleFile) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := readRules(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, rules
}
