package ledger

import (
	"unicode"
	"unicode/utf8"
)

// Other is the label value of what has no row of its own, so that sums stay
// exact.
const Other = "_other"

// MaxNames bounds a table of Names. A server has a handful of syslog_names; any
// local user can invent more.
const MaxNames = 64

const maxNameBytes = 64

// Names is a bounded table of words that come from the log. Index 0 is Other;
// the first MaxNames clean words get an index of their own and keep it.
type Names struct {
	words []string
	near  [16]uint8 // by a word's length, the last one looked up
}

func newNames() Names { return Names{words: []string{Other}} }

// All lists the words by index.
func (n *Names) All() []string { return n.words }

func (n *Names) index(b []byte) uint8 {
	near := &n.near[len(b)%len(n.near)]
	if n.words[*near] == string(b) {
		return *near
	}
	for i, w := range n.words {
		if w == string(b) {
			*near = uint8(i)
			return *near
		}
	}
	if len(n.words) > MaxNames || !clean(b, maxNameBytes) {
		return 0
	}
	n.words = append(n.words, string(b))
	*near = uint8(len(n.words) - 1)
	return *near
}

// clean says whether b may become a label value: at most limit bytes of valid
// UTF-8 that a terminal shows as they are.
func clean(b []byte, limit int) bool {
	if len(b) > limit || !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

func (n *Names) walk(c *codec) {
	items(c, &n.words, c.string)
	if c.reading && (len(n.words) == 0 || len(n.words) > MaxNames+1) {
		c.fail("a table of %d names", len(n.words))
		*n = newNames()
	}
}
