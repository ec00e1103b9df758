package ledger

import (
	"math"
	"time"
)

// Window is a stretch of log time that ends now. It is made of whole steps, so
// that its oldest step leaves it at once: "5m" is the step under way and the 29
// steps of 10 seconds before it.
type Window uint8

// The windows.
const (
	Window5m  Window = iota // steps of 10 seconds
	Window1h                // of a minute
	Window24h               // of a quarter of an hour

	NumWindows = int(Window24h) + 1
)

func (w Window) String() string { return [NumWindows]string{"5m", "1h", "24h"}[w] }

// tick is log time in units of 10 seconds since the epoch, the finest that
// windows know.
type tick uint32

const tickLength = 10 * time.Second

// tickOf takes nanoseconds since the epoch. Times before it and after the year
// 3331 can only be forged.
func tickOf(now int64) tick {
	return tick(min(max(now/int64(tickLength), 0), math.MaxUint32))
}

// step is the length of a window's step, length that of the window in steps.
func (w Window) step() tick   { return [NumWindows]tick{1, 6, 90}[w] }
func (w Window) length() tick { return [NumWindows]tick{30, 60, 96}[w] }

// holds says whether what happened at t lies in the window that ends now. What
// lies after now, because the clock was set back, does not.
func (w Window) holds(t, now tick) bool {
	return t <= now && now/w.step()-t/w.step() < w.length()
}
