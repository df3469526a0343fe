package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/text"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
)

const (
	// SignUpFor is how long a link works by which somebody signs a platform up.
	SignUpFor = 24 * time.Hour
	// platformName is the longest name of a platform, in characters.
	platformName = 80
)

// ofSignUp bounds how many mails somebody is sent because others typed their address.
var ofSignUp = limit{"sign-up", 3, time.Hour, 24 * time.Hour, 0}

// Wanted is a platform that somebody wants to sign up.
type Wanted struct {
	Link     id.Link `json:"-"`
	Email    string  `json:"email"`
	Platform string  `json:"platform"`
}

func wantedPlace(l id.Link) secret.Place {
	return secret.Place{Table: "one_time_links", Row: l.UUID().String(), Column: "sealed_content"}
}

// AskSignUp has a link mailed by which a platform is signed up. Nothing is told of whether somebody has the address:
// the mail goes to it in any case, and nothing else exists before the link was opened. It returns invalid_request and
// sign_in_limited.
func (s *Service) AskSignUp(
	ctx context.Context,
	email, platform, address string,
	language vocabulary.Language,
) error {
	email, err := tenants.NormalEmail(email)
	if err != nil {
		return fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.")
	}
	platform, err = text.Line.Clean(platform)
	if err != nil || platform == "" || utf8.RuneCountInString(platform) > platformName {
		return fault.New(tenants.CodeInvalidRequest, "The platform needs a name of at most %d characters.",
			platformName)
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	link, now := id.New[id.Link](), s.clock.Now()
	plain, err := json.Marshal(Wanted{Email: email, Platform: platform})
	if err != nil {
		return fmt.Errorf("write what is signed up: %w", err)
	}
	sealed, err := k.Seal(plain, wantedPlace(link))
	if err != nil {
		return err
	}
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := ofSignUp.claim(ctx, tx, k, email, now); err != nil {
			return err
		}
		if err := ofAddress.claim(ctx, tx, k, network(address), now); err != nil {
			return err
		}
		return errors.Join(
			q.LinkForget(ctx, tx.Later(), now.Add(-linksKept)),
			q.LinkInsert(ctx, tx.Later(), dbsqlc.LinkInsertParams{ID: link, Kind: vocabulary.LinkSignUp,
				SealedContent: sealed, Language: language, CreatedAt: now, ExpiresAt: now.Add(SignUpFor)}),
			queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.LinkMail{LinkID: queue.RefTo(link)}}))
	})
}

// SignUpOf is what the link of a sign-up is about. It returns ErrLinkOver.
func (s *Service) SignUpOf(ctx context.Context, word string) (w Wanted, err error) {
	r, err := s.opened(ctx, word, vocabulary.LinkSignUp)
	if err != nil {
		return w, err
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return w, err
	}
	return wantedOf(k, r)
}

func wantedOf(k *secret.InstallationKey, r dbsqlc.OneTimeLink) (w Wanted, err error) {
	plain, err := k.Open(r.SealedContent, wantedPlace(r.ID))
	if err == nil {
		err = json.Unmarshal(plain, &w)
	}
	if err != nil {
		return w, fmt.Errorf("read what is signed up: %w", err)
	}
	w.Link = r.ID
	return w, nil
}

// UseSignUp uses the link of a sign-up up, in the transaction that makes the platform. It returns ErrLinkOver for the
// second who comes.
func (s *Service) UseSignUp(ctx context.Context, tx db.TenantTx, l id.Link) error {
	now := s.clock.Now()
	n, err := q.LinkUse(ctx, tx, &now, l)
	if err != nil {
		return fmt.Errorf("use the link: %w", err)
	}
	if n == 0 {
		return ErrLinkOver
	}
	return nil
}

// mailOfLink is what the mail of a link says; the address is the link's own.
func (s *Service) mailOfLink(
	ctx context.Context,
	k *secret.InstallationKey,
	r dbsqlc.OneTimeLink,
) (to, subject, words, path string, err error) {
	english := r.Language == vocabulary.English
	if r.Kind == vocabulary.LinkSignUp {
		w, err := wantedOf(k, r)
		subject, words = "直通：确认邮箱，创建平台", "打开下面的链接，继续创建平台，24 小时内有效，只能用一次。\n\n%s\n\n"+
			"如非本人操作，忽略本邮件即可，不会创建任何内容。\n"
		if english {
			subject, words = "Zhitong: confirm your address to create a platform", "This link goes on with creating "+
				"your platform. It works once, within 24 hours.\n\n%s\n\nIf you did not ask for it, ignore this mail: "+
				"nothing was created.\n"
		}
		return w.Email, subject, words, "/signup/", err
	}
	who, err := s.Get(ctx, r.PersonID)
	subject, words = "直通：重设密码", "用下面的链接设置新密码，30 分钟内有效，只能用一次。还需要通行密钥、验证器的验证码或一个恢复码。\n\n%s\n\n"+
		"如非本人操作，忽略本邮件即可，密码不会改变。\n"
	if english {
		subject, words = "Zhitong: set a new password", "This link sets a new password. It works once, within 30 "+
			"minutes, together with a passkey, a code of your authenticator app or a recovery code.\n\n%s\n\n"+
			"If you did not ask for it, ignore this mail: your password stays as it is.\n"
	}
	if r.ExpiresAt.Sub(r.CreatedAt) == ResetFor { // nobody typed the address: everything was taken away
		subject, words = wordsOfReset(english)
	}
	return who.Email, subject, words, "/sign-in/recover/", err
}

// wordsOfReset are what somebody reads who can sign in by nothing any more.
func wordsOfReset(english bool) (subject, words string) {
	if english {
		return "Zhitong: set a new password", "Your password, passkeys, authenticator app and recovery codes were " +
			"taken away, because two administrators of your platform asked for it. This link sets a new password. It " +
			"works once, within 24 hours.\n\n%s\n\nThen set up a passkey or an authenticator app again.\n"
	}
	return "直通：重设密码", "应你所在平台两位管理员的申请，你的密码、通行密钥、验证器和恢复码均已移除。用下面的链接设置新密码，" +
		"24 小时内有效，只能用一次。\n\n%s\n\n登录后请重新设置通行密钥或验证器。\n"
}
