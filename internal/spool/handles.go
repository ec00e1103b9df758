package spool

import "golang.org/x/sys/unix"

// handles keeps directories open while the files of a scan are read, which come
// in no order.
type handles struct{ open map[uint32]int }

const maxHandles = 128

// get gives a directory that is open, or opens it; a failure is kept for the
// scan too, as -1.
func (h *handles) get(key uint32, open func() (int, error)) int {
	fd, ok := h.open[key]
	if ok {
		return fd
	}
	if len(h.open) >= maxHandles {
		h.close()
	}
	fd, err := open()
	if err != nil {
		fd = -1
	}
	if h.open == nil {
		h.open = map[uint32]int{}
	}
	h.open[key] = fd
	return fd
}

func (h *handles) close() {
	for _, fd := range h.open {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	clear(h.open)
}
