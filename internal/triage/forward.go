package triage

import "fmt"

// removeForward comments an alias out where it was found.
func removeForward(alias string, h *Host) (steps []Step) {
	for _, a := range h.Aliases {
		file, backup := Quote(a.File), Quote(a.File+".before-triage")
		s := Step{Title: "Remove the forward"}
		if a.Type == "" {
			s.Run = []string{fmt.Sprintf("mv -- %s %s", file, backup)}
			s.Undo = []string{fmt.Sprintf("mv -- %s %s", backup, file)}
			steps = append(steps, s)
			continue
		}
		s.Note = fmt.Sprintf("Line %d says: %s. If it names a mailbox too, take out the outside address alone.", a.First, Plain(short(a.Text, 120)))
		s.Run = append([]string{
			fmt.Sprintf("cp -p -- %s %s", file, backup),
			fmt.Sprintf("sed -i '%d,%ds/^/#/' -- %s", a.First, a.Last, file),
		}, h.postmap(a, a.File)...)
		s.Undo = append([]string{fmt.Sprintf("sed -i '%d,%ds/^#//' -- %s", a.First, a.Last, file)}, h.postmap(a, a.File)...)
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		steps = append(steps, Step{
			Title: "Find the forward",
			Note:  "It stands in no alias table whose text can be read, nor in a .forward file: it may be in SQL, LDAP, or a Sieve script.",
			Run: []string{
				h.program("postconf") + " -hx virtual_alias_maps alias_maps | tr -s ', ' '\\n' | while read -r map; do " +
					h.program("postmap") + " -q " + Quote(alias) + ` "$map"; done`,
				"grep -rl redirect /var/mail/*/sieve /home/*/sieve 2>/dev/null || true",
			},
		})
	}
	return steps
}
