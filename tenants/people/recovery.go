package people

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
)

// Recoverable tells by what somebody who has the link of a recovery shows beside it who they are: by nothing, where
// they have a password only. It returns ErrLinkOver.
func (s *Service) Recoverable(ctx context.Context, word string) (f Factors, err error) {
	r, err := s.opened(ctx, word, vocabulary.LinkRecovery)
	if err != nil {
		return f, err
	}
	return s.ListFactors(ctx, r.PersonID)
}

// Recover sets a new password by the link that was mailed and a code of the app or a recovery code, and does also in
// the same transaction: there is no moment at which the password is new and an old session lives. It returns
// ErrLinkOver, password_refused, sign_in_failed for a wrong code, and sign_in_limited.
func (s *Service) Recover(
	ctx context.Context,
	word string,
	password secret.String,
	code, address string,
	also func(p id.Person) Also,
) (err error) {
	defer s.counted(countRecovery, ByLink, nil, &err)
	return s.recover(ctx, word, password, also, func(k *secret.InstallationKey, p Person, app secondOf) error {
		if !app.second() {
			return nil
		}
		if err := s.claimBoth(ctx, k, ofCode, p.Email, address); err != nil {
			return err
		}
		_, err := s.second(ctx, k, p.ID, app, code)
		return err
	})
}

// forRecovery is a ceremony beside the link of a recovery, and of no use beside another link.
func forRecovery(l id.Link) string { return "recovery " + l.String() }

// BeginPasskeyRecovery asks whoever has the link of a recovery for a passkey of the person whose it is. It returns
// ErrLinkOver, factor_not_found and passkeys_not_offered.
func (s *Service) BeginPasskeyRecovery(ctx context.Context, word string) (c Ceremony, err error) {
	if err := s.ready(); err != nil {
		return c, err
	}
	link, err := s.opened(ctx, word, vocabulary.LinkRecovery)
	if err != nil {
		return c, err
	}
	return s.askForOne(ctx, link.PersonID, forRecovery(link.ID))
}

// RecoverByPasskey is Recover by the link and one of the person's passkeys. No limit holds it up: a signature is not
// guessed. It returns ErrLinkOver, password_refused and passkey_refused.
func (s *Service) RecoverByPasskey(
	ctx context.Context,
	word string,
	password, ticket secret.String,
	answer string,
	also func(p id.Person) Also,
) (err error) {
	defer s.counted(countRecovery, ByPasskey, nil, &err)
	link, err := s.opened(ctx, word, vocabulary.LinkRecovery)
	if err != nil {
		return err
	}
	return s.recover(ctx, word, password, also, func(_ *secret.InstallationKey, p Person, _ secondOf) error {
		t, err := s.openKeyTicket(ctx, forRecovery(link.ID), ticket)
		if err != nil {
			return err
		}
		if t.Person != p.ID {
			return errPasskey()
		}
		_, err = s.answered(ctx, t, answer)
		return err
	})
}

// recover sets a new password by a link and a proof beside it.
func (s *Service) recover(
	ctx context.Context,
	word string,
	password secret.String,
	also func(p id.Person) Also,
	proof func(k *secret.InstallationKey, p Person, app secondOf) error,
) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	link, err := s.opened(ctx, word, vocabulary.LinkRecovery)
	if err != nil {
		return err
	}
	r, app, err := s.look(ctx, func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error) {
		return q.PersonGet(ctx, tx, link.PersonID)
	})
	if err != nil {
		return err
	}
	p, err := s.person(k, r)
	if err != nil {
		return err
	}
	if err := checkPassword(password, !app.second(), p.Email); err != nil {
		return err
	}
	if err := proof(k, p, app); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.LinkUse(ctx, tx, &now, link.ID)
		if err != nil {
			return fmt.Errorf("use the link: %w", err)
		}
		if n == 0 {
			return ErrLinkOver
		}
		if err := q.PersonSetPassword(ctx, tx, hash, p.ID); err != nil {
			return fmt.Errorf("set the password: %w", err)
		}
		if err := s.anew(ctx, tx, k, p); err != nil {
			return err
		}
		s.post.step("password set")
		return s.changed(ctx, tx, p.ID, mailPassword, []Also{also(p.ID)})
	})
}
