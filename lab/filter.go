package lab

import (
	"fmt"
	"net"
)

// Filter is the way that mail takes through a content filter. Each way links the
// two passes of a message in the log by something else.
type Filter string

const (
	NoFilter       Filter = ""
	FilterXForward Filter = "xforward" // after the queue, by SMTP: the second pass names the first's queue id
	FilterSMTP     Filter = "smtp"     // the same without XFORWARD: the first pass ends with "queued as" the second's
	FilterPipe     Filter = "pipe"     // after the queue, by pipe(8) and sendmail(1): only the Message-ID stays
	FilterProxy    Filter = "proxy"    // before the queue: the server talks to the filter while the client waits
)

// Filters lists the ways, NoFilter first.
func Filters() []Filter {
	return []Filter{NoFilter, FilterXForward, FilterSMTP, FilterPipe, FilterProxy}
}

// mainCF is what main.cf says of the filter at an address. Aliases are looked up
// once, after the filter.
func (f Filter) mainCF(filter string) string {
	host, port, _ := net.SplitHostPort(filter)
	switch f {
	case FilterXForward, FilterSMTP:
		return fmt.Sprintf("content_filter = filter:[%s]:%s\nreceive_override_options = no_address_mappings\n", host, port)
	}
	return ""
}

// expandsLast says whether an owner's recipients are counted, in the first pass,
// before virtual aliases are looked up.
func (f Filter) expandsLast(o Owner) bool {
	switch f {
	case FilterXForward, FilterSMTP:
		return true
	case FilterPipe:
		return o.Origin != "local"
	}
	return false
}

// entry is what the entry of a server in master.cf says of the filter. What
// comes by pickup(8) must not get into the pipe: it is the pipe's own way back.
func (f Filter) entry(filter string) string {
	switch f {
	case FilterPipe:
		return "  -o content_filter=filter:dummy\n  -o receive_override_options=no_address_mappings\n"
	case FilterProxy:
		return "  -o smtpd_proxy_filter=" + filter + "\n"
	}
	return ""
}

// services are those in master.cf that the filter needs: the way to it, and the
// server on a port that takes the mail back. The script is behind a pipe.
func (f Filter) services(back, script string) string {
	_, port, _ := net.SplitHostPort(back)
	switch f {
	case FilterXForward:
		return "filter     unix  -       -       n       -       10      smtp\n  -o smtp_send_xforward_command=yes\n" +
			fmt.Sprintf(backServer, port) + "  -o smtpd_authorized_xforward_hosts=127.0.0.1\n"
	case FilterSMTP:
		return "filter     unix  -       -       n       -       10      smtp\n" + fmt.Sprintf(backServer, port)
	case FilterPipe:
		return "filter     unix  -       n       n       -       10      pipe\n" +
			"  flags=Rq user=" + filterUser + " null_sender=\n  argv=/bin/bash " + script + " ${sender} ${recipient}\n"
	case FilterProxy:
		return fmt.Sprintf(backServer, port) + "  -o smtpd_authorized_xforward_hosts=127.0.0.1\n"
	}
	return ""
}

const backServer = `%s         inet  n       -       n       -       -       smtpd
  -o content_filter=
  -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks,no_milters
  -o mynetworks=127.0.0.1
  -o smtpd_helo_restrictions=
  -o smtpd_sender_restrictions=
  -o smtpd_relay_restrictions=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o smtpd_client_connection_count_limit=0
`
