package parser

// Queue is one of Postfix's queues; its word is the name of the queue's
// directory under queue_directory.
type Queue uint8

const (
	QueueMaildrop Queue = iota // from sendmail(1), not yet picked up
	QueueIncoming              // being received, or not yet seen by the queue manager
	QueueActive                // in delivery
	QueueDeferred              // waits for its next attempt
	QueueHold                  // held by the administrator
	QueueCorrupt               // unreadable; showq(8) does not list it

	NumQueues = int(QueueCorrupt) + 1
)

func (q Queue) String() string {
	return word(q, []string{"maildrop", "incoming", "active", "deferred", "hold", "corrupt"})
}

func queueOf(b []byte) (Queue, bool) {
	for q := range Queue(NumQueues) {
		if string(b) == q.String() {
			return q, true
		}
	}
	return 0, false
}
