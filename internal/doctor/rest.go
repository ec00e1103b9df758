package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"path"
)

// checkQueue: may the queue's files be read? They tell whose each message is.
func checkQueue(ctx context.Context, p *Patient, n *notes) {
	if len(p.Instances) == 0 {
		n.skips("no instance")
	}
	for _, i := range p.Instances {
		messages, err := i.List(ctx)
		if err == nil || errors.Is(err, fs.ErrNotExist) && messages > 0 { // a queue that was never used has no directory
			n.works("the queue in %s can be read: %d messages", i.QueueDirectory, messages)
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			n.fails("postfix -c "+i.ConfigDirectory+" check", "%v", err)
			continue
		}
		n.advice("systemctl edit postfix_exporter # [Service] AmbientCapabilities=CAP_DAC_READ_SEARCH, ProtectSystem=strict",
			"whose each queued message is stays unknown: %v", err)
	}
}

// checkShowq: can the queue be read without its files?
func checkShowq(ctx context.Context, p *Patient, n *notes) {
	if len(p.Instances) == 0 {
		n.skips("no instance")
	}
	for _, i := range p.Instances {
		if err := i.Showq(ctx); err != nil && !errors.Is(err, fs.ErrPermission) {
			n.fails("postfix -c "+i.ConfigDirectory+" start", "showq of %s: %v", i.QueueDirectory, err)
			continue
		} else if err != nil {
			n.fails("usermod -aG postdrop "+p.User+" and restart the exporter", "showq of %s: %v", i.QueueDirectory, err)
			continue
		}
		n.works("showq of %s answers", i.QueueDirectory)
	}
}

// checkDovecot: does it say who fails to log in?
func checkDovecot(_ context.Context, p *Patient, n *notes) {
	switch verbose := p.Dovecot("auth_verbose"); verbose {
	case "":
		n.skips("there is no Dovecot whose settings can be read")
	case "yes":
		n.works("auth_verbose=yes: failed logins are logged with their user")
	default:
		n.advice("printf 'auth_verbose = yes\\n' > /etc/dovecot/conf.d/99-auth-verbose.conf && doveadm reload",
			"auth_verbose=%.20q: of failed logins over SMTP Dovecot logs nothing", verbose)
	}
}

// checkPort: who may read the accounts' names?
func checkPort(_ context.Context, p *Patient, n *notes) {
	if p.WebConfig != "" {
		if err := p.CheckWeb(p.WebConfig); err != nil {
			n.fails("", "--web.config.file=%s: %v", p.WebConfig, err)
			return
		}
	}
	for _, address := range p.Listen {
		switch {
		case onLoopback(address):
			n.works("%s is on this host alone", address)
		case p.WebConfig != "":
			n.works("%s has the TLS or passwords of %s", address, p.WebConfig)
		default:
			n.fails("--web.listen-address=127.0.0.1:9154, or --web.config.file with TLS and passwords",
				"%s is open to whoever reaches it, without TLS or password, and names accounts", address)
		}
	}
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// checkState: does a restart go on where this run ends?
func checkState(_ context.Context, p *Patient, n *notes) {
	if p.StateFile == "" {
		n.skips("nothing is saved (--state.file=): a restart begins anew")
		return
	}
	dir := path.Dir(p.StateFile)
	if err := p.Writable(dir); err != nil {
		n.fails("install -d -m 700 -o "+p.User+" "+dir, "%s can't be written to: %v; a restart begins anew", dir, err)
		return
	}
	n.works("%s can be written to", dir)
}

// checkClock: are windows and time lines right?
func checkClock(_ context.Context, p *Patient, n *notes) {
	switch unsynced, err := p.Unsynced(); {
	case err != nil:
		n.skips("whether the clock is right can't be asked: %v", err)
	case unsynced:
		n.advice("timedatectl set-ntp true", "nothing keeps the clock right, as far as the kernel knows: time lines of several hosts won't fit")
	default:
		n.works("the clock is kept right")
	}
}
