package main

import (
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
)

// ledgerFlags bound the ledger.
type ledgerFlags struct{ shown, accounts, messages *int }

func addLedgerFlags(cmd *kingpin.CmdClause) ledgerFlags {
	return ledgerFlags{
		shown: cmd.Flag("account.limit", "How many accounts (sasl_username) have series of their own: the loudest of the last 24 hours. "+
			"What the others do goes into the row _other.").Default("200").Int(),
		accounts: cmd.Flag("ledger.accounts", "How many accounts are remembered; when there are more, the one idle for longest is forgotten.").
			Default("100000").Int(),
		messages: cmd.Flag("ledger.messages", "How many messages are remembered, at 100 bytes each; when there are more, the least useful is "+
			"forgotten.").Default("1000000").Int(),
	}
}

// limit sets the limits of a ledger.
func (f ledgerFlags) limit(c ledger.Config) ledger.Config {
	c.ShownAccounts, c.AccountLimit, c.MessageLimit = *f.shown, *f.accounts, *f.messages
	return c
}

// addCollectorFlags makes --[no-]collector.NAME for every collector, all on.
func addCollectorFlags(cmd *kingpin.CmdClause) map[string]*bool {
	flags := map[string]*bool{}
	for _, c := range []struct{ name, help string }{
		{"up", "whether Postfix runs"},
		{"process", "processes by service of master.cf"},
		{"dovecotprocess", "Dovecot's processes"},
		{"queue", "the mail queue"},
		{"smtpd", "connections, commands, failed logins and rejects of smtpd"},
		{"postscreen", "what postscreen saw"},
		{"anvil", "peaks that anvil reports"},
		{"tls", "TLS connections"},
		{"milter", "Milter and policy service"},
		{"message", "messages and recipients by origin"},
		{"account", "what each sasl_username sends"},
		{"localuser", "what each local user sends by sendmail(1)"},
		{"forward", "what the aliases of each domain send elsewhere"},
		{"client", "the networks of clients that misbehave"},
		{"auth", "how many clients fail to log in, and as how many users"},
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

// logCollectors are those that show what the ledger learned from the log; lag
// gives for each followed file how many bytes of it are not read yet.
func logCollectors(book *ledger.Ledger, names collector.Names, lag map[string]func() int64) []collector.Collector {
	return []collector.Collector{
		collector.NewSmtpd(book),
		collector.NewPostscreen(book),
		collector.NewAnvil(book),
		collector.NewTLS(book),
		collector.NewMilter(book),
		collector.NewMessage(book),
		collector.NewAccount(book, names),
		collector.NewLocalUser(book, names),
		collector.NewForward(book),
		collector.NewClient(book),
		collector.NewAuth(book),
		collector.NewDelivery(book),
		collector.NewBounce(book),
		collector.NewDovecot(book),
		collector.NewLog(book, lag, time.Now),
	}
}
