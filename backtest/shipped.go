package main

import (
	"encoding/json"
	"fmt"
	"os"

	"postfix_exporter/dashboards"
	"postfix_exporter/lab/traffic"
)

// The rules and the configuration that this repository ships.
var (
	shippedRules  = dashboards.Rules()
	shippedRoutes = dashboards.Alertmanager()
)

func textOf(file string, shipped []byte) ([]byte, error) {
	if file == "" {
		return shipped, nil
	}
	return os.ReadFile(file)
}

// readTruth reads what lab/traffic says of its log; nil where there is no file.
func readTruth(file string) (*traffic.Truth, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	truth := &traffic.Truth{}
	if err := json.Unmarshal(text, truth); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return truth, nil
}
