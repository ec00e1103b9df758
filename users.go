package main

import (
	"os/user"
	"sync"
)

// maxUserNames bounds what is remembered of the host's users.
const maxUserNames = 1000

// userNames gives a function that gives the name of a uid, empty where the host
// knows none. It asks once for each; a user's name seldom changes.
func userNames() func(uid string) string {
	var mu sync.Mutex
	known := map[string]string{}
	return func(uid string) string {
		mu.Lock()
		defer mu.Unlock()
		if name, ok := known[uid]; ok {
			return name
		}
		name := ""
		if u, err := user.LookupId(uid); err == nil {
			name = u.Username
		}
		if len(known) >= maxUserNames {
			clear(known)
		}
		known[uid] = name
		return name
	}
}
