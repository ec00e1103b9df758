package traffic

// heap keeps items so that the one before all others comes out first. Items are
// values: container/heap would make an allocation of each.
type heap[T any] struct {
	items  []T
	before func(a, b *T) bool
}

func (h *heap[T]) len() int { return len(h.items) }

// first is the item that comes out next. The heap must not be empty.
func (h *heap[T]) first() *T { return &h.items[0] }

func (h *heap[T]) push(item T) {
	h.items = append(h.items, item)
	i := len(h.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.before(&item, &h.items[parent]) {
			break
		}
		h.items[i] = h.items[parent]
		i = parent
	}
	h.items[i] = item
}

func (h *heap[T]) pop() T {
	top := h.items[0]
	end := len(h.items) - 1
	last := h.items[end]
	var none T
	h.items[end] = none
	h.items = h.items[:end]
	if end == 0 {
		return top
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= end {
			break
		}
		if child+1 < end && h.before(&h.items[child+1], &h.items[child]) {
			child++
		}
		if !h.before(&h.items[child], &last) {
			break
		}
		h.items[i] = h.items[child]
		i = child
	}
	h.items[i] = last
	return top
}
