package parser

import "bytes"

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

// ProviderOf tells the provider from the last two labels of an MX host's name,
// in any case. It doesn't allocate. What is no host name of a listed provider
// ("none", an address, a transport's name) is ProviderOther.
func ProviderOf(relayHost []byte) Provider {
	b := relayHost
	if last := bytes.LastIndexByte(b, '.'); last >= 0 {
		b = b[bytes.LastIndexByte(b[:last], '.')+1:]
	}
	var lower [24]byte // longer than any domain below
	if len(b) > len(lower) {
		return ProviderOther
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(b)]) {
	case "google.com", "googlemail.com", "gmail.com":
		return ProviderGoogle
	case "outlook.com", "outlook.cn", "outlook.de", "hotmail.com", "office365.us", "microsoft.com", "mx.microsoft":
		return ProviderMicrosoft
	case "yahoodns.net", "yahoo.com", "aol.com":
		return ProviderYahoo
	case "icloud.com", "apple.com", "me.com":
		return ProviderApple
	case "gmx.net", "gmx.com", "web.de", "mail.com", "kundenserver.de", "ionos.com", "ionos.de", "1and1.com":
		return ProviderGMX
	case "pphosted.com", "ppe-hosted.com", "ppops.net":
		return ProviderProofpoint
	case "mimecast.com":
		return ProviderMimecast
	case "iphmx.com":
		return ProviderCisco
	case "barracudanetworks.com":
		return ProviderBarracuda
	case "mail.ru":
		return ProviderMailRu
	case "yandex.net", "yandex.ru", "yandex.com":
		return ProviderYandex
	case "ovh.net", "ovh.ca":
		return ProviderOVH
	}
	return ProviderOther
}
