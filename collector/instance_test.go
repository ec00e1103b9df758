package collector

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Of several instances each metric says whose it is, also those of the set; one
// that fails leaves the others whole.
func TestSeveralInstances(t *testing.T) {
	down, up := newTestProc(t), newTestProc(t)
	up.wall()
	failing := &failingUp{NewUp(down.dir, down.configured)}
	set := NewSet(log.NewNopLogger(),
		OfInstance{Collector: NewUp(up.dir, up.configured), Instance: "-"},
		OfInstance{Collector: NewProcess(up.dir, up.configured), Instance: "-"},
		OfInstance{Collector: failing, Instance: "postfix-out"},
		OfInstance{Collector: NewProcess(down.dir, down.configured), Instance: "postfix-out"},
		NewDovecotProcess(up.dir))
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(constant(set.Update(t.Context())))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		`postfix_up{instance_name="-"} 1`, `postfix_up{instance_name="postfix-out"} 0`,
		`postfix_processes{command="smtp",instance_name="-",service_name="smtp"} 29`,
		`postfix_processes{command="smtp",instance_name="postfix-out",service_name="smtp"} 0`,
		`dovecot_processes{process="imap-login"} 2`,
		`postfix_scrape_collector_success{collector="up",instance_name="-"} 1`,
		`postfix_scrape_collector_success{collector="up",instance_name="postfix-out"} 0`,
		`postfix_scrape_collector_success{collector="dovecotprocess"} 1`,
	} {
		if strings.Count(b.String(), want+"\n") != 1 {
			t.Errorf("want once %s", want)
		}
	}
}

type failingUp struct{ *Up }

func (f *failingUp) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	return errors.Join(f.Up.Update(ctx, ch), errors.New("half of it"))
}
