package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// Up says whether the instance's master runs.
type Up struct {
	proc     procDir
	instance InstanceFunc
	up       *Metric
}

// NewUp makes the collector "up". procPath is where procfs is mounted.
func NewUp(procPath string, instance InstanceFunc) *Up {
	return &Up{
		proc:     procDir(procPath),
		instance: instance,
		up: newMetric(Gauge, "postfix_up",
			"Whether Postfix's master runs: by its lock or pid file and the process table or, where those don't show it, by a socket that it listens on. "+
				"Absent when none of them can tell."),
	}
}

// Name is "up".
func (u *Up) Name() string { return "up" }

// Metrics lists what Update may send.
func (u *Up) Metrics() []*Metric { return []*Metric{u.up} }

// Update sends 1 or 0. Postfix being down is no error; an error means that
// nothing, or too little, could be asked.
func (u *Up) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	instance, _ := u.instance(ctx) // an old configuration tells it as well
	_, state, err := u.proc.locate(ctx, instance)
	switch state {
	case masterUp:
		ch <- u.up.sample(1)
		return nil // that its processes can't be seen is for the process collector to say
	case masterDown:
		ch <- u.up.sample(0)
	}
	return err
}
