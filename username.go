package main

import "os/user"

// userName gives the name of a uid; "" where this machine knows none.
func userName(uid string) string {
	u, err := user.LookupId(uid)
	if err != nil {
		return ""
	}
	return u.Username
}
