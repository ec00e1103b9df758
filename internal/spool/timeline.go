package spool

// timeline counts moments by how many seconds they lie before a reference, in
// steps, so that it can be told how many lie further back than some age without
// a look at every message.
type timeline struct {
	reference int64 // seconds since the epoch
	steps     []uint32
}

const (
	timelineStep  = 10              // seconds: how exact the ages are
	timelineSpan  = 5*24*3600 + 600 // seconds: the largest age that is asked for, and a pause between two counts
	timelineSteps = timelineSpan/timelineStep + 1
)

// reset forgets all moments. The reference is the latest that there may be;
// what is later counts as if it were now.
func (t *timeline) reset(reference int64) {
	clear(t.steps)
	t.reference = reference
}

func (t *timeline) add(moment int64) {
	if t.steps == nil {
		t.steps = make([]uint32, timelineSteps)
	}
	t.steps[min(max(0, t.reference-moment)/timelineStep, timelineSteps-1)]++
}

// older counts the moments that lie more than age seconds before now, to within
// a step.
func (t *timeline) older(now, age int64) (n int) {
	if t.steps == nil {
		return 0
	}
	from := max(0, t.reference-now+age+timelineStep-1) / timelineStep
	for _, count := range t.steps[min(from, timelineSteps-1):] {
		n += int(count)
	}
	return n
}
