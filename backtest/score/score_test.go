package score

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"

	"postfix_exporter/backtest/pager"
	"postfix_exporter/lab/traffic"
)

var noon = time.Date(2026, time.October, 2, 12, 0, 0, 0, time.UTC)

func told(after time.Duration, receiver, incident, account string) pager.Notification {
	at := noon.Add(after)
	set := model.LabelSet{"alertname": "A", "incident": model.LabelValue(incident), "sasl_username": model.LabelValue(account)}
	return pager.Notification{At: at, Receiver: receiver, New: []pager.Alert{{Labels: set, Fired: at}}}
}

func TestOf(t *testing.T) {
	first := noon.Add(time.Minute)
	truth := &traffic.Truth{
		Start: noon.Add(-12 * time.Hour), End: noon.Add(18 * time.Hour),
		Attacks: []*traffic.Incident{
			{
				ID: "burst-1", Kind: "burst", Origin: "sasl", Culprit: traffic.Culprit{By: "account", Name: "ann"}, Start: noon, End: noon.Add(time.Hour),
				FirstRecipient: &first, Curve: []traffic.Point{{noon.Unix() + 70, 5, 0, 0, 1}, {noon.Unix() + 90, 40, 0, 0, 2}},
			},
			{ID: "drip-1", Kind: "drip", Culprit: traffic.Culprit{By: "account", Name: "bob"}, Start: noon, End: noon.Add(time.Hour)},
			{ID: "spray-1", Kind: "spray", Culprit: traffic.Culprit{By: "none"}, Start: noon, End: noon.Add(time.Hour)},
		},
		LookAlikes: []*traffic.Incident{{Kind: "newsletter", Culprit: traffic.Culprit{Name: "cid"}, Start: noon, End: noon.Add(time.Hour)}},
	}
	s := Of(truth, []pager.Notification{
		told(-time.Hour, PagerName, "account_abuse", "ann"),                // before it began
		told(100*time.Second, "tickets", "account_abuse", "ann"),           // no page yet
		told(110*time.Second, PagerName, "account_abuse", "cid"),           // somebody else
		told(2*time.Minute, PagerName, "account_abuse", "ann"),             // found
		told(3*time.Hour, PagerName, "account_abuse", "ann"),               // a second page
		told(5*time.Minute, "tickets", "account_abuse", "bob"),             // no page
		told(6*time.Minute, "tickets", "credential_guessing", ""),          // found
		told(7*time.Minute, "tickets", "recipient_harvest", ""),            // of no attack
		{At: noon.Add(8 * time.Minute), Receiver: PagerName, Repeat: true}, // nothing new
		{At: noon.Add(9 * time.Minute), Receiver: PagerName, New: nil},     // nothing new
		told(30*time.Hour, PagerName, "account_abuse", "ann"),              // a day later
	})
	burst, drip, spray := s.Cases[0], s.Cases[1], s.Cases[2]
	if !burst.Found || !burst.RightKind || !burst.RightOne || burst.Delay != time.Minute || burst.Gone != 40 || burst.Networks != 2 ||
		burst.Pages != 2 || burst.Tickets != 1 || burst.Good() {
		t.Errorf("%+v", burst)
	}
	if drip.Found || drip.Tickets != 1 {
		t.Errorf("%+v", drip)
	}
	if !spray.Found || !spray.RightKind || !spray.Good() {
		t.Errorf("%+v", spray)
	}
	if len(s.False) != 4 || s.False[1].LookAlike != "newsletter" {
		t.Errorf("%+v", s.False)
	}
	if pages, tickets := s.Summary(); s.Days != 1.25 || pages != 3/s.Days*30 || tickets != 1/s.Days*30 {
		t.Errorf("%g pages, %g tickets in %g days", pages, tickets, s.Days)
	}
	var table bytes.Buffer
	s.WriteTable(&table)
	if want := "| burst | 1 | 100 % | 100 % | 100 % | 0 % | 100 % | 60 s, 60 s, 60 s | 40, 40 |\n"; !strings.Contains(table.String(), want) {
		t.Errorf("%s\nwant\n%s", table.String(), want)
	}
}

// TestEveryKind holds that each attack of the generator has an alert to look for.
func TestEveryKind(t *testing.T) {
	for _, name := range traffic.Kinds() {
		if kindOf(name).incident == "" {
			t.Errorf("%s has none", name)
		}
	}
}
