package triage

import (
	"cmp"
	"maps"
	"slices"
)

// Count is how often something was seen. What may be a stranger's text.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// tally counts words in a bounded space: of the words beyond maxWords only the
// number is kept.
type tally struct {
	n      map[string]int
	beyond int
}

const maxWords = 10_000

func (t *tally) add(word string) {
	if t.n == nil {
		t.n = map[string]int{}
	}
	if _, ok := t.n[word]; !ok && len(t.n) >= maxWords {
		t.beyond++
		return
	}
	t.n[word]++
}

// top gives the commonest words, and how many there are in all.
func (t *tally) top(n int) (top []Count, all int) {
	for _, word := range slices.SortedFunc(maps.Keys(t.n), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.n[b], t.n[a]), cmp.Compare(a, b))
	}) {
		if len(top) == n {
			break
		}
		top = append(top, Count{word, t.n[word]})
	}
	return top, len(t.n)
}
