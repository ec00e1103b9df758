// Package attacks holds programs that abuse the lab's Postfix, each in its own way,
// and programs that only look like that. Each says what must be said of it.
package attacks

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

// Scene is an attack, or what only looks like one, on a server of its own.
type Scene struct {
	Name    string
	Proves  string
	Wants   []Want // what it must be found by; none of what only looks like an attack
	Tickets int    // how many tickets there may be where nothing is wanted

	Server     lab.Options
	Exporter   []string          // its flags, besides those that it needs
	Servers    int               // how many there are; 0 for one
	Thresholds map[string]string // changed in the rules, where an hour or a day would be too long to play

	// Play does it. What it opened it may hold until the context ends; that is when
	// all is seen.
	Play func(context.Context, *Stage) error
}

// Want is an alert that a scene must give.
type Want struct {
	Alert   string
	Culprit string        // what its text must name
	Page    bool          // else it makes a ticket
	Waits   time.Duration // how long the rule wants to see it (`for`)
}

// Long says whether the scene is too long for the tests.
func (s Scene) Long() bool {
	for _, want := range s.Wants {
		if want.Waits > time.Minute {
			return true
		}
	}
	return false
}

// Stage is where a scene is played: mail servers, with an exporter beside each.
type Stage struct {
	*lab.Lab  // the first
	All       []*lab.Lab
	Exporters []*watch.Process

	evident func()
}

// Evident says that the scene has now done what its alert must be given for. What
// Postfix does about it may still take a moment.
func (s *Stage) Evident() {
	if s.evident != nil { // nobody may be looking
		s.evident()
	}
}

// together plays scenes at the same time on the same server.
func together(name, proves string, scenes ...Scene) Scene {
	all := Scene{Name: name, Proves: proves}
	for _, s := range scenes {
		all.Wants = append(all.Wants, s.Wants...)
		all.Tickets += s.Tickets
	}
	all.Play = func(ctx context.Context, stage *Stage) error {
		errs := make([]error, len(scenes))
		var running sync.WaitGroup
		for i, s := range scenes {
			running.Go(func() { errs[i] = s.Play(ctx, stage) })
		}
		running.Wait()
		return errors.Join(errs...)
	}
	return all
}

// Named is the scene of a name, or are those whose names begin so.
func Named(name string) (scenes []Scene) {
	for _, s := range All() {
		if s.Name == name {
			return []Scene{s}
		}
		if strings.HasPrefix(s.Name, name) {
			scenes = append(scenes, s)
		}
	}
	return scenes
}
