package score

import (
	"testing"
	"time"

	"postfix_exporter/backtest/pager"
	"postfix_exporter/lab/traffic"
)

// curve has a recipient each gap, and a network each tenth recipient.
func curve(n int, gap time.Duration) (points []traffic.Point) {
	for i := range int64(n) {
		points = append(points, traffic.Point{noon.Add(time.Duration(i) * gap).Unix(), i + 1, 0, 0, i/10 + 1})
	}
	return points
}

func TestInTime(t *testing.T) {
	for name, test := range map[string]struct {
		kind          string
		curve         []traffic.Point
		gone, nets    int64
		after         time.Duration
		missed        bool
		limited, kept bool
	}{
		"a burst in a minute":               {kind: "burst", after: time.Minute, limited: true, kept: true},
		"a burst later":                     {kind: "burst", after: 61 * time.Second, limited: true},
		"a botnet by its hour, and 30 more": {kind: "botnet", curve: curve(200, time.Minute), gone: 60, nets: 20, limited: true, kept: true},
		"31 more":                           {kind: "botnet", curve: curve(200, time.Minute), gone: 61, nets: 20, limited: true},
		"31 more, but few networks":         {kind: "botnet", curve: curve(200, time.Minute), gone: 61, nets: 11, limited: true, kept: true},
		"a drip by its day, and 30 more":    {kind: "drip", curve: curve(200, 10*time.Minute), gone: 130, nets: 20, limited: true, kept: true},
		"too late":                          {kind: "drip", curve: curve(200, 10*time.Minute), gone: 131, nets: 20, limited: true},
		"not at all":                        {kind: "drip", curve: curve(200, 10*time.Minute), missed: true, limited: true},
		"never more than ordinary":          {kind: "drip", curve: curve(200, 15*time.Minute), missed: true},
		"a kind without a limit":            {kind: "script", curve: curve(200, time.Second)},
	} {
		c := Case{Found: !test.missed, Delay: test.after, Gone: test.gone, Networks: test.nets}
		if limited, kept := c.inTime(&traffic.Incident{Kind: test.kind, Curve: test.curve}); limited != test.limited || kept != test.kept {
			t.Errorf("%s: %t, %t", name, limited, kept)
		}
	}
}

// A page between two attacks by one account is about the first, and one after
// the second began is about the second only.
func TestLastMeant(t *testing.T) {
	culprit := traffic.Culprit{By: "uid", Name: "33"}
	truth := &traffic.Truth{Attacks: []*traffic.Incident{
		{ID: "script-1", Kind: "script", Culprit: culprit, Start: noon, End: noon.Add(time.Hour)},
		{ID: "script-2", Kind: "script", Culprit: culprit, Start: noon.Add(5 * time.Hour), End: noon.Add(6 * time.Hour)},
	}}
	page := func(after time.Duration) pager.Notification {
		n := told(after, PagerName, "script_abuse", "")
		n.New[0].Labels["uid"] = "33"
		return n
	}
	s := Of(truth, []pager.Notification{page(time.Minute), page(4 * time.Hour), page(5*time.Hour + time.Minute)})
	if first, second := s.Cases[0], s.Cases[1]; first.Pages != 2 || second.Pages != 1 || !second.Good() || second.Delay != time.Minute {
		t.Errorf("%+v", s.Cases)
	}
}
