package collector

import (
	"context"
	"path"

	"postfix_exporter/parser"
)

// otherLabel is the row of what stands on no list.
const otherLabel = "_other"

// serviceKey is how a process names its service: -n, or else its own program's
// name, and -t (master/master_ent.c).
type serviceKey struct{ name, transport string }

// serviceLabels are master.cf's own words.
type serviceLabels struct{ service, command string }

// serviceCount counts processes by service. Its labels come from master.cf
// alone, so no argv can add one.
type serviceCount struct {
	byKey    map[serviceKey]serviceLabels
	running  map[serviceLabels]int
	stressed map[string]int // by service; there from the start for those that the network reaches
}

func newServiceCount(services []parser.Service) *serviceCount {
	c := &serviceCount{
		byKey:    map[serviceKey]serviceLabels{},
		running:  map[serviceLabels]int{{otherLabel, otherLabel}: 0},
		stressed: map[string]int{},
	}
	for _, s := range services {
		labels := serviceLabels{s.Name, s.Command}
		c.byKey[serviceKey{s.Name, s.Type}] = labels
		c.running[labels] = 0
		if s.Type == "inet" || s.Type == "pass" {
			c.stressed[s.Name] = 0
		}
	}
	return c
}

// add counts one process by its arguments.
func (c *serviceCount) add(args []string) {
	key, stress := serviceOf(args)
	labels, known := c.byKey[key]
	if !known {
		labels = serviceLabels{otherLabel, otherLabel}
	}
	c.running[labels]++
	if stress {
		c.stressed[labels.service]++
	}
}

// serviceOf reads the arguments that the master gives a daemon: -n, where the
// service is not called like the program, before -t, and after it a service
// that the network reaches gets "-o stress=" or "-o stress=yes". A parameter
// of the same name from master.cf follows later.
func serviceOf(args []string) (key serviceKey, stress bool) {
	key.name = path.Base(args[0])
	for i := 1; i+1 < len(args); i++ {
		switch args[i] {
		case "-n":
			if key.transport == "" {
				i++
				key.name = args[i]
			}
		case "-t":
			if key.transport == "" {
				i++
				key.transport = args[i]
			}
		case "-o":
			i++
			stress = stress || args[i] == "stress=yes"
		}
	}
	return key, stress
}

// countChildren counts the children of a master that run as the owner of the
// mail system or as root; with an owner that is not known (-1), all of them.
// Nobody else can be such a child, but where a master is process 1 it gets the
// orphans of all users.
func (p procDir) countChildren(ctx context.Context, master, owner int, c *serviceCount) error {
	if master == 0 {
		return nil
	}
	children, err := p.children(ctx, master)
	if err != nil {
		return err
	}
	for _, child := range children {
		// A fork that has not become a daemon yet still looks like its master.
		if child.comm == "master" {
			continue
		}
		uid, ok := p.realUID(child.pid)
		if !ok || owner >= 0 && uid != 0 && uid != owner {
			continue
		}
		if args := p.arguments(child.pid); len(args) > 0 {
			c.add(args)
		}
	}
	return nil
}
