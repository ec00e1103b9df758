package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/spool"
	"postfix_exporter/internal/triage"
	"postfix_exporter/parser"
)

// report makes the whole report, about a principal or, where it is nil, the first
// of the ranking.
func (s *scene) report(ctx context.Context, about *triage.Principal) (*triage.Report, error) {
	r := &triage.Report{Made: time.Now()}
	r.Host, _ = os.Hostname()
	var queue triage.Inventory
	var queueErr error
	var reading sync.WaitGroup // queue and log at the same time: each may take a second
	reading.Go(func() { queueErr = s.listQueue(ctx, func(q *triage.Queued) { queue.Add(*q) }) })
	families, from := s.metrics(ctx)
	overview := s.overview(ctx)
	reading.Wait()

	f := readFigures(families)
	r.AsOf = f.asOf
	if families != nil {
		r.Sources = append(r.Sources, from)
	}
	queued := map[triage.Principal]int{}
	queueRead := queueErr == nil || errors.Is(queueErr, fs.ErrNotExist) // a directory that is missing holds nothing
	if queueErr != nil {
		s.miss("the queue's files", queueErr)
	}
	if queueRead {
		f.queued, queued = queue.Total(), queue.Owners(s.domains)
		for _, i := range s.instances {
			r.Sources = append(r.Sources, "the queue's files in "+i.QueueDirectory)
		}
		for _, c := range f.candidates {
			c.Queued = 0 // the files know it better
		}
	}
	if overview != nil {
		r.Sources = append(r.Sources, "the log "+fmt.Sprint(s.logs))
		for _, c := range overview.Candidates() {
			if old := f.candidates[c.Principal]; old != nil {
				c.Queued = old.Queued
			}
			f.candidates[c.Principal] = &c
		}
	}
	if families == nil && !queueRead && overview == nil {
		return nil, errors.Join(errors.New("there is nothing to go by: no exporter answers, and neither log nor queue can be read; run it as root"), s.told())
	}
	s.names(f, queued, overview)
	var counted []triage.Candidate
	for _, p := range slices.SortedFunc(maps.Keys(f.candidates), byPrincipal) {
		counted = append(counted, *f.candidates[p])
	}
	r.Ranking = triage.Candidates(counted, queued)
	triage.Rank(r.Ranking, f.queued)
	r.Ranking = slices.DeleteFunc(r.Ranking, func(c triage.Candidate) bool { return c.Share == 0 })
	name := userNames()
	for i := range r.Ranking {
		if c := &r.Ranking[i]; c.Kind == triage.Local {
			c.User = name(c.Name)
		}
	}
	r.Door = triage.RankDoor(f.door)
	if about == nil && len(r.Ranking) > 0 {
		about = &r.Ranking[0].Principal
	}
	if about != nil {
		s.about(ctx, r, *about, &queue, queueRead)
	}
	r.Missing = s.missing
	return r, nil
}

func byPrincipal(a, b triage.Principal) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.User, b.User))
}

// about fills in what is known of one principal, and what to do.
func (s *scene) about(ctx context.Context, r *triage.Report, p triage.Principal, queue *triage.Inventory, queueRead bool) {
	r.Trail = s.trail(ctx, p)
	if p.Kind == triage.Forward && triage.DomainOf(p.Name) == "" && r.Trail != nil && len(r.Trail.Aliases) > 0 {
		for i := range r.Ranking { // the alias that most goes through says more than its domain
			if r.Ranking[i].Principal == p {
				r.Ranking[i].Name = r.Trail.Aliases[0].What
			}
		}
		p.Name = r.Trail.Aliases[0].What
		r.Trail = s.trail(ctx, p)
	}
	if queueRead {
		r.Queue = queue.Share(p, s.domains, r.Trail)
	}
	here := s.busiest(r.Queue)
	host := s.host(ctx, p, here)
	r.Principal, r.Processes, r.Steps = &p, host.Processes, triage.Plan(p, host, r.Trail)
	for _, i := range s.instances { // the steps are for one; the others get their own
		if i != here && (r.Queue == nil || r.Queue.ByInstance[i.ConfigDirectory] > 0) {
			r.Steps = append(r.Steps, triage.Elsewhere(p, s.host(ctx, p, i)))
		}
	}
}

