package traffic

import "fmt"

// client is the other end of a connection. Who is where: the ranges set aside
// for documents are too small for so many networks, so that most addresses are
// private ones.
//
//	192.0.2.0/27      we and our machines, mynetworks
//	203.0.113.0/24    our backup MX, monitoring
//	198.18.0.0/15     other mail servers (the range for benchmarks)
//	10.0.0.0/9        homes, offices and phones of our accounts
//	2001:db8::/32     homes of those who have IPv6
//	10.128.0.0/9      strangers: bots, guessers, thieves
type client struct {
	text    string // "name[address]"
	address string
	network uint32 // a number of its own for each /24 or /48
	helo    string
}

// MyNetworks lists the networks that may relay without logging in.
func MyNetworks() []string { return []string{"127.0.0.0/8", "192.0.2.0/27"} }

func ipv4(name string, a, b, c, d int) client {
	address := fmt.Sprintf("%d.%d.%d.%d", a, b, c, d)
	cl := client{text: name + "[" + address + "]", address: address, network: uint32(a<<16 | b<<8 | c), helo: name}
	if name == "unknown" {
		cl.helo = "[" + address + "]"
	}
	return cl
}

// ipv6 is a home with a /48 of its own.
func ipv6(n, host int) client {
	address := fmt.Sprintf("2001:db8:%x::%x", n, host)
	return client{text: "unknown[" + address + "]", address: address, network: 1<<31 | uint32(n), helo: "[IPv6:" + address + "]"}
}

// lineName gives the name that an access provider makes of an address.
func lineName(provider string, a, b, c, d int) string {
	return fmt.Sprintf("ip-%d-%d-%d-%d.%s", a, b, c, d, provider)
}

// home is the n-th access line, in a /24 of its own.
func home(d dice, n int) client {
	b, c, e := n/250%60, n%250, d.between(2, 250)
	if d.chance(0.4) {
		return ipv4("unknown", 10, b, c, e)
	}
	return ipv4(lineName(pick(d, providers()), 10, b, c, e), 10, b, c, e)
}

// mobile is an address of a mobile carrier, which thousands share. Each carrier
// has some networks; a phone keeps one for some hours, or mostly so.
func mobile(d dice, carrier, hours int) client {
	c, e := hours*5%14, d.between(1, 12)
	if d.chance(0.1) {
		c = d.IntN(14)
	}
	return ipv4(fmt.Sprintf("cgn-%d-%d.mobile%d.test", c, e, carrier), 10, 100+carrier, c, e)
}

// stranger is an address out of the wide world, seldom met twice.
func stranger(d dice) client {
	b, c, e := d.between(128, 255), d.IntN(256), d.between(1, 254)
	if d.chance(0.55) {
		return ipv4("unknown", 10, b, c, e)
	}
	return ipv4(lineName(pick(d, providers()), 10, b, c, e), 10, b, c, e)
}

func providers() []string {
	return []string{"dsl.access1.test", "cable.access2.test", "fibre.access3.test", "dyn.access4.test"}
}
