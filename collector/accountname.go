package collector

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// AccountNames makes label values of the names of accounts. Nil leaves out all
// single accounts.
type AccountNames func(name string) string

// PlainNames shows the names as they are.
func PlainNames(name string) string { return name }

// HashedNames shows a keyed hash instead, 16 hexadecimal digits of HMAC-SHA256:
// the same name gives the same label, and only who has the key can tell which
// of the names that he knows it is.
func HashedNames(key []byte) AccountNames {
	return func(name string) string {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(name))
		return hex.EncodeToString(mac.Sum(nil)[:8])
	}
}
