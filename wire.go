package main

import (
	"net/netip"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// ledgerFlags bound the ledger.
type ledgerFlags struct{ accounts *int }

func addLedgerFlags(cmd *kingpin.CmdClause) ledgerFlags {
	return ledgerFlags{
		accounts: cmd.Flag("account.limit", "How many accounts (sasl_username) have series of their own; all later ones share the row _other.").
			Default("1000").Int(),
	}
}

func (f ledgerFlags) config(networks []netip.Prefix, classifier *parser.Classifier) ledger.Config {
	return ledger.Config{MyNetworks: networks, AccountLimit: *f.accounts, Classifier: classifier}
}

// addCollectorFlags makes --[no-]collector.NAME for every collector, all on.
func addCollectorFlags(cmd *kingpin.CmdClause) map[string]*bool {
	flags := map[string]*bool{}
	for _, c := range []struct{ name, help string }{
		{"up", "whether Postfix runs"},
		{"process", "processes by service of master.cf, and Dovecot's"},
		{"queue", "the mail queue"},
		{"smtpd", "connections, commands, failed logins and rejects of smtpd"},
		{"postscreen", "what postscreen saw"},
		{"anvil", "peaks that anvil reports"},
		{"tls", "TLS connections"},
		{"milter", "Milter and policy service"},
		{"message", "messages and recipients by origin"},
		{"account", "what each sasl_username sends"},
		{"delivery", "delivery attempts, failures and delays"},
		{"bounce", "bounces made here"},
		{"dovecot", "Dovecot's logins"},
		{"log", "the log itself and what is known to be missing of it"},
		{"state", "the saving of the exporter's state"},
	} {
		flags[c.name] = cmd.Flag("collector."+c.name, "Collect "+c.help+".").Default("true").Bool()
	}
	return flags
}

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// logCollectors are those that show what the ledger learned from the log; lag
// gives for each followed file how many bytes of it are not read yet.
func logCollectors(book *ledger.Ledger, lag map[string]func() int64) []collector.Collector {
	return []collector.Collector{
		collector.NewSmtpd(book),
		collector.NewPostscreen(book),
		collector.NewAnvil(book),
		collector.NewTLS(book),
		collector.NewMilter(book),
		collector.NewMessage(book),
		collector.NewAccount(book),
		collector.NewDelivery(book),
		collector.NewBounce(book),
		collector.NewDovecot(book),
		collector.NewLog(book, lag, time.Now),
	}
}
