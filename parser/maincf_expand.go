package parser

import (
	"errors"
	"fmt"
	"strings"
)

// Bounds of an expansion. Two references a level double its size at each
// level, so depth alone bounds nothing.
const (
	maxExpandDepth = 32
	maxExpandSteps = 10_000
	maxExpandBytes = 1 << 20
)

// Get gives a parameter's value with its macros expanded.
func (p Parameters) Get(name string) (string, error) { return p.Expand(p[name]) }

// Expand replaces the macros in value, and in what they stand for, as
// mac_expand(3) does: $name, ${name}, $(name), ${name?if set}, ${name:if not},
// ${name?{if set}:{if not}}, and $$ for a dollar. A name that is not defined
// stands for nothing. Comparisons, as in ${{$a} == {b} ? {x} : {y}}, are not
// understood: those, a brace that is not closed, a loop, or a result over a
// mebibyte are errors.
func (p Parameters) Expand(value string) (string, error) {
	e := expansion{params: p}
	e.text(value, 0)
	if e.err != nil {
		return "", e.err
	}
	return e.out.String(), nil
}

// expansion is one call of Expand.
type expansion struct {
	params Parameters
	out    strings.Builder
	steps  int
	err    error
}

func (e *expansion) text(value string, depth int) {
	e.steps++
	switch {
	case depth > maxExpandDepth:
		e.err = fmt.Errorf("macros nested over %d deep, maybe in a loop", maxExpandDepth)
	case e.steps > maxExpandSteps:
		e.err = fmt.Errorf("over %d macros in one value", maxExpandSteps)
	}
	for e.err == nil && value != "" {
		literal, rest, found := strings.Cut(value, "$")
		if e.out.Len()+len(literal) > maxExpandBytes {
			e.err = errors.New("a value of over a mebibyte")
			return
		}
		e.out.WriteString(literal)
		if !found {
			return
		}
		value = e.macro(rest, depth)
	}
}

// macro expands what follows a dollar and gives what is left.
func (e *expansion) macro(rest string, depth int) string {
	switch {
	case rest == "":
		e.err = errors.New("a lone $ at the end")
		return ""
	case rest[0] == '$':
		e.out.WriteByte('$')
		return rest[1:]
	case rest[0] == '{' || rest[0] == '(':
		body, after, ok := enclosedIn(rest)
		if !ok {
			e.err = fmt.Errorf("%q is not closed", "$"+rest[:1])
			return ""
		}
		e.braced(body, depth)
		return after
	}
	n := paramLen(rest)
	if n == 0 {
		e.err = errors.New("no name after a $")
		return ""
	}
	e.text(e.params[rest[:n]], depth+1)
	return rest[n:]
}

// braced expands the inside of ${…}.
func (e *expansion) braced(body string, depth int) {
	body = strings.TrimSpace(body)
	n := paramLen(body)
	name, rest := body[:n], strings.TrimSpace(body[n:])
	if n == 0 || rest != "" && rest[0] != '?' && rest[0] != ':' {
		e.err = fmt.Errorf("${%.40s} is not understood", body)
		return
	}
	value := e.params[name]
	if rest == "" {
		e.text(value, depth+1)
		return
	}
	ifSet, ifNot := "", rest[1:]
	if rest[0] == '?' {
		ifSet, ifNot = branches(rest[1:])
	} else if inner, after, ok := alternative(ifNot); ok && after == "" {
		ifNot = inner
	}
	if value != "" {
		e.text(ifSet, depth+1)
	} else {
		e.text(ifNot, depth+1)
	}
}

// branches splits "{a}:{b}", "{a}" or "a", all that may follow a question mark.
func branches(text string) (ifSet, ifNot string) {
	ifSet, rest, ok := alternative(text)
	if !ok {
		return text, ""
	}
	if rest, ok = strings.CutPrefix(rest, ":"); !ok {
		return ifSet, ""
	}
	if inner, after, ok := alternative(rest); ok && after == "" {
		return ifSet, inner
	}
	return ifSet, rest
}

// alternative takes a leading {…} off text, and the white space in and around it.
func alternative(text string) (inner, rest string, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return "", text, false
	}
	inner, rest, ok = enclosedIn(text)
	return strings.TrimSpace(inner), strings.TrimSpace(rest), ok
}

// enclosedIn takes the bracket that text begins with up to the one that closes it.
func enclosedIn(text string) (body, after string, ok bool) {
	open, closing := text[0], byte('}')
	if open == '(' {
		closing = ')'
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case open:
			depth++
		case closing:
			if depth--; depth == 0 {
				return text[1:i], text[i+1:], true
			}
		}
	}
	return "", "", false
}

// paramLen is the length of the parameter name that text begins with.
func paramLen(text string) int {
	n := 0
	for n < len(text) && paramByte(text[n]) {
		n++
	}
	return n
}
