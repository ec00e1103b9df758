package traffic

import (
	"strconv"
	"time"
)

// process is one of Postfix's processes.
type process struct {
	tag  string // "postfix/smtpd[123]: "
	busy at     // until then
	uses int
}

// daemons are the processes, by their names in the log. Each does one thing at
// a time, and ends after a while, as Postfix's do.
type daemons struct {
	dice
	pid  int
	pool map[string][]*process
}

const (
	maxUse  = 100
	maxIdle = 100 * time.Second
	maxPID  = 4_194_304
)

func newDaemons(d dice) *daemons {
	return &daemons{dice: d, pid: 700, pool: map[string][]*process{}}
}

// take gives a process of that name that is free, until the end of what it does.
func (d *daemons) take(name string, from, until at) *process {
	pool := d.pool[name]
	for i, p := range pool {
		if p.busy > from {
			continue
		}
		if p.uses >= maxUse || from-p.busy > maxIdle {
			p = d.start(name)
			pool[i] = p
		}
		p.busy = until
		p.uses++
		return p
	}
	p := d.start(name)
	p.busy = until
	d.pool[name] = append(pool, p)
	return p
}

// only gives the one process of a daemon that lives for long.
func (d *daemons) only(name string) *process {
	if len(d.pool[name]) == 0 {
		d.pool[name] = []*process{d.start(name)}
	}
	return d.pool[name][0]
}

// restart makes long-lived daemons start anew.
func (d *daemons) restart(names ...string) {
	for _, name := range names {
		delete(d.pool, name)
	}
}

func (d *daemons) start(name string) *process {
	d.pid += d.between(1, 9)
	if d.pid >= maxPID {
		d.pid = 700
	}
	return &process{tag: name + "[" + strconv.Itoa(d.pid) + "]: "}
}
