package main

import (
	"context"
	"fmt"
	"os"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/parser"
)

// classFlags add to the tables by which failed deliveries are told apart.
type classFlags struct{ reasons, providers *string }

func addClassFlags(cmd *kingpin.CmdClause) classFlags {
	return classFlags{
		reasons: cmd.Flag("classes.reasons", "File of phrases that tell why a remote host refuses mail, which go before the built-in ones; "+
			"\"postfix_exporter classes reasons\" shows those and the form.").PlaceHolder("FILE").String(),
		providers: cmd.Flag("classes.providers", "File of domains that tell who runs a mail host, which go before the built-in ones; "+
			"\"postfix_exporter classes providers\" shows those and the form.").PlaceHolder("FILE").String(),
	}
}

func (f classFlags) open() (*parser.Classifier, error) {
	var own parser.Tables
	for _, each := range []struct {
		file string
		to   *string
	}{{*f.reasons, &own.Reasons}, {*f.providers, &own.Providers}} {
		if each.file == "" {
			continue
		}
		text, err := os.ReadFile(each.file)
		if err != nil {
			return nil, err
		}
		*each.to = string(text)
	}
	classifier, err := parser.NewClassifier(own)
	if err != nil {
		return nil, fmt.Errorf("--classes.*: %w", err)
	}
	return classifier, nil
}

// classesCommand prints a built-in table.
type classesCommand struct {
	name  string
	table *string
}

func addClasses(app *kingpin.Application) *classesCommand {
	cmd := app.Command("classes", "Print the built-in table of failure reasons or of providers. Save what you would have otherwise in a file of the "+
		"same form, and name it with --classes.reasons or --classes.providers.")
	return &classesCommand{
		name:  cmd.FullCommand(),
		table: cmd.Arg("table", "reasons or providers.").Required().Enum("reasons", "providers"),
	}
}

func (c *classesCommand) run(_ context.Context, io streams) error {
	text := parser.BuiltinTables().Reasons
	if *c.table == "providers" {
		text = parser.BuiltinTables().Providers
	}
	_, err := io.out.Write([]byte(text))
	return err
}
