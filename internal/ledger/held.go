package ledger

import (
	"math"

	"postfix_exporter/parser"
)

// numHeld is how many kinds of attempts an entry can hold back while its origin
// is not told: those of the statuses of heldStatus.
const numHeld = 4

func heldStatus() [numHeld]parser.Status {
	return [numHeld]parser.Status{parser.StatusSent, parser.StatusDeferred, parser.StatusBounced, parser.StatusSoftBounce}
}

// hold remembers a delivery attempt until the message's account is known.
func (m *message) hold(status parser.Status) {
	for i, st := range heldStatus() {
		if st == status && m.held[i] < math.MaxUint16 {
			m.held[i]++
		}
	}
}

// release gives the attempts held back to the account.
func (s *State) release(m *message) {
	for i, status := range heldStatus() {
		for range m.held[i] {
			s.attempted(m.owner(), attempt{status: status})
		}
	}
	m.held = [numHeld]uint16{}
}
