package people

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
)

// ResetFor is how long the link works that somebody gets who has lost everything.
const ResetFor = 24 * time.Hour

// Reset takes everything away that a person signs in with, and does also in the same transaction. It returns the path
// of a link that sets a new password, once: hand it to the person only. They are mailed.
func (s *Service) Reset(ctx context.Context, p id.Person, also ...Also) (path secret.String, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return path, err
	}
	link := id.New[id.Link]()
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		return s.reset(ctx, tx, k, p, link, also)
	})
	if err != nil {
		return path, err
	}
	return secret.New("/sign-in/recover/" + linkWord(k, link).Reveal()), nil
}

// ResetByMail is Reset in a platform's transaction. The link is mailed to the person, and nobody else sees it. Atomic;
// the vault is ready.
func (s *Service) ResetByMail(ctx context.Context, tx db.TenantTx, p id.Person, also ...Also) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	link := id.New[id.Link]()
	if err := s.reset(ctx, tx.Shared(), k, p, link, also); err != nil {
		return err
	}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.LinkMail{LinkID: queue.RefTo(link)}})
}

// reset takes everything away, and makes the link.
func (s *Service) reset(
	ctx context.Context,
	tx db.SharedTx,
	k *secret.InstallationKey,
	p id.Person,
	link id.Link,
	also []Also,
) error {
	r, err := q.PersonLock(ctx, tx, p)
	if err != nil {
		return fmt.Errorf("lock the person: %w", err)
	}
	who, err := s.person(k, r)
	if err != nil {
		return err
	}
	if _, err := q.TOTPDelete(ctx, tx, p); err != nil {
		return fmt.Errorf("delete the authenticator app: %w", err)
	}
	if err := q.PersonSetPassword(ctx, tx, nil, p); err != nil {
		return fmt.Errorf("take the password away: %w", err)
	}
	if err := q.PasskeysDelete(ctx, tx.Later(), p); err != nil {
		return err
	}
	if err := q.RecoveryCodesDelete(ctx, tx.Later(), p); err != nil {
		return err
	}
	if err := s.anew(ctx, tx, k, who); err != nil {
		return err
	}
	now := s.clock.Now()
	if err := q.LinkInsert(ctx, tx.Later(), dbsqlc.LinkInsertParams{ID: link, Kind: vocabulary.LinkRecovery,
		PersonID: p, Language: who.Language, CreatedAt: now, ExpiresAt: now.Add(ResetFor)}); err != nil {
		return err
	}
	s.post.step("reset")
	return s.changed(ctx, tx, p, mailFactors, also)
}

// OnlyIn tells whether a person is a member of no platform but these. It holds the person as Join does: nobody joins
// another as them before the transaction has ended. Atomic.
func OnlyIn(ctx context.Context, tx db.TenantTx, p id.Person, platforms ...id.Tenant) (bool, error) {
	if _, err := q.PersonLock(ctx, tx, p); err != nil {
		return false, fmt.Errorf("hold the person: %w", err)
	}
	in, err := q.MembershipList(ctx, tx, p, int32(len(platforms)+1)) //nolint:gosec // a handful
	if err != nil {
		return false, fmt.Errorf("list the platforms of the person: %w", err)
	}
	for _, m := range in {
		if !slices.Contains(platforms, m.MemberOf) {
			return false, nil
		}
	}
	return true, nil
}
