package watch

import (
	"io"
	"net/http"
)

// idlePage is what the exporter of a server without mail says, as far as rules miss
// it or compare with it.
const idlePage = `postfix_exporter_build_info 1
postfix_up 1
postfix_account_recipients_total{sasl_username="_other"} 0
postfix_auth_failure_window_clients{window="5m"} 0
postfix_relayed_recipients_total 0
postfix_messages_total{origin="unknown"} 0
postfix_milter_errors_total 0
postfix_inbound_bounces_total{result="accepted"} 0
postfix_log_lines_total{source="log",outcome="parsed"} 0
postfix_queue_messages{queue="active"} 0
postfix_processes{service_name="smtp",command="smtp"} 0
`

// idle stands for servers that have yet to start. Rules that compare with ten
// minutes ago would else be blind to one that starts long after the watch.
func idle(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, idlePage) }
