package parser

import "time"

// clock turns stamps into nanoseconds since the epoch. Lines come in bursts, so
// it remembers the second that it worked out last, and the minute: the change of a
// zone's offset falls on a minute's beginning.
type clock struct {
	location *time.Location
	last     int64 // seconds since the epoch of the last stamp, or of the reference
	seen     bool  // last comes from a line

	second secondRead

	short     [12]byte // "Nov  3 09:01"
	shortTime int64
	iso       [2]uint64 // "2026-11-23T13:41"
	isoTime   int64     // as if the zone were UTC
}

// secondRead is the last stamp, as far as the next one may repeat it.
type secondRead struct {
	text [3]uint64 // "Nov  3 09:01:02 " and zero, or "2026-11-23T13:41" and "13:41:21"
	zone uint64    // "+01:00 "
	mask uint64    // covers zone
	size int       // bytes of zone
	time int64     // nanoseconds since the epoch, without a fraction
}

func newClock(o Options) clock {
	c := clock{
		location: o.Location, last: o.Reference.Unix(),
		second: secondRead{text: [3]uint64{2: 1}}, // no line has this: the twelfth byte can't be both 0 and 1
	}
	if !o.Last.IsZero() {
		c.last, c.seen = o.Last.Unix(), true
	}
	return c
}

// again reads a stamp at the line's head that differs from the last one in the
// fraction of its second at most, and the space after it. It returns the offset
// behind, or -1.
func (c *clock) again(b []byte, ev *Event) (end int) {
	s := &c.second
	if word8(b, 0) != s.text[0] || word8(b, 8) != s.text[1] {
		return -1
	}
	if s.text[2] == 0 {
		ev.Time = s.time
		return 16
	}
	if word8(b, 11) != s.text[2] {
		return -1
	}
	end = past(b, 19, ".")
	fraction := word8(b, end)
	digits := digitRun(fraction)
	if end += digits; end < 0 {
		end = 19
	}
	if digits == 8 || word8(b, end)&s.mask != s.zone {
		return -1
	}
	ev.Time = s.time + tensOfNanos(fraction, digits)*10
	return end + s.size
}

// stamp reads the time at the head of b and the space after it.
func (c *clock) stamp(b []byte, ev *Event) (rest []byte, ok bool) {
	if len(b) < 16 {
		return b, false
	}
	if b[0]-'0' <= 9 {
		return c.rfc3339(b, ev)
	}
	return c.rfc3164(b, ev)
}

// rfc3164 reads "Nov  3 09:01:02 " or, as postlogd(8) pads, "Nov 03 09:01:02 ".
func (c *clock) rfc3164(b []byte, ev *Event) (rest []byte, ok bool) {
	sec, ok := twoDigits(b[13:], 60)
	if !ok || b[12] != ':' || b[15] != ' ' {
		return b, false
	}
	if [12]byte(b) != c.short {
		t, ok := c.shortMinute(b)
		if !ok {
			return b, false
		}
		copy(c.short[:], b)
		c.shortTime = t
	}
	c.last, c.seen = c.shortTime+sec, true
	ev.Time = c.last * int64(time.Second)
	c.second = secondRead{text: [3]uint64{word8(b, 0), word8(b, 8)}, time: ev.Time}
	return b[16:], true
}

func (c *clock) shortMinute(b []byte) (t int64, ok bool) {
	month, ok := monthOf(b)
	if !ok || b[3] != ' ' || b[6] != ' ' || b[9] != ':' {
		return 0, false
	}
	day := int64(b[4] & 0x0f)
	if b[4] == ' ' {
		day = 0
	}
	if (b[4] != ' ' && b[4]-'0' > 3) || b[5]-'0' > 9 {
		return 0, false
	}
	day = day*10 + int64(b[5]-'0')
	hour, ok1 := twoDigits(b[7:], 23)
	minute, ok2 := twoDigits(b[10:], 59)
	if !ok1 || !ok2 || day < 1 || day > 31 {
		return 0, false
	}
	return c.inYear(func(year int) int64 {
		return c.nearest(time.Date(year, month, int(day), int(hour), int(minute), 0, 0, c.location))
	}), true
}

// nearest gives a local time in seconds since the epoch. In the hour that a
// change of the clock repeats it may mean either of two: after a line, the one
// nearer to that line.
func (c *clock) nearest(local time.Time) int64 {
	t := local.Unix()
	if !c.seen {
		return t
	}
	start, end := local.ZoneBounds()
	if other, ok := sameIn(local, start.Add(-time.Second)); ok && abs(other-c.last) < abs(t-c.last) {
		return other
	}
	if other, ok := sameIn(local, end); ok && abs(other-c.last) < abs(t-c.last) {
		return other
	}
	return t
}

