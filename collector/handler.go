package collector

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds of one scrape: without Prometheus's header the default, and always a
// margin in which the answer still reaches the scraper.
const (
	defaultScrapeTimeout = 10 * time.Second
	longestScrapeTimeout = 2 * time.Minute
	scrapeMargin         = 200 * time.Millisecond
	maxScrapes           = 40 // at the same time; more are told to come again
)

// Handler serves the metrics of a Set over HTTP. Scrapes that come while one is
// being gathered share its result.
type Handler struct {
	set  *Set
	base prometheus.Gatherer

	slots chan struct{}

	mu      sync.Mutex
	current *gathering
}

// gathering is one run of the set that any number of scrapes wait for.
type gathering struct {
	done    chan struct{}
	metrics []prometheus.Metric // once done is closed
}

// NewHandler makes a Handler; base holds what does not belong to the set, such
// as the exporter's own process and build.
func NewHandler(set *Set, base prometheus.Gatherer) *Handler {
	return &Handler{set: set, base: base, slots: make(chan struct{}, maxScrapes)}
}

// ServeHTTP answers one scrape before the time-out that Prometheus names in its
// request; collectors that aren't ready by then are reported as failed.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		http.Error(w, "too many scrapes at the same time, try again later", http.StatusServiceUnavailable)
		return
	}
	g := h.gather(scrapeTimeout(r))
	select {
	case <-g.done:
	case <-r.Context().Done():
		return // the scraper has gone
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(constant(g.metrics))
	promhttp.HandlerFor(prometheus.Gatherers{h.base, registry}, promhttp.HandlerOpts{
		EnableOpenMetrics: true,
		ErrorHandling:     promhttp.ContinueOnError,
	}).ServeHTTP(w, r)
}

// gather joins the run under way, or begins one.
func (h *Handler) gather(timeout time.Duration) *gathering {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current != nil {
		return h.current
	}
	g := &gathering{done: make(chan struct{})}
	h.current = g
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		g.metrics = h.set.Update(ctx)
		h.mu.Lock()
		h.current = nil
		h.mu.Unlock()
		close(g.done)
	}()
	return g
}

// scrapeTimeout reads how long the scraper will wait.
func scrapeTimeout(r *http.Request) time.Duration {
	timeout := defaultScrapeTimeout
	if seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64); err == nil && seconds > 0 {
		timeout = time.Duration(min(seconds, longestScrapeTimeout.Seconds()) * float64(time.Second))
	}
	return timeout - min(scrapeMargin, timeout/4)
}

// constant is a collector of metrics that are already there. It describes
// nothing, so that the registry checks each scrape by itself.
type constant []prometheus.Metric

func (constant) Describe(chan<- *prometheus.Desc) {}

func (c constant) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c {
		ch <- m
	}
}
