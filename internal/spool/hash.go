package spool

import "bytes"

// hashOf gives the names of the hash directories of a queue id: the first
// characters of a short one, and of a long one the first of its microseconds in
// hexadecimal (global/mail_queue.c).
func hashOf(id []byte) (hash [maxHashDepth]byte) {
	const microseconds = 6 // where they begin in a long id: the seconds have six digits until 2601
	if z := bytes.LastIndexByte(id, 'z'); z >= microseconds+4 {
		usec := 0
		for _, c := range id[z-4 : z] {
			usec = usec*52 + bytes.IndexByte([]byte(longDigits), c)
		}
		for i := range hash {
			hash[i] = "0123456789ABCDEF"[usec>>(16-4*i)&0xf]
		}
		return hash
	}
	copy(hash[:], id)
	return hash
}

// longDigits are the digits of a long queue id.
const longDigits = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
