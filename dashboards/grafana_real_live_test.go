//go:build live

package dashboards

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGrafanaReal checks a running Grafana that was given the folder grafana/, and draws
// both dashboards: see `make grafana`.
func TestGrafanaReal(t *testing.T) {
	address := os.Getenv("GRAFANA_URL")
	if address == "" {
		t.Skip("GRAFANA_URL is not set: no real Grafana is asked (make grafana)")
	}
	var rules grafanaRules
	readYAML(t, grafanaRulesFile, &rules)
	g := realGrafana{url: strings.TrimSuffix(address, "/"), prometheus: grafanaDatasources(t)["prometheus"]}
	texts := readDashboards(t)
	if address := os.Getenv("GRAFANA_LAB"); address != "" {
		labAt(t, address)
	}

	// Rules are evaluated each 30 s, some wait for minutes, and Prometheus and Grafana never look at the same time.
	var found []string
	for begin := time.Now(); time.Since(begin) < 3*time.Minute; time.Sleep(5 * time.Second) {
		found = append(append(g.dashboards(texts), g.rules(&rules)...), g.agreement(&rules)...)
		if len(found) == 0 {
			break
		}
	}
	for _, f := range found {
		t.Error(f)
	}
	pictures := os.Getenv("GRAFANA_PICTURES")
	if pictures == "" {
		pictures = "../docs/pictures"
	}
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	browser := &browser{server: loggedIn(t, g.url), profile: t.TempDir()}
	for _, text := range texts {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for _, theme := range []string{"dark", "light"} {
			file := filepath.Join(pictures, d.UID+"-"+theme+".png")
			for _, f := range browser.draw(t.Context(), &d, theme, file) {
				t.Errorf("%s, %s: %s", d.UID, theme, f)
			}
			t.Log("written: ", file)
		}
	}
}

// loggedIn is a way to Grafana on which one need not log in: user and password, or the
// token that stands in their place, are added to each request.
func loggedIn(t *testing.T, address string) string {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // or Grafana refuses the page's own requests as somebody else's
		if password, is := target.User.Password(); is {
			r.Out.SetBasicAuth(target.User.Username(), password)
		}
	}})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// labAt has an attack on the lab's Postfix seen at an address, which Grafana was told is
// its Prometheus's.
func labAt(t *testing.T, address string) {
	t.Helper()
	target, err := url.Parse(underAttack(t).Prometheus.URL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httptest.Server{Listener: listener, Config: &http.Server{Handler: httputil.NewSingleHostReverseProxy(target)}}
	proxy.Start()
	t.Cleanup(proxy.Close)
}
