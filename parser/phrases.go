package parser

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed reasons.tsv
var builtinReasons string

// phraseColumns is one more than the number of different bytes that phrases may
// have, both cases of a letter counted once.
const phraseColumns = 64

// phraseTable finds many phrases in one pass over a text (Aho and Corasick), in
// any case. Of several phrases in a text the one that stands first in the list
// decides.
type phraseTable struct {
	class   [256]uint8              // byte -> column; 0 for a byte that no phrase has
	next    [][phraseColumns]uint16 // state, column -> state
	best    []uint16                // state -> index of the first-listed phrase that ends there
	reasons []FailureReason
}

// newPhraseTable reads tables of phrases, of which the first go first.
func newPhraseTable(tables ...string) (*phraseTable, error) {
	t := &phraseTable{}
	var phrases []string
	add := func(name, phrase string) error {
		reason, known := failureReasonOf(name)
		switch {
		case !known:
			return fmt.Errorf("no reason %q: it must be a word that the built-in table has", name)
		case phrase != strings.ToLower(phrase) || len(phrase) > maxReplyScan:
			return fmt.Errorf("%.80q: upper case, or longer than %d bytes", phrase, maxReplyScan)
		}
		if !slices.Contains(phrases, phrase) { // else an earlier line decides
			phrases = append(phrases, phrase)
			t.reasons = append(t.reasons, reason)
		}
		return nil
	}
	for _, table := range tables {
		if err := tableLines(table, add); err != nil {
			return nil, err
		}
	}
	if err := t.columns(phrases); err != nil {
		return nil, err
	}
	if err := t.build(phrases); err != nil {
		return nil, err
	}
	return t, nil
}

func failureReasonOf(name string) (FailureReason, bool) {
	for r := range FailureReason(NumFailureReasons) {
		if r.String() == name {
			return r, true
		}
	}
	return 0, false
}

// columns gives every byte that a phrase has a column, both cases of a letter
// the same.
func (t *phraseTable) columns(phrases []string) error {
	n := 1
	for _, phrase := range phrases {
		for _, c := range []byte(phrase) {
			if t.class[c] == 0 {
				t.class[c] = uint8(n)
				n++
			}
		}
	}
	for c := byte('a'); c <= 'z'; c++ {
		t.class[c-'a'+'A'] = t.class[c]
	}
	if n > phraseColumns {
		return fmt.Errorf("phrases of more than %d different bytes", phraseColumns-1)
	}
	return nil
}

// build makes the trie of the phrases, then walks it breadth first: where a state
// has no step of its own, it has that of its longest proper suffix.
func (t *phraseTable) build(phrases []string) error {
	none := uint16(len(phrases))
	type step struct {
		column uint8
		to     uint16
	}
	trie := [][]step{nil} // by state
	t.best = []uint16{none}
	for i, phrase := range phrases {
		state := uint16(0)
		for _, c := range []byte(phrase) {
			column := t.class[c]
			k := slices.IndexFunc(trie[state], func(s step) bool { return s.column == column })
			if k < 0 {
				k = len(trie[state])
				trie[state] = append(trie[state], step{column, uint16(len(trie))})
				trie, t.best = append(trie, nil), append(t.best, none)
			}
			state = trie[state][k].to
		}
		t.best[state] = uint16(i)
		if len(trie) > 1<<16-1-maxReplyScan {
			return fmt.Errorf("too many phrases: %d states", len(trie))
		}
	}
	t.next = make([][phraseColumns]uint16, len(trie))
	suffix := make([]uint16, len(trie))
	for queue := []uint16{0}; len(queue) > 0; queue = queue[1:] {
		state := queue[0]
		if state != 0 {
			t.next[state] = t.next[suffix[state]]
		}
		for _, step := range trie[state] {
			if state != 0 {
				suffix[step.to] = t.next[state][step.column]
			}
			t.next[state][step.column] = step.to
			t.best[step.to] = min(t.best[step.to], t.best[suffix[step.to]])
			queue = append(queue, step.to)
		}
	}
	return nil
}

// find looks through at most limit bytes. It leaves out what stands in <>: an
// address that the remote host repeats, and that whoever sent the mail chose.
func (t *phraseTable) find(b []byte, limit int) (FailureReason, bool) {
	best := uint16(len(t.reasons))
	for limit > 0 && len(b) > 0 {
		head := b[:min(limit, len(b))]
		open := bytes.IndexByte(head, '<')
		if open < 0 {
			open = len(head)
		}
		best = min(best, t.scan(head[:open]))
		b, limit = skipAddress(b[open:], limit-open)
	}
	if int(best) == len(t.reasons) {
		return FailureOther, false
	}
	return t.reasons[best], true
}

func (t *phraseTable) scan(b []byte) (best uint16) {
	best = uint16(len(t.reasons))
	state := uint16(0)
	for _, c := range b {
		state = t.next[state][t.class[c]%phraseColumns]
		best = min(best, t.best[state])
	}
	return best
}

// skipAddress skips "<…>" at the head of b, or the '<' alone where nothing
// closes it. Its price in scanned bytes is about what it costs in time, so that
// no text is dearer than a plain one.
func skipAddress(b []byte, limit int) (rest []byte, left int) {
	const price, longest = 16, 512
	left = limit - price
	if len(b) == 0 || left <= 0 {
		return nil, 0
	}
	inner := b[1:min(len(b), longest)]
	end := bytes.IndexByte(inner, '>')
	if end < 0 {
		return b[1:], left
	}
	if bytes.IndexByte(inner[:end], '"') < 0 {
		return b[end+2:], left
	}
	inner = inner[:min(len(inner), left)]
	quoted, _, ok := address(inner)
	if !ok {
		return nil, 0
	}
	return b[len(quoted)+2:], left - len(quoted)
}