// busiest gives the instance in whose queue most of a principal's messages are, nil
// where there is none.
func (s *scene) busiest(queue *triage.Share) (most *postconf.Instance) {
	for _, i := range s.instances {
		if most == nil || queue != nil && queue.ByInstance[i.ConfigDirectory] > queue.ByInstance[most.ConfigDirectory] {
			most = i
		}
	}
	return most
}

// metrics gives those of the running exporter, or those that the log gives.
func (s *scene) metrics(ctx context.Context) (families map[string]*dto.MetricFamily, from string) {
	if len(*s.flags.logs) == 0 {
		families, err := askExporter(ctx, s.client, *s.flags.url)
		if err == nil {
			return families, "the exporter at " + redacted(*s.flags.url)
		}
		s.miss("the exporter", fmt.Errorf("%w; mend: start it, or name it with --exporter.url", withoutURL(err)))
	}
	if len(s.logs) == 0 {
		return nil, ""
	}
	families, err := s.foldLogs(ctx)
	if err != nil {
		s.miss("the log", err)
		return nil, ""
	}
	return families, "figures of the log itself"
}

// redacted is a URL without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Redacted()
}

// withoutURL is an error of HTTP without the address, which may hold a password.
func withoutURL(err error) error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		return fmt.Errorf("%s: %w", redacted(inURL.URL), inURL.Err)
	}
	return err
}

func (s *scene) overview(ctx context.Context) *triage.Overview {
	if len(s.logs) == 0 {
		return nil
	}
	o := triage.Look(s.domains)
	if err := s.eachLine(ctx, o.Line); err != nil {
		s.miss("the log", err)
		return nil
	}
	return o
}

// names turns hashes of accounts back into names, where the key may be read and the
// names are known from queue and log.
func (s *scene) names(f *figures, queued map[triage.Principal]int, o *triage.Overview) {
	hashed := false
	for p := range f.candidates {
		hashed = hashed || p.Kind == triage.Account && isHash(p.Name)
	}
	if !hashed {
		return
	}
	key, err := readKey(*s.flags.keyFile)
	if err != nil {
		s.miss("names of accounts", err)
		return
	}
	var names []string
	for p := range queued {
		if p.Kind == triage.Account {
			names = append(names, p.Name)
		}
	}
	if o != nil {
		names = append(names, o.Accounts()...)
	}
	f.unhash(key, names)
}

// told is what could not be read, as one error.
func (s *scene) told() error {
	var all []error
	for _, text := range s.missing {
		all = append(all, errors.New(text))
	}
	return errors.Join(all...)
}

// listQueue gives each queued message, as its file tells of it.
func (s *scene) listQueue(ctx context.Context, each func(*triage.Queued)) error {
	if len(s.instances) == 0 {
		return errors.New("no Postfix instance is known; mend: --postfix.config-directory=DIR")
	}
	filters := s.filterUsers()
	var missing error
	for _, i := range s.instances {
		site := spool.Site{MailOwner: uint32(i.MailOwnerUID), MyNetworks: i.MyNetworks}
		err := spool.List(ctx, i.QueueDirectory, site, func(e *spool.Entry) {
			q := queuedOf(e)
			if q.Origin == "local" && slices.Contains(filters, q.UID) { // a second pass: whose, only the log knows
				q.Origin = "unknown"
			}
			if len(s.instances) > 1 {
				q.Instance = i.ConfigDirectory
			}
			each(&q)
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		missing = errors.Join(missing, err)
	}
	return missing
}

func queuedOf(e *spool.Entry) triage.Queued {
	client, _ := netip.ParseAddr(string(e.File.Client))
	return triage.Queued{
		Queue: e.Queue.String(), ID: e.ID, Origin: e.Origin.String(), Account: e.File.Account, UID: strconv.FormatUint(uint64(e.UID), 10),
		Client: client.Unmap().WithZone(""), Waiting: e.File.Waiting, Original: e.File.Original, Alike: e.File.Alike, Ident: e.File.Ident,
		Arrival: e.File.Arrival, Whole: e.Whole, Script: bytes.TrimSpace(parser.Header(e.Content, "X-PHP-Originating-Script")),
	}
}
