package collector

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
)

func serve(h http.Handler, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestScrapesAtTheSameTimeShareOneGathering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := newFake("good", func(_ context.Context, send func(float64)) error {
			time.Sleep(time.Second)
			send(1)
			return nil
		})
		h := NewHandler(NewSet(log.NewNopLogger(), slow), prometheus.NewRegistry())
		for range 8 {
			go func() {
				if w := serve(h); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "\ntest_good 1\n") {
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := slow.calls.Load(); n != 1 {
			t.Errorf("8 scrapes gathered %d times", n)
		}
		serve(h)
		if n := slow.calls.Load(); n != 2 {
			t.Errorf("a later scrape was given an old answer")
		}
	})
}

func TestTooManyScrapesAreTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := newFake("good", func(context.Context, func(float64)) error { time.Sleep(time.Second); return nil })
		h := NewHandler(NewSet(log.NewNopLogger(), slow), prometheus.NewRegistry())
		for range maxScrapes {
			go serve(h)
		}
		synctest.Wait()
		if w := serve(h); w.Code != http.StatusServiceUnavailable {
			t.Errorf("status %d for one scrape too many, want 503", w.Code)
		}
		time.Sleep(2 * time.Second) // the bubble's own time: let the others finish
	})
}

func TestTheScrapersTimeoutIsHonoured(t *testing.T) {
	for _, test := range []struct {
		header string
		want   time.Duration
	}{
		{"5", 4800 * time.Millisecond},
		{"0.4", 300 * time.Millisecond},
		{"1e9", longestScrapeTimeout - scrapeMargin},
		{"", defaultScrapeTimeout - scrapeMargin},
		{"-3", defaultScrapeTimeout - scrapeMargin},
		{"NaN", defaultScrapeTimeout - scrapeMargin},
		{"soon", defaultScrapeTimeout - scrapeMargin},
	} {
		synctest.Test(t, func(t *testing.T) {
			hanging := newFake("hanging", func(context.Context, func(float64)) error { time.Sleep(longestScrapeTimeout); return nil })
			h := NewHandler(NewSet(log.NewNopLogger(), hanging), prometheus.NewRegistry())
			begin := time.Now()
			w := serve(h, "X-Prometheus-Scrape-Timeout-Seconds", test.header)
			if took := time.Since(begin); took != test.want {
				t.Errorf("time-out %q: answered after %v, want %v", test.header, took, test.want)
			}
			if !strings.Contains(w.Body.String(), `postfix_scrape_collector_success{collector="hanging"} 0`) {
				t.Errorf("time-out %q: the hanging collector isn't reported: %s", test.header, w.Body)
			}
			time.Sleep(longestScrapeTimeout) // the bubble's own time: let the collector come back
		})
	}
}

func TestOpenMetrics(t *testing.T) {
	h := NewHandler(NewSet(log.NewNopLogger()), prometheus.NewRegistry())
	w := serve(h, "Accept", "application/openmetrics-text;version=1.0.0")
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/openmetrics-text") {
		t.Errorf("content type %q", got)
	}
	if !strings.HasSuffix(w.Body.String(), "# EOF\n") {
		t.Errorf("no OpenMetrics end: %q", w.Body)
	}
}
