package main

import (
	"fmt"

	"github.com/alecthomas/kingpin/v2"
)

// usageTemplate is kingpin's own but for one thing: what is said of the program
// as a whole includes the flags of its default command, which needs no name.
const usageTemplate = `{{if .Context.SelectedCommand -}}
usage: {{.App.Name}} {{.Context.SelectedCommand}} [<flags>]{{range .Context.SelectedCommand.Args}} [<{{.Name}}>...]{{end}}

{{.Context.SelectedCommand.Help|Wrap 0}}
{{else -}}
usage: {{.App.Name}} [<flags>]
       {{.App.Name}} <command> [<args> ...]

{{.App.Help|Wrap 0}}
{{end -}}
Flags:
{{.Context.Flags|FlagsToTwoColumns|FormatTwoColumns}}
{{- if not .Context.SelectedCommand}}{{range .App.Commands}}{{if .Default}}{{.Flags|FlagsToTwoColumns|FormatTwoColumns}}{{end}}{{end}}{{end -}}
{{if .Context.Args}}
Args:
{{.Context.Args|ArgsToTwoColumns|FormatTwoColumns}}
{{- end}}
{{- if not .Context.SelectedCommand}}
Commands:
{{range .App.Commands}}  {{.Name}}
{{.Help|Wrap 4}}
{{end}}{{end -}}
`

// blame names the flag that an error of kingpin's is about: it leaves the name out
// where a value is of the wrong kind.
func blame(app *kingpin.Application, args []string, err error) error {
	context, _ := app.ParseContext(args)
	if context == nil {
		return err
	}
	for _, element := range context.Elements {
		flag, ok := element.Clause.(*kingpin.FlagClause)
		if !ok || element.Value == nil {
			continue
		}
		if model := flag.Model(); model.Value.Set(*element.Value) != nil {
			return fmt.Errorf("--%s: %w", model.Name, err)
		}
	}
	return err
}
