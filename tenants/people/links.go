package people

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
)

const (
	// RecoveryFor is how long a link of a recovery works.
	RecoveryFor = 30 * time.Minute
	// SignInFor is how long a link works that signs in.
	SignInFor = 24 * time.Hour
	// linksKept is how long a link is remembered after its end.
	linksKept = 7 * 24 * time.Hour
)

// ErrLinkOver is the error of a link that is not one, was used, or is over.
var ErrLinkOver = errors.New("the link was used, or is over")

// ofRecovery bounds how many mails somebody is sent because others typed their address.
var ofRecovery = limit{"recovery", 3, time.Hour, 24 * time.Hour, 0}

var linkAlphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// linkWord is the word of a link: its identifier, and 256 bits that nobody else can compute, so that a job needs the
// identifier only.
func linkWord(k *secret.InstallationKey, l id.Link) secret.String {
	sum := k.MAC("one_time_links.word", l[:])
	return secret.New(linkAlphabet.EncodeToString(append(l[:], sum[:]...)))
}

// readLink tells which link a word is of.
func readLink(k *secret.InstallationKey, word string) (l id.Link, ok bool) {
	raw, err := linkAlphabet.DecodeString(word)
	if err != nil || len(raw) != len(l)+32 {
		return l, false
	}
	copy(l[:], raw)
	return l, subtle.ConstantTimeCompare([]byte(linkWord(k, l).Reveal()), []byte(word)) == 1
}

// AskRecovery has a link mailed that sets a new password, if somebody has the address; the statements are the same if
// nobody has. It returns sign_in_limited.
func (s *Service) AskRecovery(
	ctx context.Context,
	email, address string,
	language vocabulary.Language,
) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	if email, err = tenants.NormalEmail(email); err != nil {
		email = ""
	}
	now := s.clock.Now()
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := ofRecovery.claim(ctx, tx, k, email, now); err != nil {
			return err
		}
		if err := ofAddress.claim(ctx, tx, k, network(address), now); err != nil {
			return err
		}
		r, err := q.PersonByEmail(ctx, tx, digest(k, email))
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the person: %w", err)
		}
		link := id.New[id.Link]()
		return errors.Join(
			q.LinkForget(ctx, tx.Later(), now.Add(-linksKept)),
			q.LinkInsert(ctx, tx.Later(), dbsqlc.LinkInsertParams{ID: link, Kind: vocabulary.LinkRecovery,
				PersonID: r.ID, Language: language, CreatedAt: now, ExpiresAt: now.Add(RecoveryFor)}),
			queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.LinkMail{LinkID: queue.RefTo(link)}}))
	})
}

// SendLink mails a link to whom it is for; to nobody when it is nobody's or over. Phased.
func (s *Service) SendLink(ctx context.Context, l id.Link) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil || s.post.Mails == nil {
		return err
	}
	r, err := s.link(ctx, l)
	if err != nil || r.Kind == vocabulary.LinkSignIn || ofNobody(r) || !s.open(r) {
		if errors.Is(err, ErrLinkOver) {
			return nil
		}
		return err
	}
	to, subject, words, path, err := s.mailOfLink(ctx, k, r)
	if err != nil {
		return err
	}
	return s.post.Mails.Send(ctx, mail.Message{To: to, Subject: subject,
		Text: fmt.Sprintf(words, s.post.PublicURL+path+linkWord(k, l).Reveal())})
}

func (s *Service) link(ctx context.Context, l id.Link) (r dbsqlc.OneTimeLink, err error) {
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if r, err = q.LinkGet(ctx, tx, l); db.IsNoRows(err) {
			return ErrLinkOver
		}
		return err
	})
	return r, err
}

// ofNobody tells whether a link is of an address that nobody has. Who signs up is nobody yet.
func ofNobody(r dbsqlc.OneTimeLink) bool {
	return r.PersonID.IsZero() && r.Kind != vocabulary.LinkSignUp
}

func (s *Service) open(r dbsqlc.OneTimeLink) bool {
	return r.UsedAt == nil && s.clock.Now().Before(r.ExpiresAt)
}

// opened is the link of a word that can still be used.
func (s *Service) opened(ctx context.Context, word string, kind vocabulary.LinkKind) (r dbsqlc.OneTimeLink, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return r, err
	}
	l, ok := readLink(k, word)
	if !ok {
		return r, ErrLinkOver
	}
	if r, err = s.link(ctx, l); err == nil && (r.Kind != kind || ofNobody(r) || !s.open(r)) {
		err = ErrLinkOver
	}
	return r, err
}

// SignInLink makes a link that signs a person in, once and without a password. It is for trying on this machine:
// whoever has it needs nothing else.
func (s *Service) SignInLink(ctx context.Context, p id.Person) (address secret.String, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return address, err
	}
	now, l := s.clock.Now(), id.New[id.Link]()
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		return q.LinkInsert(ctx, tx, dbsqlc.LinkInsertParams{ID: l, Kind: vocabulary.LinkSignIn, PersonID: p,
			Language: vocabulary.Chinese, CreatedAt: now, ExpiresAt: now.Add(SignInFor)})
	})
	return secret.New("/sign-in/link/" + linkWord(k, l).Reveal()), err
}

// ByWord uses a link up that signs in. It returns ErrLinkOver.
func (s *Service) ByWord(ctx context.Context, word string) (p Person, methods []Method, err error) {
	defer s.counted(countSignIn, ByLink, &methods, &err)
	r, err := s.opened(ctx, word, vocabulary.LinkSignIn)
	if err != nil {
		return p, nil, err
	}
	now := s.clock.Now()
	if err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.LinkUse(ctx, tx, &now, r.ID)
		if err == nil && n == 0 {
			return ErrLinkOver
		}
		return err
	}); err != nil {
		return p, nil, err
	}
	p, err = s.Get(ctx, r.PersonID)
	return p, []Method{ByLink}, err
}

// failed has somebody told of ten wrong attempts in a row, once, if somebody has the address.
func (s *Service) failed(ctx context.Context, k *secret.InstallationKey, tx db.SharedTx, email string) error {
	n, err := q.SignInFailures(ctx, tx, ofAccount.subject(k, email))
	if err != nil {
		return fmt.Errorf("read how often it failed: %w", err)
	}
	if n != tellAfter {
		return nil
	}
	r, err := q.PersonByEmail(ctx, tx, digest(k, email))
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the person: %w", err)
	}
	return queue.Insert(ctx, tx.Later(),
		queue.Job{Args: queue.PersonMail{PersonID: queue.RefTo(r.ID), What: mailFailures}})
}

// tellAfter is after how many wrong attempts in a row somebody is told.
const tellAfter = 10
