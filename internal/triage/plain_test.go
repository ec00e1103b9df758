package triage

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"
)

// hostile are names as an attacker may choose them.
func hostile() []string {
	return []string{
		"emil@example.org", "", "-rf", "=x", "~root", "a b", "it's", `"quoted"`, "$(>pwned)", "`>pwned`", "a;b", "a|b&c", "a\nb", "a\rb", "a\tb",
		"\x1b[2J\x1b]0;x\x07", "\\", `\'`, "ünï@example.org", "\xff\xfe", "a\u202eb", "!history!", "*?[a]", "{a,b}", "#c", "a=b", "%s%n", "/../x", "é'\n'$x",
	}
}

// bash gives what a script prints.
func bash(t testing.TB, script string, args ...string) string {
	t.Helper()
	out, err := exec.Command("bash", append(args, "-c", script)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s: %q", err, out, script)
	}
	return string(out)
}

// TestQuote: what the shell makes of a quoted word is the word, and a terminal shows
// all of it.
func TestQuote(t *testing.T) {
	for _, word := range hostile() {
		quoted := Quote(word)
		if got := bash(t, "printf %s "+quoted); got != word {
			t.Errorf("%q becomes %s, and that is %q", word, quoted, got)
		}
		shows(t, quoted)
		if got := bash(t, "printf %s --account="+Quote(word)); got != "--account="+word {
			t.Errorf("behind a flag %q is %q", word, got)
		}
		if word != "" && len(Quote("--account="+word)) > 0 {
			if got := bash(t, "printf %s "+Quote("--account="+word)); got != "--account="+word {
				t.Errorf("as a flag %q is %q", word, got)
			}
		}
	}
}

// shows wants nothing that a terminal obeys or hides.
func shows(t testing.TB, text string) {
	t.Helper()
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && (!unicode.IsPrint(r) || r == unicode.ReplacementChar) }) {
		t.Errorf("a terminal would not show all of %q", text)
	}
}

func FuzzQuote(f *testing.F) {
	for _, word := range hostile() {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if strings.Contains(word, "\x00") {
			return // no word of a shell
		}
		shows(t, Quote(word))
		shows(t, Plain(word))
		if got := bash(t, "printf %s "+Quote(word)); got != word {
			t.Errorf("%q is %q", word, got)
		}
	})
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"emil@example.org": "emil@example.org", "\x1b[31m\n": `\x1b[31m\x0a`, "ünï": "ünï", "\xff": `\xff`, "a\u202eb": `a\xe2\x80\xaeb`,
	} {
		if got := Plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
