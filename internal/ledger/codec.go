package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// codec writes a state's fields one after the other, or reads them: which, the
// direction says. Each type of State has one method walk that visits its fields
// in order, so that what is read is what was written. Numbers are varints.
//
// The first error ends reading: what is visited afterwards stays as it is.
// Whatever the input, reading doesn't panic, and takes memory in proportion to
// the input's length.
type codec struct {
	buf     []byte // written so far, or still to be read
	reading bool
	err     error
}

var errShort = errors.New("it breaks off")

func (c *codec) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// uint64 visits one number; those of other types go through number.
func (c *codec) uint64(v *uint64) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	if c.err != nil {
		return
	}
	n, size := binary.Uvarint(c.buf)
	if size <= 0 {
		c.err = errShort
		return
	}
	*v, c.buf = n, c.buf[size:]
}

type unsigned interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64
}

// number visits an unsigned number of any size; one that does not fit is an error.
func number[T unsigned](c *codec, v *T) {
	n := uint64(*v)
	c.uint64(&n)
	switch {
	case !c.reading:
	case uint64(T(n)) != n:
		c.fail("a number is too large: %d", n)
	default:
		*v = T(n)
	}
}

// numbers visits each number of a table whose size is fixed.
func numbers[T unsigned](c *codec, table []T) {
	for i := range table {
		number(c, &table[i])
	}
}

// int64 visits a number that may be below 0.
func (c *codec) int64(v *int64) {
	n := uint64(*v)<<1 ^ uint64(*v>>63)
	c.uint64(&n)
	if c.reading {
		*v = int64(n>>1) ^ -int64(n&1)
	}
}

// truth visits a yes or no.
func truth(c *codec, v *bool) {
	n := uint8(0)
	if *v {
		n = 1
	}
	number(c, &n)
	if c.reading {
		*v = n != 0
	}
}

// rowNumber visits the number of a row in a table of n. To read one that the table does
// not have is an error; the number is then 0.
func rowNumber[T unsigned](c *codec, v *T, n int) {
	number(c, v)
	if c.reading && uint64(*v) >= uint64(n) {
		c.fail("no row %d in a table of %d", *v, n)
		*v = 0
	}
}

// length visits the number of items of a list and returns how many follow: n
// when writing. Each item takes a byte at least, which bounds what a damaged
// input can ask for; after an error it is 0.
func (c *codec) length(n int) int {
	v := uint64(n)
	c.uint64(&v)
	if c.reading && v > uint64(len(c.buf)) {
		c.fail("a list of %d items in %d bytes", v, len(c.buf))
	}
	if c.err != nil {
		return 0
	}
	return int(v)
}

// string visits a text.
func (c *codec) string(s *string) {
	n := c.length(len(*s))
	if !c.reading {
		c.buf = append(c.buf, *s...)
	} else if c.err == nil {
		*s, c.buf = string(c.buf[:n]), c.buf[n:]
	}
}

// bytes visits bytes of any number; an empty slice is read as nil.
func (c *codec) bytes(b *[]byte) {
	n := c.length(len(*b))
	if !c.reading {
		c.buf = append(c.buf, *b...)
	} else if c.err == nil {
		*b, c.buf = append([]byte(nil), c.buf[:n]...), c.buf[n:]
	}
}

// items visits a list whose items are values.
func items[T any](c *codec, list *[]T, walk func(*T)) {
	n := c.length(len(*list))
	if c.reading {
		*list = nil
	}
	for i := 0; i < n && c.err == nil; i++ {
		if c.reading {
			*list = append(*list, *new(T))
		}
		walk(&(*list)[i])
	}
}

// sparse visits the items of a table that are taken; place puts one that was
// read where it belongs.
func sparse[T any](c *codec, table []T, taken func(*T) bool, walk, place func(*T)) {
	n := 0
	for i := range table {
		if taken(&table[i]) {
			n++
		}
	}
	n = c.length(n)
	if c.reading {
		for ; n > 0 && c.err == nil; n-- {
			var item T
			walk(&item)
			place(&item)
		}
		return
	}
	for i := range table {
		if taken(&table[i]) {
			walk(&table[i])
		}
	}
}
