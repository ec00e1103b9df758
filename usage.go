package main

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
