package collector

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Names give label values for those who send. A nil function gives none: then
// all are in the row _other.
type Names struct {
	Account func(saslUsername string) string
	User    func(uid string) string // the name of a uid, or nothing
}

// PlainNames shows the names as they are.
func PlainNames(name string) string { return name }

// HashedNames shows a keyed hash instead, 16 hexadecimal digits of HMAC-SHA256:
// the same name gives the same label, and only who has the key can tell which
// of the names that he knows it is.
func HashedNames(key []byte) func(name string) string {
	return func(name string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(name))
		return hex.EncodeToString(mac.Sum(nil)[:8])
	}
}
