package doctor

import (
	"context"
	"path"
)

// checkPostfix: is there an instance, and does its configuration say all?
func checkPostfix(_ context.Context, p *Patient, n *notes) {
	if p.NoPostfix != nil {
		n.failed(p.NoPostfix)
	}
	for _, i := range p.Instances {
		n.works("Postfix %s in %s, queue in %s", i.Version, i.ConfigDirectory, i.QueueDirectory)
		for _, problem := range i.Problems {
			n.advice("", "%s: %s", i.ConfigDirectory, problem)
		}
	}
}

// checkInstances: are all that the first one names looked after?
func checkInstances(_ context.Context, p *Patient, n *notes) {
	switch {
	case len(p.Instances) == 0:
		n.skips("no instance")
	case len(p.Instances) > 1:
		n.works("%d instances are looked after", len(p.Instances))
	case p.Instances[0].Several > 0:
		n.advice("postmulti -l", "multi_instance_directories names %d more instances, of which none is enabled or readable", p.Instances[0].Several)
	default:
		n.works("it is the only instance")
	}
}

// checkServices: are the limits of processes known?
func checkServices(_ context.Context, p *Patient, n *notes) {
	if len(p.Instances) == 0 {
		n.skips("no instance")
	}
	for _, i := range p.Instances {
		if i.Services == 0 {
			n.fails("chmod 644 "+path.Join(i.ConfigDirectory, "master.cf"), "%s/master.cf names no service: limits are not known", i.ConfigDirectory)
			continue
		}
		n.works("%d services in %s/master.cf", i.Services, i.ConfigDirectory)
	}
}

// checkProcesses: does Postfix run, and does the process table show it?
func checkProcesses(_ context.Context, p *Patient, n *notes) {
	if len(p.Instances) == 0 {
		n.skips("no instance")
	}
	for _, i := range p.Instances {
		switch known, running := i.Running(); {
		case !known:
			n.fails("mount -o remount,hidepid=0 /proc", "the process table does not show whether Postfix of %s runs: /proc hides other users' processes, "+
				"or a container sees only its own (--pid=host)", i.ConfigDirectory)
		case !running:
			n.fails("postfix -c "+i.ConfigDirectory+" start", "Postfix of %s does not run", i.ConfigDirectory)
		default:
			n.works("Postfix of %s runs", i.ConfigDirectory)
		}
	}
}

// checkQueueIDs: may a queue id mean another message tomorrow?
func checkQueueIDs(_ context.Context, p *Patient, n *notes) {
	if len(p.Instances) == 0 {
		n.skips("no instance")
	}
	for _, i := range p.Instances {
		if i.LongQueueIDs {
			n.works("queue ids of %s are long, and used once", i.ConfigDirectory)
			continue
		}
		n.advice("postconf -c "+i.ConfigDirectory+" -e enable_long_queue_ids=yes && postfix -c "+i.ConfigDirectory+" reload",
			"queue ids of %s are short: one that was noted may soon be another message's", i.ConfigDirectory)
	}
}
