package postconf

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// instanceOf reads an instance whose files these are, without postconf(1).
func instanceOf(t *testing.T, root fstest.MapFS) *Instance {
	t.Helper()
	o := files(t, "plain")
	o.FS = root
	instance, err := Discover(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

func rootOf(mainCF, masterCF string, more ...string) fstest.MapFS {
	root := fstest.MapFS{
		"etc/postfix/main.cf":   {Data: []byte("compatibility_level = 2\n" + mainCF)},
		"etc/postfix/master.cf": {Data: []byte(masterCF)},
		"etc/passwd":            {Data: []byte("postfix:x:9:9::/:/\nscan:x:77:77::/:/\n")},
	}
	for n := 0; n < len(more); n += 2 {
		root[more[n]] = &fstest.MapFile{Data: []byte(more[n+1])}
	}
	return root
}

// Lists take in the files and tables that they name, where their text is there.
func TestListsOfTables(t *testing.T) {
	const text = "# a comment\na.example OK\n\n.b.example  x y\n  goes on\nuser@c.example z\nD.example\tOK # no comment\n"
	for name, tt := range map[string]struct {
		value, want string
		known       bool
	}{
		"plain":                  {"a.example, B.example", "a.example b.example", true},
		"hash":                   {"hash:/etc/postfix/domains", "a.example .b.example d.example", true},
		"among others":           {"x.example lmdb:/etc/postfix/domains y.example", "x.example a.example .b.example d.example y.example", true},
		"through proxymap":       {"proxy:btree:/etc/postfix/domains", "a.example .b.example d.example", true},
		"a file of words":        {"/etc/postfix/words", "e.example f.example g.example", true},
		"a database":             {"a.example mysql:/etc/postfix/domains", "a.example", false},
		"a pattern":              {"regexp:/etc/postfix/domains", "", false},
		"inline":                 {"inline:{a.example=x, b.example=y}", "", false},
		"no text":                {"hash:/etc/postfix/none", "", false},
		"a directory":            {"hash:/etc/postfix", "", false},
		"an exclusion":           {"!a.example b.example", "b.example", false},
		"an address in brackets": {"[192.0.2.1] [2001:db8::1]", "[192.0.2.1] [2001:db8::1]", true},
	} {
		t.Run(name, func(t *testing.T) {
			instance := instanceOf(t, rootOf("relay_domains = "+tt.value, "", "etc/postfix/domains", text, "etc/postfix/words", "e.example, f.example # x\n# y\n\tg.example\n"))
			if got := strings.Join(instance.RelayDomains, " "); got != tt.want || instance.DomainsKnown != tt.known {
				t.Errorf("%q, known %t; want %q, %t", got, instance.DomainsKnown, tt.want, tt.known)
			}
			if (len(instance.Problems) == 0) != tt.known {
				t.Errorf("problems %q", instance.Problems)
			}
			for _, problem := range instance.Problems {
				if !strings.Contains(problem, "mend: ") {
					t.Errorf("no mend: %s", problem)
				}
			}
		})
	}
	instance := instanceOf(t, rootOf("mynetworks = 10.0.0.0/8 /etc/postfix/nets\nvirtual_alias_maps = hash:/etc/postfix/domains", "",
		"etc/postfix/nets", "192.0.2.0/24\n[2001:db8::]/32 # two\n", "etc/postfix/domains", text))
	if got := summary(instance.MyNetworks); got != "10.0.0.0/8 192.0.2.0/24 2001:db8::/32" || !instance.NetworksKnown {
		t.Errorf("mynetworks %s, known %t", got, instance.NetworksKnown)
	}
	if !slices.Contains(instance.VirtualDomains, "a.example") || slices.Contains(instance.VirtualDomains, "user@c.example") {
		t.Errorf("virtual domains %q", instance.VirtualDomains)
	}
}

func TestNetworksKnown(t *testing.T) {
	for mainCF, want := range map[string]bool{
		"mynetworks = 10.0.0.0/8":              true,
		"mynetworks =":                         true,
		"":                                     true,
		"mynetworks = 10.0.0.0/8 !10.6.0.0/16": false,
		"mynetworks = cidr:/etc/postfix/nets":  false,
		"mynetworks_style = class":             false,
	} {
		if got := instanceOf(t, rootOf(mainCF, "")).NetworksKnown; got != want {
			t.Errorf("%q: %t", mainCF, got)
		}
	}
}

// A list is bounded, and says so.
func TestListBound(t *testing.T) {
	instance := instanceOf(t, rootOf("relay_domains = hash:/etc/postfix/many", "", "etc/postfix/many", strings.Repeat("a.example OK\n", maxListItems+5)))
	if len(instance.RelayDomains) != maxListItems || instance.DomainsKnown || len(instance.Problems) == 0 {
		t.Errorf("%d domains, known %t, problems %q", len(instance.RelayDomains), instance.DomainsKnown, instance.Problems)
	}
}

// A table that changes makes the instance anew, as main.cf does.
func TestWatchTables(t *testing.T) {
	root := rootOf("relay_domains = hash:/etc/postfix/domains hash:/etc/postfix/later", "", "etc/postfix/domains", "a.example OK\n")
	o := files(t, "plain")
	o.FS = root
	instance, err := Discover(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWatch(instance, o)
	for _, step := range []struct{ file, text, want string }{
		{"", "", "a.example"},
		{"etc/postfix/domains", "b.example OK\n", "b.example"},
		{"etc/postfix/later", "c.example OK\n", "b.example c.example"},
	} {
		if step.file != "" {
			root[step.file] = &fstest.MapFile{Data: []byte(step.text), ModTime: time.Unix(1, 0)}
		}
		before := w.instance
		instance, err := w.Instance(t.Context())
		if got := strings.Join(instance.RelayDomains, " "); err != nil || got != step.want {
			t.Errorf("%s: %q, %v; want %q", step.file, got, err, step.want)
		}
		if (instance == before) != (step.file == "") {
			t.Errorf("%s: read anew: %t", step.file, instance != before)
		}
	}
}

func TestFilters(t *testing.T) {
	const services = "scan unix - n n - - pipe flags=Rq user=scan:mail argv=/bin/x\namavis unix - - n - 2 smtp\nlm unix - - n - 2 lmtp\nsmtp unix - - n - - smtp\n"
	for name, tt := range map[string]struct {
		main, master string
		filters      []Filter
		clients      string
	}{
		"none":                           {"", "", nil, ""},
		"before the queue":               {"smtpd_proxy_filter = 127.0.0.1:10024", "", nil, ""},
		"of a service, before the queue": {"", "smtp inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:10024\n", nil, ""},
		"SMTP":                           {"content_filter = amavis:[127.0.0.1]:10024", "", []Filter{{"127.0.0.1", "10024", "", -1}}, ""},
		"SMTP, by name":                  {"content_filter = amavis:scanner.example:10024", "", []Filter{{"scanner.example", "10024", "", -1}}, ""},
		"on another host":                {"content_filter = amavis:[192.0.2.7]:10024", "", []Filter{{"192.0.2.7", "10024", "", -1}}, "192.0.2.7/32"},
		"IPv6":                           {"content_filter = amavis:[2001:db8::7]:10024", "", []Filter{{"2001:db8::7", "10024", "", -1}}, "2001:db8::7/128"},
		"LMTP":                           {"content_filter = lm:unix:/run/scan", "", []Filter{{"/run/scan", "", "", -1}}, ""},
		"LMTP over inet":                 {"content_filter = lm:inet:127.0.0.1:10024", "", []Filter{{"127.0.0.1", "10024", "", -1}}, ""},
		"pipe":                           {"content_filter = scan:dummy", "", []Filter{{"", "", "scan", 77}}, ""},
		"pipe, no nexthop":               {"content_filter = scan", "", []Filter{{"", "", "scan", 77}}, ""},
		"of a service":                   {"", "smtp inet n - n - - smtpd -o content_filter=scan:dummy\nsubmission inet n - n - - smtpd -o content_filter=scan:dummy\n", []Filter{{"", "", "scan", 77}}, ""},
		"no such service":                {"content_filter = nothing:x", "", nil, ""},
		"no port":                        {"content_filter = amavis:[127.0.0.1]", "", nil, ""},
		"XFORWARD":                       {"smtpd_authorized_xforward_hosts = 192.0.2.0/24, relay.example", "10025 inet n - n - - smtpd -o smtpd_authorized_xforward_hosts=[2001:db8::]/32\n", nil, "192.0.2.0/24 2001:db8::/32"},
	} {
		t.Run(name, func(t *testing.T) {
			instance := instanceOf(t, rootOf(tt.main, services+tt.master))
			if !slices.Equal(instance.Filters, tt.filters) {
				t.Errorf("%+v, want %+v", instance.Filters, tt.filters)
			}
			if got := summary(instance.FilterClients); got != tt.clients {
				t.Errorf("clients %s, want %s", got, tt.clients)
			}
			if want := tt.main+tt.master != ""; instance.HandsBack != want {
				t.Errorf("brings mail back: %v, want %v", instance.HandsBack, want)
			}
		})
	}
}
