package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// Prometheus is a real one on loopback.
type Prometheus struct {
	*Process
}

// StartPrometheus starts one that keeps its configuration, which is given as text,
// and its data in dir, and waits until it is ready.
func StartPrometheus(ctx context.Context, dir, config string) (*Prometheus, error) {
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "prometheus", func(address string) []string {
		return []string{"--config.file=" + file, "--storage.tsdb.path=" + dataDir(dir), "--web.listen-address=" + address}
	})
	if err != nil {
		return nil, fmt.Errorf("%w (apt-get install prometheus)", err)
	}
	if err := p.ready(ctx, "/-/ready"); err != nil {
		p.Stop()
		return nil, err
	}
	p.elsewhere()
	return &Prometheus{p}, nil
}

func dataDir(dir string) string { return filepath.Join(dir, "data") }

// Sample is one element of an answer.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Query asks an instant query.
func (p *Prometheus) Query(ctx context.Context, expression string) ([]Sample, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/api/v1/query?query="+url.QueryEscape(expression), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any // time, and the number as text
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s: %s", expression, answer.Error)
	}
	var samples []Sample
	for _, r := range answer.Data.Result {
		text, _ := r.Value[1].(string)
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		samples = append(samples, Sample{r.Metric, v})
	}
	return samples, nil
}
