package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// Queue is the state of the mail queue: what its files or showq(8) say.
type Queue struct {
	queue    *spool.Queue
	instance InstanceFunc
	names    Names

	messages, size, oldest, older, origin, foreign, deferred *Metric
	account, localUser, overdue, domains, busiest            *Metric
	taken, complete, unread, faults, skipped, moved          *Metric
	freeBytes, freeInodes, neededBytes                       *Metric
}

// NewQueue makes the collector of one Postfix instance's queue; the caller runs
// the queue.
func NewQueue(queue *spool.Queue, instance InstanceFunc, names Names) *Queue {
	return &Queue{
		queue: queue, instance: instance, names: names,
		messages: newMetric(Gauge, "postfix_queue_messages",
			"Messages in the queue, those being received with them where its directories may be listed; else what showq(8) lists.", "queue"),
		size: newMetric(Gauge, "postfix_queue_size_bytes",
			"Size of the messages in the queue.", "queue"),
		oldest: newMetric(Gauge, "postfix_queue_oldest_message_timestamp_seconds",
			"When the oldest message in the queue arrived; absent for an empty queue.", "queue"),
		older: newMetric(Gauge, "postfix_queue_older_messages",
			"Messages in the queue that arrived longer ago than age, to within 10 seconds.", "queue", "age"),
		origin: newMetric(Gauge, "postfix_queue_origin_messages",
			"Messages in the queue by how they came in; bounce is what this server wrote itself. Unknown is what is not read yet, what a "+
				"content filter gave back, and, where only showq(8) is to be had, all but bounces.", "queue", "origin"),
		foreign: newMetric(Gauge, "postfix_queue_foreign_files",
			"Files in the queue's directories that Postfix did not make, such as links. They are not followed nor read.", "queue"),
		deferred: newMetric(Gauge, "postfix_queue_deferred_recipients",
			"Recipients of queued messages whose last delivery attempt failed for now, by the reason that Postfix keeps.", "reason"),
		account: newMetric(Gauge, "postfix_queue_account_messages",
			"Queued messages of the account, by their queue files: those 20 who have most, and _other.", "sasl_username"),
		localUser: newMetric(Gauge, "postfix_queue_local_user_messages",
			"Queued messages that the local user submitted by sendmail(1), by their queue files: those 20 who have most, and _other.", "uid", "user"),
		overdue: newMetric(Gauge, "postfix_queue_overdue_messages",
			"Deferred messages whose next attempt has been due for longer than age; the queue manager looks every queue_run_delay (5 minutes).", "age"),
		domains: newMetric(Gauge, "postfix_queue_destination_domains",
			"Domains that queued messages wait for, by the first waiting recipient of each; an estimate, to about 1 %."),
		busiest: newMetric(Gauge, "postfix_queue_destination_messages",
			"Queued messages for the domains that most wait for, by rank. A stranger chooses domains, so none is named.", "rank"),
		taken: newMetric(Gauge, "postfix_queue_snapshot_timestamp_seconds",
			"When the look at the queue began whose figures are given."),
		complete: newMetric(Gauge, "postfix_queue_snapshot_complete",
			"Whether the last look at the queue saw all of it: every directory and every message's file, or the list of showq(8) to its end."),
		unread: newMetric(Gauge, "postfix_queue_unread_messages",
			"Messages that are counted, but whose files are not read yet: their origin is unknown."),
		faults: newMetric(Counter, "postfix_queue_file_errors_total",
			"Files in the queue that could not be read, or that are no queue files.", "reason"),
		moved: newMetric(Gauge, "postfix_queue_moved_timestamp_seconds",
			"When a message last came to maildrop, incoming or active, or left it, by the time of these directories; where hash_queue_names "+
				"has one of them, that one tells nothing."),
		skipped: newMetric(Gauge, "postfix_queue_showq_skipped",
			"Whether showq(8) was left alone because it would have had to open too many files, as the log tells; figures are old then."),
		freeBytes: newMetric(Gauge, "postfix_queue_filesystem_free_bytes",
			"Space left for Postfix on the file system that holds the queue."),
		freeInodes: newMetric(Gauge, "postfix_queue_filesystem_free_inodes",
			"Files that can still be made on the file system that holds the queue; absent where it sets no limit."),
		neededBytes: newMetric(Gauge, "postfix_queue_filesystem_needed_bytes",
			"Space below which Postfix takes no mail: 1.5 * message_size_limit, or queue_minfree where that is more."),
	}
}

// Name is "queue".
func (*Queue) Name() string { return "queue" }

// Metrics lists what Update may send.
func (c *Queue) Metrics() []*Metric {
	return []*Metric{
		c.messages, c.size, c.oldest, c.older, c.origin, c.foreign, c.deferred, c.account, c.localUser, c.overdue, c.domains, c.busiest,
		c.taken, c.complete, c.unread, c.faults, c.skipped, c.moved, c.freeBytes, c.freeInodes, c.neededBytes,
	}
}

// Update sends the last snapshot, if there is one, also when it returns an error.
func (c *Queue) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	figures, err := c.queue.Figures(ctx)
	ch <- c.complete.sample(number(figures.Complete))
	ch <- c.skipped.sample(number(figures.ShowqSkipped))
	c.space(ctx, figures.Outside.Space, ch)
	if moved := figures.Outside.Moved; !moved.IsZero() {
		ch <- c.moved.sample(float64(moved.UnixMilli()) / 1000)
	}
	if s := &figures.Snapshot; !s.Taken.IsZero() {
		ch <- c.taken.sample(float64(s.Taken.UnixMilli()) / 1000)
		for q := range parser.Queue(parser.NumQueues) {
			if s.Known[q] {
				c.one(s, q, ch)
			}
		}
		for reason := range parser.FailureReason(parser.NumFailureReasons) {
			ch <- c.deferred.sample(float64(s.DeferredRecipients[reason]), reason.String())
		}
		if s.Listed {
			c.files(s, ch)
		}
	}
	return err
}

// one sends the figures of one queue.
func (c *Queue) one(s *spool.Snapshot, q parser.Queue, ch chan<- prometheus.Metric) {
	figures, queue := &s.Queues[q], q.String()
	ch <- c.messages.sample(float64(figures.Messages), queue)
	ch <- c.size.sample(float64(figures.Bytes), queue)
	if figures.Oldest > 0 {
		ch <- c.oldest.sample(float64(figures.Oldest), queue)
	}
	for age := range spool.Age(spool.NumAges) {
		ch <- c.older.sample(float64(figures.Older[age]), queue, age.String())
	}
	for origin := range spool.Origin(spool.NumOrigins) {
		ch <- c.origin.sample(float64(figures.Origins[origin]), queue, origin.String())
	}
	if s.Listed {
		ch <- c.foreign.sample(float64(figures.Foreign), queue)
	}
}

// space sends what is left on the queue's file system, and what Postfix needs.
func (c *Queue) space(ctx context.Context, space spool.Space, ch chan<- prometheus.Metric) {
	if space.Known {
		ch <- c.freeBytes.sample(float64(space.Bytes))
		if space.InodesKept {
			ch <- c.freeInodes.sample(float64(space.Inodes))
		}
	}
	if instance, _ := c.instance(ctx); instance.SpaceNeeded > 0 {
		ch <- c.neededBytes.sample(float64(instance.SpaceNeeded))
	}
}