// sameIn gives when the clock shows local again, with the offset of a time next
// to its own zone's bounds.
func sameIn(local, neighbour time.Time) (t int64, ok bool) {
	_, own := local.Zone()
	_, other := neighbour.Zone()
	again := local.Add(time.Duration(own-other) * time.Second)
	_, offset := again.Zone()
	return again.Unix(), own != other && offset == other
}

// inYear picks the year of a stamp that has none: after a line, the year that
// puts it nearest to that line; before any, the latest that is not more than a
// day after the reference.
func (c *clock) inYear(at func(year int) int64) int64 {
	const day = 24 * 60 * 60
	year := time.Unix(c.last, 0).In(c.location).Year()
	best := at(year - 1)
	for y := year; y <= year+1; y++ {
		t := at(y)
		switch {
		case c.seen && abs(t-c.last) < abs(best-c.last), !c.seen && t <= c.last+day:
			best = t
		}
	}
	return best
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// rfc3339 reads "2026-11-23T13:41:21.186234+01:00 " with any number of digits
// in the fraction, or none, and "Z" or an offset as the zone.
func (c *clock) rfc3339(b []byte, ev *Event) (rest []byte, ok bool) {
	if len(b) < 21 || b[16] != ':' {
		return b, false
	}
	sec, ok := twoDigits(b[17:], 60)
	if !ok {
		return b, false
	}
	if minute := [2]uint64{word8(b, 0), word8(b, 8)}; minute[0] != c.iso[0] || minute[1] != c.iso[1] {
		t, ok := isoMinute(b)
		if !ok {
			return b, false
		}
		c.iso, c.isoTime = minute, t
	}
	nanos := int64(0)
	rest = b[19:]
	if rest[0] == '.' {
		nanos, rest = fraction(rest[1:])
	}
	behind := rest
	offset, rest, ok := zone(rest)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return b, false
	}
	rest = rest[1:]
	c.last, c.seen = c.isoTime+sec-offset, true
	second := c.last * int64(time.Second)
	ev.Time = second + nanos
	if len(behind) < 8 { // too short to be compared by again
		return rest, true
	}
	size := len(behind) - len(rest)
	mask := uint64(1)<<(8*size) - 1
	c.second = secondRead{text: [3]uint64{c.iso[0], c.iso[1], word8(b, 11)}, zone: word8(behind, 0) & mask, mask: mask, size: size, time: second}
	return rest, true
}

// fraction reads the digits behind the point as nanoseconds; those after the ninth
// count nothing.
func fraction(b []byte) (nanos int64, rest []byte) {
	w := word8(b, 0)
	if n := digitRun(w); 0 < n && n < 8 { // as all programs but a few write it
		return tensOfNanos(w, n) * 10, b[n:]
	}
	i := 0
	for unit := int64(100_000_000); i < len(b) && b[i]-'0' <= 9; i++ {
		nanos += int64(b[i]-'0') * unit
		unit /= 10
	}
	return nanos, b[i:]
}

// tensOfNanos gives what the first n digits of w, at most 8, are behind a point, in
// units of ten nanoseconds.
func tensOfNanos(w uint64, n int) int64 {
	return int64(eightDigits((w ^ '0'*ones) & (1<<(8*n) - 1)))
}

func isoMinute(b []byte) (t int64, ok bool) {
	century, ok1 := twoDigits(b, 99)
	year, ok2 := twoDigits(b[2:], 99)
	month, ok3 := twoDigits(b[5:], 12)
	day, ok4 := twoDigits(b[8:], 31)
	hour, ok5 := twoDigits(b[11:], 23)
	minute, ok6 := twoDigits(b[14:], 59)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' ||
		month == 0 || day == 0 || century < 19 || century > 21 {
		return 0, false
	}
	return time.Date(int(century*100+year), time.Month(month), int(day), int(hour), int(minute), 0, 0, time.UTC).Unix(), true
}

// zone reads "Z" or "+01:00" as seconds east of UTC.
func zone(b []byte) (offset int64, rest []byte, ok bool) {
	if len(b) > 0 && b[0] == 'Z' {
		return 0, b[1:], true
	}
	if len(b) < 6 || (b[0] != '+' && b[0] != '-') || b[3] != ':' {
		return 0, b, false
	}
	hour, ok1 := twoDigits(b[1:], 23)
	minute, ok2 := twoDigits(b[4:], 59)
	offset = hour*3600 + minute*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, b[6:], ok1 && ok2
}

func twoDigits(b []byte, highest int64) (n int64, ok bool) {
	if len(b) < 2 || b[0]-'0' > 9 || b[1]-'0' > 9 {
		return 0, false
	}
	n = int64(b[0]-'0')*10 + int64(b[1]-'0')
	return n, n <= highest
}

func monthOf(b []byte) (time.Month, bool) {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	for m := range 12 {
		if string(b[:3]) == names[3*m:3*m+3] {
			return time.Month(m + 1), true
		}
	}
	return 0, false
}
