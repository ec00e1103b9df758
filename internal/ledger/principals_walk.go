package ledger

// walk visits the rows under their numbers, which handles name, and then the
// order in which they were used.
func (p *Principals) walk(c *codec) {
	items(c, &p.rows, func(r *principal) { r.walk(c) })
	if c.reading && !p.readIndex(c) {
		return
	}
	n := c.length(p.Entries())
	i := p.idle
	for ; n > 0 && c.err == nil; n-- {
		number(c, &i)
		if c.reading && !p.readUse(c, i) {
			return
		}
		i = p.rows[i].next
	}
	c.uint64(&p.evictions)
	p.total.walk(c)
	p.all.walk(c)
	p.board.walk(c, p)
	if c.reading && c.err == nil {
		p.fit()
	}
}

func (r *principal) walk(c *codec) {
	c.string(&r.Name)
	r.Totals.walk(c)
	number(c, &r.used)
	rowNumber(c, &r.generation, ageLimit)
	rowNumber(c, &r.standing, numStandings)
	numbers(c, r.day[:])
	r.series.walk(c)
	r.networks.walk(c)
	r.domains.walk(c)
	r.priors.walk(c)
}

// readIndex makes the index of the rows that were read.
func (p *Principals) readIndex(c *codec) bool {
	if len(p.rows) == 0 || len(p.rows) > maxRows+1 || p.rows[0].Name != Other {
		c.fail("%d rows, or the first is not %s", len(p.rows), Other)
		p.rows = []principal{{Account: Account{Name: Other}}}
		return false
	}
	p.index = make(map[string]uint32, len(p.rows))
	p.free = nil
	for i := 1; i < len(p.rows); i++ {
		name := p.rows[i].Name
		if name == "" {
			p.free = append(p.free, uint32(i))
			continue
		}
		if _, twice := p.index[name]; twice {
			c.fail("two rows of one name")
			return false
		}
		p.index[name] = uint32(i)
	}
	return true
}

// readUse puts a row at the end of the list of rows by use.
func (p *Principals) readUse(c *codec, i uint32) bool {
	if i == 0 || int(i) >= len(p.rows) || p.rows[i].Name == "" || p.rows[i].prev != 0 || p.idle == i {
		c.fail("no row %d, or twice", i)
		return false
	}
	p.push(i)
	return true
}

// fit makes what was read fit the present limits.
func (p *Principals) fit() {
	for len(p.board.members) > p.board.seats {
		p.board.leave(p, p.board.members[len(p.board.members)-1].row)
	}
	for p.Entries() > p.limit {
		i := p.evict()
		if i == 0 {
			return
		}
		p.free = append(p.free, i)
	}
	for i := p.idle; i != 0; i = p.rows[i].next {
		p.board.enter(p, i) // as far as there is room
	}
}
