package collector

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// underTest makes a Collector one that a registry can gather.
type underTest struct {
	t *testing.T
	c Collector
}

func (u underTest) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range u.c.Metrics() {
		ch <- m.desc
	}
}

func (u underTest) Collect(ch chan<- prometheus.Metric) {
	if err := u.c.Update(u.t.Context(), ch); err != nil {
		u.t.Errorf("%s: %v", u.c.Name(), err)
	}
}

// compareGolden holds what a collector gives now against
// testdata/golden/NAME.prom, and against the rules of promlint.
func compareGolden(t *testing.T, c Collector) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(underTest{t, c})
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("promlint: %s: %s", p.Metric, p.Text)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	got := text.Bytes()
	file := filepath.Join("testdata", "golden", c.Name()+".prom")
	if *updateGolden {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make it with -update)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what %s holds (-update writes it anew). Got:\n%s", c.Name(), file, got)
	}
}
