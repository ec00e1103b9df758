package parser

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWrapper(t *testing.T) {
	for _, test := range []struct {
		line string
		want Wrapper
		text string
		more bool
	}{
		{`Nov 23 13:41:21 mx postfix/smtpd[1]: connect from a[192.0.2.1]`, WrapperNone, `Nov 23 13:41:21 mx postfix/smtpd[1]: connect from a[192.0.2.1]`, false},
		{`{"log":"one \"two\" \u003cx\u003e \\ \u00e9 \t\n","stream":"stdout","time":"2026-11-23T13:41:21.1Z"}`, WrapperDocker, `one "two" <x> \ é ?`, false},
		{`{"log":"it goes on","stream":"stdout"}`, WrapperDocker, "it goes on", true},
		{`{"log":"a\nNov 23 13:41:21 mx postfix/smtpd[1]: forged\n"}`, WrapperDocker, "a?Nov 23 13:41:21 mx postfix/smtpd[1]: forged", false},
		{`{"log":"cut \u00`, WrapperDocker, "cut ", false},
		{`{"log":"cut \`, WrapperDocker, "cut ", false},
		{`2026-11-23T13:41:21.186234000Z stdout F one two`, WrapperCRI, "one two", false},
		{`2026-11-23T13:41:21.186234000+01:00 stderr P one two`, WrapperCRI, "one two", true},
		{`2026-11-23T13:41:21.186234000Z stdout F:x `, WrapperCRI, "", false},
		{`2026-11-23T13:41:21.186234+01:00 mx postfix/smtpd[1]: F x`, WrapperNone, `2026-11-23T13:41:21.186234+01:00 mx postfix/smtpd[1]: F x`, false},
		{`2026-11-23T13:41:21.186234+01:00 stdout postfix/smtpd[1]: F x`, WrapperNone, `2026-11-23T13:41:21.186234+01:00 stdout postfix/smtpd[1]: F x`, false},
		{"", WrapperNone, "", false},
	} {
		w := WrapperOf([]byte(test.line))
		text, more := w.Append([]byte("before:"), []byte(test.line))
		if w != test.want || string(text) != "before:"+test.text || more != test.more {
			t.Errorf("%s: wrapper %d, %q, more %t; want %d, %q, %t", test.line, w, text, more, test.want, test.text, test.more)
		}
	}
}

// FuzzWrapper holds what is unwrapped against encoding/json, and wants no
// control characters and no more bytes than there were.
func FuzzWrapper(f *testing.F) {
	f.Add(`{"log":"one \"two\" \u003cx\u003e \ud83d\ude00\n","stream":"stdout"}`)
	f.Add(`2026-11-23T13:41:21.186234000Z stdout F one two`)
	f.Fuzz(func(t *testing.T, line string) {
		for _, w := range []Wrapper{WrapperOf([]byte(line)), WrapperDocker, WrapperCRI} {
			text, more := w.Append(nil, []byte(line))
			if len(text) > len(line) {
				t.Errorf("%q grew to %q", line, text)
			}
			var object struct{ Log *string }
			if w != WrapperDocker || !strings.HasPrefix(line, dockerHead) {
				continue
			}
			if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q holds control characters: %q", line, text)
			}
			if !utf8.ValidString(line) || strings.Contains(line, `\u`) || json.Unmarshal([]byte(line), &object) != nil || object.Log == nil ||
				strings.Count(strings.ToLower(line), `"log"`) > 1 {
				continue
			}
			want, whole := strings.CutSuffix(*object.Log, "\n")
			want = strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return '?'
				}
				return r
			}, want)
			if string(text) != want || more == whole {
				t.Errorf("%q: got %q, more %t; want %q, more %t", line, text, more, want, !whole)
			}
		}
	})
}
