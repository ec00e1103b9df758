package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/parser"
)

// InstanceFunc gives the Postfix instance as it is configured now, as
// postconf.Watch does: never nil, and with an error the last one known.
type InstanceFunc func(context.Context) (*postconf.Instance, error)

// Process counts the processes of one Postfix instance by service of master.cf.
type Process struct {
	proc     procDir
	instance InstanceFunc

	processes, limit, stressed *Metric
}

// NewProcess makes the collector "process". procPath is where procfs is
// mounted, normally /proc.
func NewProcess(procPath string, instance InstanceFunc) *Process {
	return &Process{
		proc:     procDir(procPath),
		instance: instance,
		processes: newMetric(Gauge, "postfix_processes",
			"Processes of this instance's master by service and command of master.cf; idle ones linger for max_idle. "+
				"_other is what its master runs beside those, as after a service was removed.", "service_name", "command"),
		limit: newMetric(Gauge, "postfix_process_limit",
			"The most processes that master.cf allows the service; absent where it sets no limit.", "service_name", "command"),
		stressed: newMetric(Gauge, "postfix_stressed_processes",
			"Processes that the master started with stress=yes, because the service had come to its process limit.", "service_name"),
	}
}

// Name is "process".
func (p *Process) Name() string { return "process" }

// Metrics lists what Update may send.
func (p *Process) Metrics() []*Metric {
	return []*Metric{p.processes, p.limit, p.stressed}
}

// Update counts the master's children. While Postfix is down its services stand
// at 0; when they can't be seen, they are left out and the error says why.
func (p *Process) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	instance, configError := p.instance(ctx)
	p.sendLimits(instance.Services, ch)
	master, state, masterError := p.proc.locate(ctx, instance)
	if master != 0 || state == masterDown {
		c := newServiceCount(instance.Services)
		if err := p.proc.countChildren(ctx, master, instance.MailOwnerUID, c); err != nil {
			return err
		}
		p.sendCounts(c, ch)
	}
	if masterError != nil {
		return masterError
	}
	return configError
}

func (p *Process) sendCounts(c *serviceCount, ch chan<- prometheus.Metric) {
	for labels, n := range c.running {
		ch <- p.processes.sample(float64(n), labels.service, labels.command)
	}
	for service, n := range c.stressed {
		ch <- p.stressed.sample(float64(n), service)
	}
}

// sendLimits sums the limits of services that share name and command, as a
// service on a TCP port and one on a socket may.
func (p *Process) sendLimits(services []parser.Service, ch chan<- prometheus.Metric) {
	distinct := map[serviceKey]parser.Service{} // of one service that stands twice the last counts
	for _, s := range services {
		distinct[serviceKey{s.Name, s.Type}] = s
	}
	sum, unlimited := map[serviceLabels]int{}, map[serviceLabels]bool{}
	for _, s := range distinct {
		labels := serviceLabels{s.Name, s.Command}
		sum[labels] += s.ProcessLimit
		unlimited[labels] = unlimited[labels] || s.ProcessLimit == 0
	}
	for labels, limit := range sum {
		if !unlimited[labels] {
			ch <- p.limit.sample(float64(limit), labels.service, labels.command)
		}
	}
}
