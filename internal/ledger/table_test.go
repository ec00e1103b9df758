package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"postfix_exporter/parser"
)

func TestMessageIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(message{}); size != 80 {
		t.Errorf("an entry takes %d bytes, want 80: with its slot at most 80+8/0.375 = 101", size)
	}
}

// The table against a map, over random inserts, finds, moves and removals.
func TestTableAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	table := newMessages(1<<20, Seed{1, 2})
	model := map[string]listID{}
	ids := make([]string, 3000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%X", rng.Uint64()>>(rng.IntN(10)*4))
	}
	for step := range 300_000 {
		id := ids[rng.IntN(len(ids))]
		i, m := table.find(queueIDOf([]byte(id)))
		to, known := model[id]
		if known != (i != 0) {
			t.Fatalf("step %d: found %v, want %v", step, i != 0, known)
		}
		switch {
		case !known:
			table.insert(queueIDOf([]byte(id)), int64(step))
			model[id] = listWaiting
		case table.at(i) != m || m.list != to || text(m.id) != id:
			t.Fatalf("step %d: entry of %q in list %d, want %q in %d", step, text(m.id), m.list, id, to)
		case rng.IntN(2) == 0:
			table.remove(i, m)
			delete(model, id)
		default:
			to := listID(rng.IntN(numLists))
			table.move(i, m, to, int64(step))
			model[id] = to
		}
	}
	in := [numLists]int{}
	for _, l := range model {
		in[l]++
	}
	for l := range table.lists {
		n, when := 0, int64(0)
		for i := table.lists[l].head; i != 0; i = table.at(i).next {
			if table.at(i).when < when {
				t.Fatalf("list %d is out of order", l)
			}
			when = table.at(i).when
			n++
		}
		if n != in[l] || n != table.lists[l].n {
			t.Errorf("list %d holds %d and says %d, want %d", l, n, table.lists[l].n, in[l])
		}
	}
	if int(table.used) > len(ids) {
		t.Errorf("%d entries for at most %d ids: free ones were not used again", table.used, len(ids))
	}
}

func text(q queueID) string {
	all := q.bytes()
	return string(all[:q.len()])
}

func TestQueueIDKeepsItsText(t *testing.T) {
	const all = "4F978A2E954BCDFGHJKLMNz"
	for n := range parser.MaxQueueID + 1 {
		for from := 0; from+n <= len(all); from++ {
			if got := text(queueIDOf([]byte(all[from : from+n]))); got != all[from:from+n] {
				t.Errorf("%q became %q", all[from:from+n], got)
			}
		}
	}
}

func TestFindRefusesWhatIsNoID(t *testing.T) {
	table := newMessages(10, Seed{1, 2})
	for range 10_000 { // one of them is found near where none would be
		id := queueIDOf(fmt.Appendf(nil, "%X", rand.Uint64()))
		table.remove(table.insert(id, 0))
	}
	for _, id := range []string{"", "123456789012345678901234"} {
		if i, _ := table.find(queueIDOf([]byte(id))); i != 0 {
			t.Errorf("%q found", id)
		}
	}
	text := []byte("12345678901234567890123")
	long, shorter := queueIDOf(text), queueIDOf(text[:22])
	if _, m := table.find(long); len(text) != parser.MaxQueueID || m != nil {
		t.Error("found in an empty table")
	}
	_, entry := table.insert(long, 0)
	_, found := table.find(long)
	if _, other := table.find(shorter); found != entry || other != nil {
		t.Error("the longest id is lost")
	}
}

func BenchmarkMessages(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		table := newMessages(n, Seed{1, 2})
		ids := make([]queueID, n)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range ids {
			ids[i] = queueIDOf(fmt.Appendf(nil, "%05X%X", rng.IntN(1_000_000), 1_000_000+i))
			table.insert(ids[i], 0)
		}
		b.Run(fmt.Sprintf("find/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if i, _ := table.find(ids[i*7919%n]); i == 0 {
					b.Fatal("lost")
				}
			}
		})
		b.Run(fmt.Sprintf("miss/%d", n), func(b *testing.B) {
			id := []byte("4F978A2E954")
			for i := 0; b.Loop(); i++ {
				id[0], id[1], id[2] = 'G'+byte(i%19), 'G'+byte(i/19%19), 'G'+byte(i/361%19)
				if i, _ := table.find(queueIDOf(id)); i != 0 {
					b.Fatal("found")
				}
			}
		})
		b.Run(fmt.Sprintf("replace/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				id := ids[i*7919%n]
				table.remove(table.find(id))
				table.insert(id, int64(i))
			}
		})
		bytes := len(table.slots)*8 + len(table.chunks)*chunkSize*int(unsafe.Sizeof(message{}))
		b.Logf("%d ids: %.1f bytes an entry", n, float64(bytes)/float64(n))
	}
}
