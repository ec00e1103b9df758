package parser

// parseAnvil reads anvil(8)'s peaks, logged every 600 s and at its end:
//
//	statistics: max KIND rate N/60s for (SERVICE:ADDRESS) at STAMP
//	statistics: max connection count N for (SERVICE:ADDRESS) at STAMP
//	statistics: max cache size N at STAMP
func parseAnvil(b []byte, ev *Event) Outcome {
	b, ok := after(b, "statistics: max ")
	if !ok {
		return Unknown
	}
	what, rest := word1(b)
	unit, rest := word1(rest)
	ev.Anvil = anvilStatistic(what, unit)
	if ev.Anvil == AnvilNone {
		return Unknown
	}
	if ev.Value, rest, ok = number(rest); !ok {
		return Malformed
	}
	if len(rest) > 0 && rest[0] == '/' {
		_, rest = word1(rest)
		rest, _ = after(rest, "for ")
	} else {
		rest, _ = after(rest, " for ")
	}
	ev.Kind = KindAnvil
	if rest, ok = after(rest, "("); !ok {
		return Parsed
	}
	// The service may hold a colon ("127.0.0.1:smtp"), and so may an IPv6
	// address; the service's own colons stand before the one that ends it.
	if pair, _, ok := until(rest, ')'); ok {
		service, address := servicePair(pair)
		ev.Service, ev.ClientAddress = ev.span(service), ev.span(address)
	}
	return Parsed
}

func anvilStatistic(what, unit []byte) AnvilStatistic {
	if string(what) == "cache" && string(unit) == "size" {
		return AnvilCacheSize
	}
	if string(unit) == "count" && string(what) == "connection" {
		return AnvilConnectionCount
	}
	if string(unit) != "rate" {
		return AnvilNone
	}
	switch string(what) {
	case "connection":
		return AnvilConnectionRate
	case "message":
		return AnvilMessageRate
	case "recipient":
		return AnvilRecipientRate
	case "newtls":
		return AnvilNewTLSRate
	case "auth":
		return AnvilAuthRate
	case "tlstrace":
		return AnvilTLSTraceRate
	}
	return AnvilNone
}

// servicePair splits "SERVICE:ADDRESS". A service is a name, a port, or
// "host:port" with an IPv4 host or a bracketed IPv6 one.
func servicePair(b []byte) (service, address []byte) {
	colons := 0
	first, second, last := -1, -1, -1
	bracket := false
	for i, c := range b {
		switch {
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case c == ':' && !bracket:
			switch colons++; colons {
			case 1:
				first = i
			case 2:
				second = i
			}
			last = i
		}
	}
	switch {
	case colons == 0:
		return b, nil
	case colons == 2 && second == last && isHostPort(b[:second]):
		return b[:second], b[second+1:]
	case colons > 2 && isHostPort(b[:second]):
		return b[:second], b[second+1:]
	}
	return b[:first], b[first+1:]
}

// isHostPort says whether a service begins with an IPv4 host, a bracketed host
// or "localhost", so that its first colon is not its last.
func isHostPort(b []byte) bool {
	host, _, _ := until(b, ':')
	if has(host, "[") || string(host) == "localhost" {
		return true
	}
	dots := 0
	for _, c := range host {
		switch {
		case c == '.':
			dots++
		case c < '0' || c > '9':
			return false
		}
	}
	return dots == 3
}
