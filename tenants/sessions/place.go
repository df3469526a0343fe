package sessions

import (
	"context"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/internal/mask"
	"zhitong/queue"
	"zhitong/tenants"
)

// placesMax bounds how many places of a person are compared.
const placesMax = 1000

// kindOf is what a browser says of itself without its versions: an update is no other browser.
func kindOf(agent string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '.' || r == '_' {
			return -1
		}
		return r
	}, agent)
}

// tellPlace has the person, and the platforms that they are a member of, told of a session that begins in a network or
// with a browser that none of their sessions that are kept had. A person's first session is compared with nothing.
// Sessions of a person begin one after the other, so that a place is new once.
func tellPlace(ctx context.Context, tx db.SharedTx, s Session) error {
	if _, err := q.PersonLock(ctx, tx, s.Person); err != nil {
		return fmt.Errorf("lock the person: %w", err)
	}
	places, err := q.SessionPlaces(ctx, tx, s.Person, placesMax)
	if err != nil {
		return fmt.Errorf("read from where the person has signed in: %w", err)
	}
	network, browser := false, false
	for _, p := range places {
		network = network || mask.Network(p.Address) == mask.Network(s.Address)
		browser = browser || kindOf(p.Agent) == kindOf(s.Agent)
	}
	if len(places) == 0 || network && browser {
		return nil
	}
	if err := tenants.TellMemberships(ctx, tx, s.Person, tenants.ActPlace, s.ID); err != nil {
		return err
	}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.PlaceMail{SessionID: queue.RefTo(s.ID)}})
}
