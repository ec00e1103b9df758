package spool

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math"
	"slices"
)

// domains counts queued messages by the domain of the first recipient that they
// wait for. Strangers choose domains, and as many as they like: so messages are
// counted in cells by a keyed hash, and no domain is kept by name.
type domains struct {
	seed  maphash.Seed
	cells []uint32
}

const domainCells = 1 << 16

func newDomains() domains {
	return domains{seed: maphash.MakeSeed(), cells: make([]uint32, domainCells)}
}

// maxDomain bounds what is looked at of a domain, in bytes (RFC 5321).
const maxDomain = 255

// hash gives an address's domain a number, the same for upper and lower case; 0
// where it has none.
func (d *domains) hash(address []byte) uint32 {
	domain := address[bytes.LastIndexByte(address, '@')+1:]
	if len(domain) == 0 || len(domain) == len(address) || len(domain) > maxDomain {
		return 0
	}
	var lower [maxDomain]byte
	for i, c := range domain {
		if c-'A' <= 25 {
			c |= 0x20
		}
		lower[i] = c
	}
	return max(1, uint32(maphash.Bytes(d.seed, lower[:len(domain)])))
}

func (d *domains) reset() { clear(d.cells) }

func (d *domains) add(hash uint32) { d.cells[hash%domainCells]++ }

// distinct estimates how many domains there are, by the cells that stayed empty:
// to about 1 % up to 100,000, and at most some 700,000.
func (d *domains) distinct() int {
	empty := 0
	for _, n := range d.cells {
		if n == 0 {
			empty++
		}
	}
	return int(math.Round(domainCells * math.Log(domainCells/float64(max(empty, 1)))))
}

// fullest marks the n cells with most messages, among which are the n domains
// with most.
func (d *domains) fullest(n int) map[uint32]bool {
	var top []uint32
	for cell, count := range d.cells {
		if count == 0 || len(top) == n && count <= d.cells[top[n-1]] {
			continue
		}
		top = append(top, uint32(cell))
		slices.SortFunc(top, func(a, b uint32) int { return cmp.Compare(d.cells[b], d.cells[a]) })
		top = top[:min(n, len(top))]
	}
	marks := map[uint32]bool{}
	for _, cell := range top {
		marks[cell] = true
	}
	return marks
}
