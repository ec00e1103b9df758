package parser

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
)

// Provider is who runs the host that mail was to be delivered to.
type Provider uint8

const (
	ProviderOther Provider = iota
	ProviderGoogle
	ProviderMicrosoft
	ProviderYahoo // and AOL
	ProviderApple
	ProviderGMX // and Web.de, mail.com, IONOS
	ProviderProofpoint
	ProviderMimecast
	ProviderCisco
	ProviderBarracuda
	ProviderMailRu
	ProviderYandex
	ProviderOVH

	NumProviders = int(ProviderOVH) + 1
)

func (p Provider) String() string {
	return word(p, []string{
		"other", "google", "microsoft", "yahoo", "apple", "gmx", "proofpoint", "mimecast", "cisco", "barracuda", "mailru", "yandex",
		"ovh",
	})
}

//go:embed providers.tsv
var builtinProviders string

// Bounds of a domain in the table of providers.
const (
	maxProviderDomain = 64
	maxProviderLabels = 4
)

// newProviders reads tables of domains, of which the first decide.
func newProviders(tables ...string) (map[string]Provider, error) {
	providers := map[string]Provider{}
	add := func(name, domain string) error {
		p, known := providerOf(name)
		labels := strings.Count(domain, ".") + 1
		switch {
		case !known:
			return fmt.Errorf("no provider %q: it must be a word that the built-in table has, or other", name)
		case domain != strings.ToLower(domain) || len(domain) > maxProviderDomain || labels < 2 || labels > maxProviderLabels:
			return fmt.Errorf("%.80q: want a domain of two to %d labels in lower case", domain, maxProviderLabels)
		}
		if _, ok := providers[domain]; !ok {
			providers[domain] = p
		}
		return nil
	}
	for _, table := range tables {
		if err := tableLines(table, add); err != nil {
			return nil, err
		}
	}
	return providers, nil
}

func providerOf(name string) (Provider, bool) {
	for p := range Provider(NumProviders) {
		if p.String() == name {
			return p, true
		}
	}
	return ProviderOther, false
}

// Provider tells the provider from the end of an MX host's name, in any case. It
// doesn't allocate. What is no host name of a listed provider ("none", an
// address, a transport's name) is ProviderOther.
func (c *Classifier) Provider(relayHost []byte) Provider {
	b := relayHost
	if bytes.IndexByte(b, '.') < 0 {
		return ProviderOther
	}
	begin, labels := len(b), 0
	var starts [maxProviderLabels]int
	for labels < len(starts) && begin > 0 {
		dot := bytes.LastIndexByte(b[:begin], '.')
		starts[labels], begin = dot+1, max(dot, 0)
		labels++
	}
	var lower [maxProviderDomain]byte
	for ; labels >= 2; labels-- {
		domain := b[starts[labels-1]:]
		if len(domain) > len(lower) {
			continue
		}
		for i, c := range domain {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			lower[i] = c
		}
		if p, ok := c.providers[string(lower[:len(domain)])]; ok {
			return p
		}
	}
	return ProviderOther
}
