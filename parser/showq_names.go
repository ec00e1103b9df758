package parser

import "math/bits"

// showqName is an attribute of a showq(8) stream (global/mail_proto.h).
type showqName uint8

const (
	showqQueueName showqName = iota
	showqQueueID
	showqTime
	showqSize
	showqSender
	showqForcedExpire
	showqOriginalRecipient
	showqRecipient
	showqLogClass
	showqReason
	showqProtocol
	showqEnd     // the empty name
	showqUnknown // of a later Postfix
)

func (n showqName) String() string {
	return word(n, []string{
		"queue_name", "queue_id", "time", "size", "sender", "forced_expire", "original_recipient", "recipient", "log_class",
		"reason", "protocol", "end of list", "unknown",
	})
}

func showqNameOf(b []byte) showqName {
	switch string(b) {
	case "":
		return showqEnd
	case "queue_name":
		return showqQueueName
	case "queue_id":
		return showqQueueID
	case "time":
		return showqTime
	case "size":
		return showqSize
	case "sender":
		return showqSender
	case "forced_expire":
		return showqForcedExpire
	case "original_recipient":
		return showqOriginalRecipient
	case "recipient":
		return showqRecipient
	case "log_class":
		return showqLogClass
	case "reason":
		return showqReason
	case "protocol":
		return showqProtocol
	}
	return showqUnknown
}

// showqSet is a set of names.
type showqSet uint16

// showqHeader are the attributes that every message has had since Postfix 3.1.
const showqHeader showqSet = 1<<showqQueueName | 1<<showqQueueID | 1<<showqTime | 1<<showqSize | 1<<showqSender

// first is the lowest name in a set that is not empty.
func (s showqSet) first() showqName { return showqName(bits.TrailingZeros16(uint16(s))) }

func isAttributeName(b []byte) bool {
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// isQueueFileName is Postfix's own, loose check (global/mail_queue.c).
func isQueueFileName(b []byte) bool {
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 255
}

func wholeNumber(b []byte) (int64, bool) {
	n, rest, ok := number(b)
	return n, ok && len(rest) == 0
}
