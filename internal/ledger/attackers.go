package ledger

// Attackers says how many different client networks fail to log in, and under
// how many different names. A name is what an attacker writes: only its hash is
// looked at.
type Attackers struct {
	networks, users panes[distinct, *distinct]
}

// failed notes a failed login; user is the hash of its name, 0 where the log
// names none.
func (a *Attackers) failed(now tick, network, user uint64) {
	a.networks.now(now).add(network)
	if user != 0 {
		a.users.now(now).add(user)
	}
}

// Count gives the number of networks and of names in a window.
func (a *Attackers) Count(now int64, w Window) (networks, users uint64) {
	var all distinct
	a.networks.each(w, tickOf(now), all.join)
	networks = all.count()
	all = distinct{}
	a.users.each(w, tickOf(now), all.join)
	return networks, all.count()
}

func (a *Attackers) walk(c *codec) {
	a.networks.walk(c, func(d *distinct) { d.walk(c) })
	a.users.walk(c, func(d *distinct) { d.walk(c) })
}
