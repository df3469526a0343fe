package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/secret"
)

// Bounds of wrong operator's tokens, over all processes of the installation.
const (
	OperatorPerAddress = 10               // from one address …
	OperatorInAll      = 100              // … and from all that have not signed in of late …
	OperatorWithin     = 10 * time.Minute // … within this time
	operatorKnown      = 12 * time.Hour   // an address that signed in is not held up by what others guess
	operatorRenewed    = time.Hour        // how often it is written that it did
)

// Operators counts guesses at the operator's token in the database.
type Operators struct{ s *Service }

// Operators counts guesses at the operator's token.
func (s *Service) Operators() Operators { return Operators{s} }

var errHeldUp = errors.New("held up")

func operatorSubject(k *secret.InstallationKey, kind, address string) []byte {
	sum := k.MAC("sign_in_limits.operator."+kind, []byte(address))
	return sum[:]
}

// attempt is a transaction about one address.
type attempt struct {
	tx    db.SharedTx
	now   time.Time
	own   []byte
	all   []byte
	known []byte
	// signedIn: the operator has signed in from the address of late.
	signedIn bool
	renewed  bool // and that need not be written again
}

func (o Operators) with(ctx context.Context, address string, fn func(ctx context.Context, a attempt) error) error {
	k, err := o.s.vault.Installation(ctx, o.s.db)
	if err != nil {
		return err
	}
	a := attempt{now: o.s.clock.Now(), own: operatorSubject(k, "address", address), all: operatorSubject(k, "all", ""),
		known: operatorSubject(k, "known", address)}
	return o.s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		a.tx = tx
		r, err := q.SignInLimitGet(ctx, tx, a.known)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read whether the operator is known at the address: %w", err)
		}
		a.signedIn = err == nil && a.now.Before(r.Until)
		a.renewed = a.signedIn && a.now.Before(r.SeenAt.Add(operatorRenewed))
		return fn(ctx, a)
	})
}

// count counts a wrong token, unless there were as many already.
func (a attempt) count(ctx context.Context, subject []byte, most int32) error {
	n, err := q.OperatorTry(ctx, a.tx, dbsqlc.OperatorTryParams{Subject: subject, At: a.now,
		Ends: a.now.Add(OperatorWithin), Most: most})
	if err != nil {
		return fmt.Errorf("count a guess at the operator's token: %w", err)
	}
	if n == 0 {
		return errHeldUp
	}
	return nil
}

// Begin tells whether a token from the address may be looked at, and counts it as wrong until it turns out right; else
// how long to wait at most. An address that is known is counted by its wrong ones only: a page asks for much at once.
func (o Operators) Begin(ctx context.Context, address string) (wait time.Duration, ok bool, err error) {
	err = o.with(ctx, address, func(ctx context.Context, a attempt) error {
		if !a.signedIn {
			if err := a.count(ctx, a.own, OperatorPerAddress); err != nil {
				return err
			}
			return a.count(ctx, a.all, OperatorInAll)
		}
		r, err := q.SignInLimitGet(ctx, a.tx, a.own)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the guesses of the address: %w", err)
		}
		if err == nil && a.now.Before(r.Until) && r.Failures >= OperatorPerAddress {
			return errHeldUp
		}
		return nil
	})
	if errors.Is(err, errHeldUp) { // what was counted with it is not
		return OperatorWithin, false, nil
	}
	return 0, err == nil, err
}

// Wrong counts one of a known address; those of others are counted already.
func (o Operators) Wrong(ctx context.Context, address string) error {
	const unbounded = 1 << 30
	return o.with(ctx, address, func(ctx context.Context, a attempt) error {
		if !a.signedIn {
			return nil
		}
		if err := a.count(ctx, a.own, unbounded); err != nil {
			return err
		}
		return a.count(ctx, a.all, unbounded)
	})
}

// Right takes back what Begin counted, and tells whether the address is new.
func (o Operators) Right(ctx context.Context, address string) (signedIn bool, err error) {
	err = o.with(ctx, address, func(ctx context.Context, a attempt) error {
		if signedIn = !a.signedIn; signedIn {
			for _, subject := range [][]byte{a.own, a.all} {
				if err := q.SignInGiveBack(ctx, a.tx.Later(), subject); err != nil {
					return err
				}
			}
			if err := q.SignInForget(ctx, a.tx.Later(), a.now.Add(-ofAccount.forgotten),
				a.now.Add(-lastingFor)); err != nil {
				return err
			}
		}
		if a.renewed {
			return nil
		}
		return q.OperatorKnown(ctx, a.tx.Later(), a.known, a.now, a.now.Add(operatorKnown))
	})
	return signedIn, err
}
