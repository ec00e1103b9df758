package parser

import "testing"

func TestProvider(t *testing.T) {
	c := newTestClassifier(t)
	for host, want := range map[string]Provider{
		"gmail-smtp-in.l.google.com":                  ProviderGoogle,
		"ALT2.ASPMX.L.Google.COM":                     ProviderGoogle,
		"aspmx2.googlemail.com":                       ProviderGoogle,
		"example-test.mail.protection.outlook.com":    ProviderMicrosoft,
		"hotmail-com.olc.protection.outlook.com":      ProviderMicrosoft,
		"example-test.a-v1.mx.microsoft":              ProviderMicrosoft,
		"mta5.am0.yahoodns.net":                       ProviderYahoo,
		"mx01.mail.icloud.com":                        ProviderApple,
		"mx00.gmx.net":                                ProviderGMX,
		"mx-ha02.web.de":                              ProviderGMX,
		"mxa-00000000.gslb.pphosted.com":              ProviderProofpoint,
		"eu-smtp-inbound-1.mimecast.com":              ProviderMimecast,
		"mx1.hc0000-00.eu.iphmx.com":                  ProviderCisco,
		"d000000.a.ess.uk.barracudanetworks.com":      ProviderBarracuda,
		"mxs.mail.ru":                                 ProviderMailRu,
		"mx.yandex.ru":                                ProviderYandex,
		"mx1.mail.ovh.net":                            ProviderOVH,
		"google.com":                                  ProviderGoogle,
		"evilgoogle.com":                              ProviderOther,
		"google.com.evil.test":                        ProviderOther,
		"mx.google.com-averylonglabelthatgoesonandon": ProviderOther,
		"none":      ProviderOther,
		"127.0.0.1": ProviderOther,
		"com":       ProviderOther,
		".":         ProviderOther,
		"..":        ProviderOther,
		"":          ProviderOther,
	} {
		if got := c.Provider([]byte(host)); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func BenchmarkProvider(b *testing.B) {
	c := newTestClassifier(b)
	host := []byte("gmail-smtp-in.l.google.com")
	b.ReportAllocs()
	for b.Loop() {
		c.Provider(host)
	}
}
