package source

import (
	"encoding/binary"
	"errors"
)

// place is where the reading of a file stands: which file, how far, and what it
// was like. It is saved with what was made of the lines before it.
type place struct {
	id       fileID
	born     int64 // when the file was made, nanoseconds since the epoch; 0 where that is not known
	head     signature
	offset   int64 // in the uncompressed content, of the first byte that is not handed on
	dropping bool  // what comes up to the next newline is the rest of a cut line
	size     int64 // as stored, when it was last looked at
	modified int64 // nanoseconds since the epoch
}

// placeVersion is the first byte of an encoded place.
const placeVersion = 2

const placeLen = 1 + 8 + 8 + 8 + 2 + 16 + 8 + 1 + 8 + 8

var errPlace = errors.New("the saved position is of another version, or damaged")

func (p *place) append(dst []byte) []byte {
	dst = append(dst, placeVersion)
	dst = binary.LittleEndian.AppendUint64(dst, p.id.device)
	dst = binary.LittleEndian.AppendUint64(dst, p.id.inode)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(p.born))
	dst = binary.LittleEndian.AppendUint16(dst, p.head.n)
	dst = append(dst, p.head.sum[:]...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(p.offset))
	if p.dropping {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(p.size))
	return binary.LittleEndian.AppendUint64(dst, uint64(p.modified))
}

// readPlace reads what append wrote.
func readPlace(b []byte) (place, error) {
	if len(b) != placeLen || b[0] != placeVersion {
		return place{}, errPlace
	}
	b = b[1:]
	u64 := func() uint64 {
		n := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return n
	}
	var p place
	p.id = fileID{u64(), u64()}
	p.born = int64(u64())
	p.head.n = binary.LittleEndian.Uint16(b)
	p.head.sum = [16]byte(b[2:18])
	b = b[18:]
	p.offset = int64(u64())
	p.dropping = b[0] == 1
	b = b[1:]
	p.size, p.modified = int64(u64()), int64(u64())
	if p.offset < 0 || p.head.n > signatureSize {
		return place{}, errPlace
	}
	return p, nil
}
