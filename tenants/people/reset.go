package people

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
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
	who, err := s.Get(ctx, p)
	if err != nil {
		return path, err
	}
	link, now := id.New[id.Link](), s.clock.Now()
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if _, err := q.PersonLock(ctx, tx, p); err != nil {
			return fmt.Errorf("lock the person: %w", err)
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
		if err := q.LinkInsert(ctx, tx.Later(), dbsqlc.LinkInsertParams{ID: link, Kind: vocabulary.LinkRecovery,
			PersonID: p, Language: who.Language, CreatedAt: now, ExpiresAt: now.Add(ResetFor)}); err != nil {
			return err
		}
		s.post.step("reset")
		return s.changed(ctx, tx, p, mailFactors, also)
	})
	if err != nil {
		return path, err
	}
	return secret.New("/sign-in/recover/" + linkWord(k, link).Reveal()), nil
}
