package ops

import (
	"sync"
	"time"

	"zhitong/internal/clock"
	"zhitong/tenants/people"
)

// Bounds of wrong operator's tokens. Behind them no token is looked at, be it right or wrong: an answer would tell
// which.
const (
	GuessesPerAddress = people.OperatorPerAddress // from one address …
	GuessesInAll      = people.OperatorInAll      // … and from all that have not signed in of late …
	guessesWithin     = people.OperatorWithin     // … within this time
	knownFor          = 12 * time.Hour            // an address that signed in is not held up by what others guess
	addressesMax      = 10_000                    // of which are counted; beyond them the bound of all counts
)

// guesses counts wrong tokens.
type guesses struct {
	clock clock.Clock

	mu    sync.Mutex
	from  map[string]window
	known map[string]time.Time // by address: the last time that its token was right
	all   window
}

// window is how many there were since it began.
type window struct {
	since time.Time
	n     int
}

func newGuesses(c clock.Clock) *guesses {
	return &guesses{clock: c, from: map[string]window{}, known: map[string]time.Time{}}
}

func (w window) at(now time.Time) window {
	if age := now.Sub(w.since); age >= guessesWithin || age < 0 {
		return window{since: now}
	}
	return w
}

// begin tells whether a token from the address may be looked at, and counts it as wrong until it turns out right; else
// how long to wait. An address that is known is counted by its wrong ones only: a page asks for much at once.
func (g *guesses) begin(address string) (wait time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	own, all, known := g.from[address].at(now), g.all.at(now), g.isKnown(address, now)
	if own.n >= GuessesPerAddress {
		return own.since.Add(guessesWithin).Sub(now), false
	}
	if !known && all.n >= GuessesInAll {
		return all.since.Add(guessesWithin).Sub(now), false
	}
	if !known {
		g.count(address, own, all)
	}
	return 0, true
}

// wrong counts one of a known address; those of others are counted already.
func (g *guesses) wrong(address string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	if g.isKnown(address, now) {
		g.count(address, g.from[address].at(now), g.all.at(now))
	}
}

// right takes back what begin counted, and tells whether the address is new.
func (g *guesses) right(address string) (signedIn bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock.Now()
	signedIn = !g.isKnown(address, now)
	if signedIn {
		g.all.n = max(0, g.all.n-1)
		if w := g.from[address]; w.n > 0 {
			w.n--
			g.from[address] = w
		}
	}
	if len(g.known) >= addressesMax {
		clear(g.known)
	}
	g.known[address] = now
	return signedIn
}

func (g *guesses) isKnown(address string, now time.Time) bool {
	at, ok := g.known[address]
	return ok && now.Sub(at) < knownFor
}

func (g *guesses) count(address string, own, all window) {
	own.n++
	all.n++
	g.all = all
	if _, there := g.from[address]; !there && len(g.from) >= addressesMax {
		for a, w := range g.from {
			if g.all.since.Sub(w.since) >= guessesWithin {
				delete(g.from, a)
			}
		}
		if len(g.from) >= addressesMax {
			return
		}
	}
	g.from[address] = own
}
