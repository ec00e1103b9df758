package attacks

import (
	"context"

	"postfix_exporter/lab"
)

// script is a hole in a web application.
func script(name string) Scene {
	return Scene{
		Name: name, Proves: "a web script that sends spam pages with its user",
		Wants: []Want{{Alert: "PostfixScriptAbuse", Culprit: "www-data", Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 15, func(ctx context.Context, n int) error {
				return s.Submit(ctx, lab.WebUID, lab.Message{From: at("www-data"), To: leads(n*10, 10), Subject: "you have won", Size: 2000})
			})
			s.Evident()
			return err
		},
	}
}
