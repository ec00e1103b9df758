package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/triage"
	"postfix_exporter/parser"
	"postfix_exporter/site"
)

// triageSource says where triage takes its facts from.
type triageSource struct {
	url, client, timezone, dovecot, keyFile *string

	confs, logs *[]string
	classes     classFlags
}

const defaultURL = "http://127.0.0.1:9154/metrics"

func addTriageSource(cmd *kingpin.CmdClause) triageSource {
	return triageSource{
		url: cmd.Flag("exporter.url", "The running exporter's metrics.").Default(defaultURL).String(),
		client: cmd.Flag("exporter.config-file", "Password and certificates for them: basic_auth, authorization and tls_config as in Prometheus's scrape_configs.").
			PlaceHolder("FILE").String(),
		confs: cmd.Flag("postfix.config-directory", "Directory of the instance's main.cf, where it is not the default one with those that it lists for postmulti(1); may be repeated.").
			PlaceHolder("DIR").Strings(),
		logs: cmd.Flag("log.file", "Fold this log, plain or gzip, and don't ask the exporter; may be repeated for rotated ones, in the order in which they were written.").
			PlaceHolder("FILE").Strings(),
		timezone: addTimezone(cmd),
		dovecot:  cmd.Flag("dovecot.config", "Dovecot's configuration, where it is not the default one; it says where passwords are kept.").PlaceHolder("FILE").String(),
		keyFile:  addKeyFile(cmd),
		classes:  addClassFlags(cmd),
	}
}

// scene is what triage looks at.
type scene struct {
	flags      triageSource
	client     *http.Client // of the exporter
	io         streams
	location   *time.Location
	classifier *parser.Classifier
	instances  []*postconf.Instance // none where there is no Postfix
	domains    triage.Domains
	logs       []string // of which details are read
	missing    []string // what can't be read, with the mend
}

func (f triageSource) open(ctx context.Context, io streams) (*scene, error) {
	location, err := loadZone(*f.timezone)
	if err != nil {
		return nil, err
	}
	classifier, err := f.classes.open()
	if err != nil {
		return nil, &usageError{err}
	}
	client, err := openClient(*f.client)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--exporter.config-file: %w", err)}
	}
	s := &scene{flags: f, client: client, io: io, location: location, classifier: classifier, logs: *f.logs}
	if s.instances, err = findInstances(ctx, log.NewLogfmtLogger(io.err), *f.confs); err != nil {
		if len(*f.confs) > 0 {
			return nil, err
		}
		s.miss("Postfix's configuration", err)
		return s, nil
	}
	s.domains = domainsOf(s.instances)
	if len(s.logs) > 0 {
		return s, nil
	}
	for _, i := range s.instances {
		name, _, err := postconf.FindLog(i, postconf.Options{})
		switch {
		case err != nil:
			s.miss("the log", err)
		case name != "" && !slices.Contains(s.logs, name):
			s.logs = append(s.logs, name)
		}
	}
	return s, nil
}

func (s *scene) miss(what string, err error) {
	text := fmt.Sprintf("%s: %v", what, err)
	for _, known := range s.missing {
		if known == text {
			return
		}
	}
	s.missing = append(s.missing, text)
}

// domainsOf gives the domains that the instances take mail for.
func domainsOf(instances []*postconf.Instance) triage.Domains {
	known := site.Of(instances...)
	d := triage.Domains{Names: map[string]bool{}, Known: known.DomainsKnown}
	for _, name := range known.Domains {
		d.Names[name] = true
	}
	return d
}

// program is how this program can be run again from a root shell.
func program() string {
	name, err := os.Executable()
	if err != nil {
		return "postfix_exporter"
	}
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}
