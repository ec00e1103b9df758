package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// Queue is the state of the mail queue: what the directories and showq(8) say.
type Queue struct {
	queue *spool.Queue

	messages, size, oldest, older, origin, deferred, taken, complete *Metric
}

// NewQueue makes the collector of one Postfix instance's queue; the caller runs
// the queue's scans.
func NewQueue(queue *spool.Queue) *Queue {
	return &Queue{
		queue: queue,
		messages: newMetric(Gauge, "postfix_queue_messages",
			"Messages in the queue, from its directory where the exporter may list it, else from showq(8).", "queue"),
		size: newMetric(Gauge, "postfix_queue_size_bytes",
			"Size of the messages in the queue, from showq(8).", "queue"),
		oldest: newMetric(Gauge, "postfix_queue_oldest_message_timestamp_seconds",
			"When the oldest message in the queue arrived; absent for an empty queue.", "queue"),
		older: newMetric(Gauge, "postfix_queue_older_messages",
			"Messages in the queue that arrived longer ago than age.", "queue", "age"),
		origin: newMetric(Gauge, "postfix_queue_origin_messages",
			"Messages in the queue by origin; bounce is those from MAILER-DAEMON, the null sender.", "queue", "origin"),
		deferred: newMetric(Gauge, "postfix_queue_deferred_recipients",
			"Recipients of queued messages whose last delivery attempt failed for now, by the reason that Postfix keeps.", "reason"),
		taken: newMetric(Gauge, "postfix_queue_snapshot_timestamp_seconds",
			"When showq(8) was last read to its end; what comes from showq(8) is as of then."),
		complete: newMetric(Gauge, "postfix_queue_snapshot_complete",
			"Whether the last attempt to read showq(8) came to its end."),
	}
}

// Name is "queue".
func (*Queue) Name() string { return "queue" }

// Metrics lists what Update may send.
func (c *Queue) Metrics() []*Metric {
	return []*Metric{c.messages, c.size, c.oldest, c.older, c.origin, c.deferred, c.taken, c.complete}
}

// Update sends the counts that are known, and the last whole snapshot if there
// is one; both stand when it returns an error.
func (c *Queue) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	figures, err := c.queue.Figures(ctx)
	for q := range parser.Queue(parser.NumQueues) {
		if figures.Known[q] {
			ch <- c.messages.sample(float64(figures.Messages[q]), q.String())
		}
	}
	complete := 0.0
	if figures.Complete {
		complete = 1
	}
	ch <- c.complete.sample(complete)
	if !figures.Snapshot.Taken.IsZero() {
		c.snapshot(&figures.Snapshot, ch)
	}
	return err
}

func (c *Queue) snapshot(s *spool.Snapshot, ch chan<- prometheus.Metric) {
	ch <- c.taken.sample(float64(s.Taken.UnixMilli()) / 1000)
	for q := range parser.QueueCorrupt { // the one that showq(8) doesn't list
		figures, queue := s.Queues[q], q.String()
		ch <- c.size.sample(float64(figures.Bytes), queue)
		if figures.Messages > 0 {
			ch <- c.oldest.sample(float64(figures.Oldest), queue)
		}
		for age := range spool.Age(spool.NumAges) {
			ch <- c.older.sample(float64(figures.Older[age]), queue, age.String())
		}
		ch <- c.origin.sample(float64(figures.NullSender), queue, ledger.OriginBounce.String())
		ch <- c.origin.sample(float64(figures.Messages-figures.NullSender), queue, ledger.OriginUnknown.String())
	}
	for reason := range parser.FailureReason(parser.NumFailureReasons) {
		ch <- c.deferred.sample(float64(s.DeferredRecipients[reason]), reason.String())
	}
}
