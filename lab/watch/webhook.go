package watch

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Notification is one call of the webhook: what rings a pager, or makes a ticket.
type Notification struct {
	At       time.Time
	Receiver string // pager, tickets or deadman, as alertmanager.yml names them
	Alerts   []Alert
}

// Alert is a firing one in a notification.
type Alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
}

// Name is the alert's name.
func (a Alert) Name() string { return a.Labels["alertname"] }

// Text is what a person reads of it.
func (a Alert) Text() string { return a.Annotations["summary"] + ". " + a.Annotations["description"] }

// webhook takes what Alertmanager sends, each receiver by a path of its name.
type webhook struct {
	*server

	mu   sync.Mutex
	got  []Notification
	told func(Notification) // of each as it comes; may be nil
}

// maxNotification bounds what one call may bring.
const maxNotification = 16 << 20

func startWebhook(ctx context.Context, told func(Notification)) (*webhook, error) {
	w := &webhook{told: told}
	s, err := serve(ctx, w)
	if err != nil {
		return nil, err
	}
	w.server = s
	return w, nil
}

func (w *webhook) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	n := Notification{At: time.Now(), Receiver: strings.TrimPrefix(r.URL.Path, "/")}
	var call struct {
		Alerts []struct {
			Alert
			Status string `json:"status"`
		} `json:"alerts"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxNotification)).Decode(&call); err != nil {
		return // Alertmanager sends nothing else
	}
	for _, a := range call.Alerts {
		if a.Status == "firing" {
			n.Alerts = append(n.Alerts, a.Alert)
		}
	}
	if len(n.Alerts) == 0 {
		return // it says that all is over
	}
	w.mu.Lock()
	w.got = append(w.got, n)
	w.mu.Unlock()
	if w.told != nil {
		w.told(n)
	}
}

func (w *webhook) notifications() []Notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Notification(nil), w.got...)
}
