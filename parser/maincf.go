package parser

import "strings"

// Parameters are Postfix's configuration parameters by name, as they are
// written: macros are not expanded.
type Parameters map[string]string

// ParseMainCF reads the text of main.cf(5), or the "name = value" lines that
// postconf(1) prints. The later of two definitions wins. Lines that can't be
// understood are left out; the error, a *Faults, says which is the first.
func ParseMainCF(text string) (Parameters, error) {
	params := Parameters{}
	var faults Faults
	for number, line := range logicalLines(text) {
		name, value, found := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		switch {
		case configBlank(line[0]):
			faults.add(number, "white space before the first parameter; mend: remove it")
		case !found:
			faults.add(number, "no \"=\" after %.40q; mend: write name = value", name)
		case name == "" || strings.ContainsFunc(name, notInParam):
			faults.add(number, "%.40q is no parameter name; mend: write name = value", name)
		default:
			params[name] = strings.TrimSpace(value)
		}
	}
	return params, faults.err()
}

func notInParam(r rune) bool { return r >= 0x80 || !paramByte(byte(r)) }

// paramByte tells the bytes of a parameter's name.
func paramByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
