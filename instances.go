package main

import (
	"context"
	"slices"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"postfix_exporter/collector"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// instance is one Postfix instance: what is its own and no other's. The log and
// its ledger are for all.
type instance struct {
	name  string // label instance_name where there are several
	watch *postconf.Watch
	queue *spool.Queue
}

// findInstances reads the instances in these directories, or, where none is
// named, the one of this machine and those that it lists for postmulti(1). It
// fails where the first can't be read.
func findInstances(ctx context.Context, logger log.Logger, directories []string) ([]*postconf.Instance, error) {
	named := len(directories) > 0
	if !named {
		directories = []string{""}
	}
	first, err := postconf.Discover(ctx, postconf.Options{ConfigDirectory: directories[0]})
	if err != nil {
		return nil, err
	}
	found, rest := []*postconf.Instance{first}, directories[1:]
	if !named {
		rest = first.MultiInstanceDirectories
	}
	for _, directory := range rest {
		next, err := postconf.Discover(ctx, postconf.Options{ConfigDirectory: directory})
		switch {
		case err != nil && named:
			return nil, err
		case err != nil:
			level.Error(logger).Log("msg", "an instance of multi_instance_directories is left out", "err", err)
		case named || next.Enabled: // "postfix start" starts no other
			found = append(found, next)
		}
	}
	return found, nil
}

// instanceNames are multi_instance_name, "-" for the default one as postmulti(1)
// has it; or the configuration directories where those are not all different.
func instanceNames(instances []*postconf.Instance) (names []string) {
	for _, i := range instances {
		name := i.Name
		if name == "" {
			name = "-"
		}
		if slices.Contains(names, name) {
			names = nil
			for _, i := range instances {
				names = append(names, i.ConfigDirectory)
			}
			return names
		}
		names = append(names, name)
	}
	return names
}

// watchInstance makes the watches over an instance and its queue. expected is
// about how many messages are queued, by another source.
func watchInstance(name string, found *postconf.Instance, classifier func() *parser.Classifier, expected func() int) *instance {
	watch := postconf.NewWatch(found, postconf.Options{})
	return &instance{name: name, watch: watch, queue: spool.NewQueue(spool.Config{
		QueueDirectory: found.QueueDirectory,
		Classifier:     classifier,
		Site: func(ctx context.Context) spool.Site {
			now, _ := watch.Instance(ctx) // an old configuration tells it as well
			return spool.Site{MailOwner: uint32(now.MailOwnerUID), MyNetworks: now.MyNetworks}
		},
		Expected: expected,
		Now:      time.Now,
	})}
}

// collectors are those of one instance.
func (i *instance) collectors(names collector.Names) []collector.Collector {
	return []collector.Collector{
		collector.NewUp(procPath, i.watch.Instance),
		collector.NewProcess(procPath, i.watch.Instance),
		collector.NewQueue(i.queue, i.watch.Instance, names),
	}
}
