//go:build live

package pager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"postfix_exporter/dashboards"
)

// TestSameAsAlertmanager holds that a Pager tells the same receivers of the same
// alerts in the same order as a real Alertmanager with the shipped routes, whose
// times are made short.
func TestSameAsAlertmanager(t *testing.T) {
	hooks := make(chan string, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct {
			Alerts []struct {
				Status string
				Labels map[string]string
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		var firing []string
		for _, a := range body.Alerts {
			if a.Status == "firing" {
				firing = append(firing, a.Labels["alertname"]+" "+a.Labels["sasl_username"])
			}
		}
		slices.Sort(firing)
		if len(firing) > 0 {
			hooks <- fmt.Sprint(strings.TrimPrefix(r.URL.Path, "/"), firing)
		}
	}))
	defer hook.Close()
	config := strings.NewReplacer("http://127.0.0.1:9099", hook.URL, "group_wait: 30s", "group_wait: 1s", "group_wait: 2s", "group_wait: 1s",
		"group_interval: 5m", "group_interval: 3s", "group_interval: 30s", "group_interval: 3s", "group_interval: 1m", "group_interval: 3s").Replace(string(dashboards.Alertmanager()))
	post := startAlertmanager(t, config)

	routes, err := Load(config)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	pager := New(routes, func(n Notification) {
		var firing []string
		for _, a := range n.Firing {
			firing = append(firing, string(a.Labels["alertname"]+" "+a.Labels["sasl_username"]))
		}
		slices.Sort(firing)
		told = append(told, fmt.Sprint(n.Receiver, firing))
	})
	var got []string
	// fire posts alerts to both and waits for so many notifications of the real one.
	fire := func(wait int, alerts ...*rules.Alert) {
		t.Helper()
		now := time.Now()
		for _, a := range alerts {
			a.FiredAt, a.ActiveAt, a.ValidUntil = now, now, now.Add(time.Hour)
		}
		post(alerts)
		pager.Take(now, alerts)
		for range wait {
			select {
			case h := <-hooks:
				got = append(got, h)
			case <-time.After(20 * time.Second):
				t.Fatalf("no notification after %v", got)
			}
		}
		pager.Advance(time.Now())
	}
	fire(1, alert("Compromised", "ann", "critical", "account_abuse"))
	fire(1, // the first is inhibited, the second has a ticket of its own
		alert("Suspicious", "ann", "warning", "account_abuse"), alert("Suspicious", "bob", "warning", "account_abuse"))
	fire(1, alert("Queue", "", "warning", "queue"), alert("Compromised", "cid", "critical", "account_abuse"))
	if len(got) != 3 || !slices.Equal(got, told) {
		t.Errorf("Alertmanager told\n%s\nthe pager\n%s", strings.Join(got, "\n"), strings.Join(told, "\n"))
	}
}

func alert(name, who, severity, incident string) *rules.Alert {
	return &rules.Alert{Labels: labels.FromStrings("alertname", name, "sasl_username", who, "severity", severity, "incident", incident, "instance", "mx")}
}

// startAlertmanager starts a real one and gives what posts alerts to it.
func startAlertmanager(t *testing.T, config string) func([]*rules.Alert) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	binary, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		if binary, err = exec.LookPath("alertmanager"); err != nil {
			t.Fatalf("%v: apt install prometheus-alertmanager", err)
		}
	}
	cmd := exec.Command(binary, "--config.file="+file, "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(output.String())
		}
	})
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		if resp, err := http.Get("http://" + address + "/-/ready"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("Alertmanager is not ready")
		}
	}
	return func(alerts []*rules.Alert) {
		t.Helper()
		type posted struct {
			Labels   map[string]string `json:"labels"`
			StartsAt time.Time         `json:"startsAt"`
			EndsAt   time.Time         `json:"endsAt"`
		}
		var all []posted
		for _, a := range alerts {
			all = append(all, posted{a.Labels.Map(), a.FiredAt, a.ValidUntil})
		}
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post("http://"+address+"/api/v2/alerts", "application/json", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status)
		}
	}
}
