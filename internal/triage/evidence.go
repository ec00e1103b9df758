package triage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode"
	"unicode/utf16"
)

// File is one file of the evidence.
type File struct {
	Name string
	Text []byte
}

// JSON gives the report as one object. What a terminal would obey or hide is escaped.
func (r *Report) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, c := range string(text) {
		if c == '\n' || unicode.IsPrint(c) && c != unicode.ReplacementChar {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// Evidence gives the report as files: a summary for people, and each list for itself.
func (r *Report) Evidence(zone *time.Location) ([]File, error) {
	whole, err := r.JSON()
	if err != nil {
		return nil, err
	}
	files := []File{{"report.json", whole}, {"summary.txt", r.summary(zone)}}
	t := r.Trail
	if t == nil {
		return files, nil
	}
	var line, networks, replies, ids bytes.Buffer
	line.WriteString("minute\tmessages\trecipients\tfailed\n")
	stamp := func(m Moment) string { return time.Unix(0, int64(m)).In(zone).Format(time.RFC3339) }
	for _, m := range t.Minutes {
		fmt.Fprintf(&line, "%s\t%d\t%d\t%d\n", stamp(m.Time), m.Messages, m.Recipients, m.Failed)
	}
	networks.WriteString("network\tmessages\tfirst\tlast\talso used by\n")
	for _, n := range t.Networks {
		fmt.Fprintf(&networks, "%s\t%d\t%s\t%s\t%s\n", n.Network, n.Messages, stamp(n.First), stamp(n.Last), Plain(n.SharedWith))
	}
	for _, reply := range t.Replies {
		fmt.Fprintf(&replies, "%d\t%s\n", reply.N, Plain(reply.What))
	}
	for _, id := range t.IDs() {
		ids.WriteString(Plain(id) + "\n")
	}
	return append(files, File{"timeline.tsv", line.Bytes()}, File{"networks.tsv", networks.Bytes()}, File{"replies.tsv", replies.Bytes()},
		File{"queue-ids.txt", ids.Bytes()}), nil
}

// summary is the text that a delisting form or a customer gets: facts, and no commands.
func (r *Report) summary(zone *time.Location) []byte {
	var b bytes.Buffer
	bare := *r
	bare.Steps, bare.Missing, bare.Door, bare.Processes = nil, nil, nil, nil
	if r.Principal != nil {
		bare.Ranking = nil
		for _, c := range r.Ranking { // other customers are nobody's business
			if c.Principal == *r.Principal {
				bare.Ranking = append(bare.Ranking, c)
			}
		}
		if r.Trail != nil {
			trail := *r.Trail
			trail.Networks = append([]NetworkSeen{}, trail.Networks...)
			for i := range trail.Networks {
				trail.Networks[i].SharedWith = ""
			}
			bare.Trail = &trail
		}
	}
	_ = bare.Write(&b, Style{Rows: 1, Zone: zone}) // a buffer takes all
	return b.Bytes()
}
