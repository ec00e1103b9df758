package traffic

import "time"

// rhythm says how much happens at which hour and on which day. Times are those
// of the log's zone.
type rhythm struct {
	hours [24]float64
	days  [7]float64 // from Sunday on
}

// The rhythms of those who send and get mail.
func officeHours() rhythm {
	return rhythm{
		hours: [24]float64{.1, .05, .05, .05, .1, .3, 1, 4, 9, 10, 9.5, 8, 6, 7.5, 9, 8.5, 7, 4.5, 2.5, 1.5, 1.2, 1, .6, .3},
		days:  [7]float64{.12, 1, 1.05, 1, .95, .85, .15},
	}
}

func evenings() rhythm {
	return rhythm{
		hours: [24]float64{.6, .3, .2, .1, .1, .4, 1.5, 2.5, 3, 3, 3, 3, 3.5, 3.5, 3, 3, 3.5, 4.5, 6, 7.5, 8, 7, 4, 1.8},
		days:  [7]float64{.9, .9, .9, .9, .95, 1, 1},
	}
}

// strangersHours is mail from all over the world: more by day, never little.
func strangersHours() rhythm {
	return rhythm{
		hours: [24]float64{2.5, 2.2, 2, 2, 2.2, 2.6, 3.5, 5, 6.5, 7, 7, 6.5, 6, 6.5, 7, 7, 6.5, 5.5, 5, 4.5, 4.2, 4, 3.5, 3},
		days:  [7]float64{.55, 1, 1, 1, 1, .95, .6},
	}
}

// perSecond gives the rate at a moment, where an ordinary working day has so
// many events in all.
func (r *rhythm) perSecond(perDay float64, hour, weekday int) float64 {
	sum := 0.0
	for _, h := range r.hours {
		sum += h
	}
	return perDay * r.days[weekday] * r.hours[hour] / sum / 3600
}

// calendar knows which hour and weekday a moment of the log has.
type calendar struct{ first time.Time }

func (c calendar) of(now at) (hour, weekday int) {
	hours := int(now/time.Hour) + c.first.Hour() // the log begins on a full hour
	return hours % 24, (int(c.first.Weekday()) + hours/24) % 7
}

// arrivals gives the moments of a random process with that rhythm: exponential
// gaps at the highest rate, of which those are left out that are too many for
// their hour.
func (c calendar) arrivals(d dice, r rhythm, perDay float64) func(at) at {
	var rates [7][24]float64
	highest := 0.0
	for day := range rates {
		for hour := range rates[day] {
			rates[day][hour] = r.perSecond(perDay, hour, day)
			highest = max(highest, rates[day][hour])
		}
	}
	gap := time.Duration(float64(time.Second) / highest)
	return func(now at) at {
		for {
			now += d.wait(gap)
			hour, day := c.of(now)
			if d.Float64()*highest < rates[day][hour] {
				return now
			}
		}
	}
}
