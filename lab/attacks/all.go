package attacks

// All are the scenes, each by itself.
func All() []Scene {
	attacks := []Scene{
		burst("burst", "emil"), botnet(), drip(), breakIn(), breakInSpam(), fleet(),
		bruteForce(), spray(),
		script("script"), openRelay(), relayProbing(), harvest(), harvestMany(), protocol(),
		backscatter(), joeJob(), forward(), loop(),
		flood(), exhausted(), queueFlood(), wall(), growing(), spool(), reputation(),
		down(), exporterGone(), logSilent(), logLost(), logUnknown(), queueUnread(), collectorOff(), filterDown(),
		together("two", "two attacks at once page twice", burst("", "anna"), script("")),
		filterRestart(),
	}
	return append(attacks, lookalikes()...)
}

// Tested are the scenes of the tests: the short ones; those that only look like
// attacks all at once.
func Tested() []Scene {
	tested := []Scene{filterRestart(), together("lookalikes", "all that only looks like an attack, at once", lookalikes()...)}
	for _, s := range All() {
		if len(s.Wants) > 0 && !s.Long() {
			tested = append(tested, s)
		}
	}
	return tested
}
