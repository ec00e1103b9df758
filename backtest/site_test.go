package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSite holds that a configuration tells networks and domains, and that the
// command line knows better.
func TestSite(t *testing.T) {
	config := t.TempDir()
	for name, text := range map[string]string{
		"main.cf":   "mynetworks = 10.0.0.0/8\nmydestination = a.example\nrelay_domains = b.example\n",
		"master.cf": "smtp inet n - n - - smtpd\n",
	} {
		if err := os.WriteFile(filepath.Join(config, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name     string
		options  options
		network  string
		domains  []string
		relaying bool
	}{
		{"nothing", options{}, "127.0.0.0/8", nil, false},
		{"configuration", options{configs: []string{config}}, "10.0.0.0/8", []string{"a.example", "b.example"}, true},
		{"other networks", options{configs: []string{config}, networks: []string{"192.0.2.0/24"}}, "192.0.2.0/24", []string{"a.example", "b.example"}, true},
		{"other domains", options{configs: []string{config}, domains: []string{"c.example"}}, "10.0.0.0/8", []string{"c.example"}, true},
		{"by hand", options{networks: []string{"192.0.2.0/24"}, domains: []string{"c.example"}}, "192.0.2.0/24", []string{"c.example"}, true},
		{"half by hand", options{networks: []string{"192.0.2.0/24"}}, "192.0.2.0/24", nil, false},
	} {
		s, err := c.options.site(t.Context(), func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		domains := slices.DeleteFunc(slices.Clone(s.Domains), func(d string) bool { return d[0] == '.' })
		if len(s.MyNetworks) == 0 || s.MyNetworks[0].String() != c.network || !slices.Equal(domains, c.domains) || s.RelayJudged != c.relaying {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
	if _, err := (&options{configs: []string{config + "/none"}}).site(t.Context(), nil); err == nil {
		t.Error("no configuration is no error")
	}
}
