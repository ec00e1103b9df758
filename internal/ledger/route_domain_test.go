package ledger

import (
	"bytes"
	"testing"
)

// The domain, wherever the last '@' stands among words of eight bytes, and with bytes
// that differ from it in their lowest or highest bit.
func TestDomainOfIsBehindTheLastAt(t *testing.T) {
	const near = "A?\xc0\xc1@"
	for n := range 40 {
		for at := range n {
			address := bytes.Repeat([]byte(near[:4]), 10)[:n]
			address[at] = '@'
			if at > 2 {
				address[at/2] = '@'
			}
			if got := domainOf(address); !bytes.Equal(got, address[at+1:]) {
				t.Fatalf("%q: %q", address, got)
			}
		}
		if got := domainOf(bytes.Repeat([]byte(near[:4]), 10)[:n]); got != nil {
			t.Fatalf("%d bytes without one: %q", n, got)
		}
	}
}
