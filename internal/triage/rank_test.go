package triage

import "testing"

func figure(recipients, failed, foreign, networks float64) (f [NumMeasures]float64) {
	f[Recipients], f[Failed], f[ForeignSenders], f[Networks] = recipients, failed, foreign, networks
	return f
}

func sends(k Kind, name string, queued int, in ...[NumMeasures]float64) Candidate {
	c := Candidate{Principal: Principal{Kind: k, Name: name}, Queued: queued, Known: true}
	copy(c.Figures[:], in)
	return c
}

// TestRank: each is a night, with the one who must stand first.
func TestRank(t *testing.T) {
	none := figure(0, 0, 0, 0)
	for name, night := range map[string]struct {
		all   []Candidate
		total int
		first string
	}{
		"a burst": {[]Candidate{
			sends(Account, "anna", 2, figure(3, 0, 0, 1), figure(30, 1, 0, 2), figure(200, 5, 0, 4)),
			sends(Account, "emil", 900, figure(1500, 300, 300, 20), figure(1500, 300, 300, 20), figure(1500, 300, 300, 20)),
			sends(Local, "0", 0, figure(1, 0, 0, 0), figure(12, 0, 0, 0), figure(200, 0, 0, 0)),
		}, 1300, "emil"},
		"a botnet that sends less than the newsletter": {[]Candidate{
			sends(Account, "news", 300, none, figure(5000, 40, 0, 1), figure(5000, 50, 0, 1)),
			sends(Account, "dora", 10, figure(14, 4, 14, 14), figure(60, 20, 60, 30), figure(60, 20, 60, 30)),
		}, 400, "dora"},
		"it is over, and one other person writes a mail": {[]Candidate{
			sends(Account, "anna", 0, figure(1, 0, 0, 1), figure(2, 0, 0, 1), figure(20, 0, 0, 1)),
			sends(Account, "emil", 0, none, figure(1500, 300, 300, 20), figure(1500, 300, 300, 20)),
		}, 0, "emil"},
		"a web script": {[]Candidate{
			sends(Account, "anna", 2, figure(10, 1, 0, 2), figure(40, 2, 1, 3), figure(300, 6, 4, 5)),
			sends(Local, "33", 200, figure(150, 60, 0, 0), figure(150, 60, 0, 0), figure(180, 60, 0, 0)),
		}, 220, "33"},
		"a forward": {[]Candidate{
			sends(Account, "anna", 2, figure(10, 0, 0, 2), figure(40, 0, 0, 3), figure(300, 6, 0, 5)),
			sends(Forward, "example.org", 0, figure(130, 130, 0, 0), figure(130, 130, 0, 0), figure(140, 130, 0, 0)),
		}, 5, "example.org"},
		"backscatter, by the queue alone": {[]Candidate{
			sends(Account, "anna", 2, figure(10, 1, 0, 2), figure(40, 2, 0, 3), figure(300, 6, 0, 5)),
			{Principal: Principal{Kind: Bounces}, Queued: 980},
		}, 1000, ""},
	} {
		Rank(night.all, night.total)
		if got := night.all[0]; got.Name != night.first {
			t.Errorf("%s: first is %s with %.2f, then %s with %.2f", name, got.Name, got.Share, night.all[1].Name, night.all[1].Share)
		}
		for _, c := range night.all {
			if c.Share < 0 || c.Share > 1 {
				t.Errorf("%s: %s has a share of %v", name, c.Name, c.Share)
			}
		}
	}
}
