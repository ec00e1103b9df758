package doctor

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"
)

// checkLog: may every log be read?
func checkLog(_ context.Context, p *Patient, n *notes) {
	switch {
	case len(p.Logs) == 0 && p.Journal:
		n.works("the journal is read in place of a file")
	case len(p.Logs) == 0:
		n.fails("", "no log is known: name it with --log.file, or read the journal with --log.journal")
	}
	for _, log := range p.Logs {
		switch {
		case errors.Is(log.Err, fs.ErrPermission) && !strings.Contains(log.Err.Error(), mark):
			n.fails("setfacl -m u:"+p.User+":r "+log.Path, "%v", log.Err)
		case log.Err != nil:
			n.failed(log.Err)
		default:
			n.works("%s can be read", log.Path)
		}
	}
}

// checkMoves: is it the log that Postfix writes now?
func checkMoves(_ context.Context, p *Patient, n *notes) {
	for _, log := range p.Logs {
		if log.Err != nil {
			continue
		}
		tail, err := p.Tail(log.Path)
		if err != nil {
			n.failed(err)
			continue
		}
		newer := ""
		for _, rotated := range []string{log.Path + ".1", log.Path + "-" + p.Now().Format("20060102")} {
			if info, err := fs.Stat(p.FS, inFS(rotated)); err == nil && info.ModTime().After(tail.Written) {
				newer = rotated
			}
		}
		switch {
		case newer != "":
			n.fails("systemctl kill -s HUP rsyslog.service", "%s was written to after %s: what writes the log was not told of its rotation", newer, log.Path)
		case tail.Last.IsZero():
			n.advice("", "the end of %s has no line with a time", log.Path)
		case tail.Last.After(p.Now().Add(time.Minute)):
			n.fails("", "the last line of %s is of %s, which is to come: set --log.timezone, or the clock that wrote it", log.Path, stamp(tail.Last))
		case !tail.Postfix:
			n.advice("", "no line of Postfix is among the last of %s: is it the right log? See postconf maillog_file, and the rules of syslog for the facility mail", log.Path)
		default:
			n.works("the last line of %s is %v old", log.Path, p.Now().Sub(tail.Last).Round(time.Second))
		}
	}
	if len(n.all) == 0 {
		n.skips("no log file")
	}
}

func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05") }

// checkRotation: can a rotated log be read to its end?
func checkRotation(_ context.Context, p *Patient, n *notes) {
	for _, log := range p.Logs {
		if log.Path == "" {
			continue
		}
		if p.own(log.Path) {
			n.works("%s is rotated by Postfix itself (postfix logrotate)", log.Path)
			continue
		}
		file, text := p.logrotate(log.Path)
		has := func(word string) bool {
			for line := range strings.Lines(text) {
				if w := strings.Fields(line); len(w) > 0 && w[0] == word {
					return true
				}
			}
			return false
		}
		switch {
		case file == "":
			n.advice("", "nothing in /etc/logrotate.d names %s: it grows until the disk is full, unless something else rotates it", log.Path)
		case has("copytruncate"):
			n.advice("sed -i s/copytruncate/create/ "+file, "%s copies and truncates %s: what is written in between is lost. Let it rename, and tell syslog in postrotate", file, log.Path)
		case has("compresscmd") && !strings.Contains(text, "gzip"):
			n.advice("", "%s compresses %s by something that can't be read after a restart: use gzip, or delaycompress", file, log.Path)
		default:
			n.works("%s rotates %s in a way that can be followed", file, log.Path)
		}
	}
	if len(n.all) == 0 {
		n.skips("no log file")
	}
}

// own says whether Postfix writes a log by itself.
func (p *Patient) own(log string) bool {
	for _, i := range p.Instances {
		if i.MaillogFile == log && log != "" {
			return true
		}
	}
	return false
}

// logrotate finds the block for a log in logrotate's configuration.
func (p *Patient) logrotate(log string) (file, block string) {
	names, _ := fs.Glob(p.FS, "etc/logrotate.d/*")
	for _, name := range append([]string{"etc/logrotate.conf"}, names...) {
		text, err := fs.ReadFile(p.FS, name)
		if err != nil {
			continue
		}
		for part := range strings.SplitSeq(string(text), "}") {
			head, body, ok := strings.Cut(part, "{")
			for word := range strings.FieldsSeq(head) {
				if matched, _ := path.Match(strings.Trim(word, `"`), log); ok && matched {
					return "/" + name, body
				}
			}
		}
	}
	return "", ""
}

// checkRateLimit: does anything throw lines away when an attack writes many?
func checkRateLimit(_ context.Context, p *Patient, n *notes) {
	all := true
	for _, log := range p.Logs {
		all = all && p.own(log.Path)
	}
	if all && len(p.Logs) > 0 {
		n.works("Postfix writes the log itself: nothing is thrown away on the way")
		return
	}
	if _, err := fs.Stat(p.FS, "run/systemd/journal"); err == nil {
		p.journald(n)
	}
	for _, name := range p.configs("etc/rsyslog.conf", "etc/rsyslog.d/*.conf") {
		text, _ := fs.ReadFile(p.FS, name)
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			lower := strings.ToLower(line)
			if strings.HasPrefix(line, "#") || !strings.Contains(lower, "ratelimit") || strings.Contains(lower, "interval 0") || strings.Contains(lower, `interval="0"`) {
				continue
			}
			n.advice("", "/%s throws lines away that come too quickly: %.120q. Set the interval to 0 for mail", name, line)
		}
	}
	if len(n.all) == 0 {
		n.works("no rate limit of syslog is found")
	}
}

// journald notes the limit that it has by itself.
func (p *Patient) journald(n *notes) {
	for _, name := range p.configs("etc/systemd/journald.conf", "etc/systemd/journald.conf.d/*.conf") {
		text, _ := fs.ReadFile(p.FS, name)
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			if value = strings.TrimSpace(value); (key == "RateLimitIntervalSec" || key == "RateLimitBurst") && (value == "0" || value == "0s") {
				n.works("journald has no rate limit (/%s)", name)
				return
			}
		}
	}
	n.advice(`mkdir -p /etc/systemd/journald.conf.d && printf '[Journal]\nRateLimitIntervalSec=0\n' > /etc/systemd/journald.conf.d/mail.conf && systemctl restart systemd-journald`,
		"journald throws away what a service logs beyond 10,000 lines in 30 s: an attack writes more, and postfix_log_lost_lines_total then tells how much")
}

func (p *Patient) configs(patterns ...string) (names []string) {
	for _, pattern := range patterns {
		found, _ := fs.Glob(p.FS, pattern)
		names = append(names, found...)
	}
	return names
}

// checkJournal: where it is to be read, may it be?
func checkJournal(_ context.Context, p *Patient, n *notes) {
	if !p.Journal {
		n.skips("it is not read (--log.journal)")
		return
	}
	for _, dir := range []string{"var/log/journal", "run/log/journal"} {
		entries, err := fs.ReadDir(p.FS, dir)
		switch {
		case errors.Is(err, fs.ErrPermission):
			n.fails("usermod -aG systemd-journal "+p.User+" and restart the exporter", "/%s can't be read", dir)
		case err == nil && len(entries) > 0:
			n.works("/%s can be read", dir)
		}
	}
	if len(n.all) == 0 {
		n.fails("mkdir -p /var/log/journal && systemctl restart systemd-journald", "there is no journal in /var/log/journal or /run/log/journal")
	}
}

// inFS makes an absolute path one of an fs.FS.
func inFS(name string) string {
	if name = strings.TrimPrefix(path.Clean(name), "/"); name == "" {
		return "."
	}
	return name
}
