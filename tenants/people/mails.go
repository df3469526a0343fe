package people

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Mailer hands a mail over. Its errors are those of package mail.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Post is how mails to people are written.
type Post struct {
	Mails     Mailer // nil: none are sent
	PublicURL string // of this server, without a slash at the end
	Step      func(name string)
	Metrics   prometheus.Registerer // nil: none
}

func (p Post) step(name string) {
	if p.Step != nil {
		p.Step(name)
	}
}

// Reached tells the hook of tests that a use case that is above this package has come to a step.
func (s *Service) Reached(step string) { s.post.step(step) }

// What a mail to a person tells.
const (
	mailPassword = tenants.ActPassword
	mailFactors  = tenants.ActFactors
	mailFailures = "failures"
	mailCopied   = "copied"
)

// Tell mails a person what has happened to their account. Phased: it reads who it is, then sends.
func (s *Service) Tell(ctx context.Context, p id.Person, what string) error {
	if s.post.Mails == nil {
		return nil
	}
	who, err := s.Get(ctx, p)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	subject, text := told(what, who.Language)
	return s.post.Mails.Send(ctx, mail.Message{To: who.Email, Subject: subject,
		Text: fmt.Sprintf(text, s.post.PublicURL)})
}

// TellPlace mails a person that a session of theirs began at a new place. What the browser says of itself is not told:
// whoever signs in could write to the person by it. Phased: it reads who it is, then sends.
func (s *Service) TellPlace(ctx context.Context, session id.Session) error {
	if s.post.Mails == nil {
		return nil
	}
	var began dbsqlc.SessionGetRow
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		began, err = q.SessionGet(ctx, tx, session)
		return err
	})
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	who, err := s.Get(ctx, began.PersonID)
	if err != nil {
		return err
	}
	subject, text := "直通：在新的地点登录", "你的账号于 %[1]s（北京时间）从新的网络或浏览器登录，网段：%[2]s。\n\n"+
		"如非本人操作，立即重设密码，其他登录随之失效：%[3]s/sign-in/recover\n"
	if who.Language == vocabulary.English {
		subject, text = "Zhitong: a sign-in from a new place", "Your account was used on %[1]s (Beijing time) from a "+
			"network or browser that is new. Network: %[2]s.\n\nIf that was not you, set a new password at once, "+
			"which ends every other session: %[3]s/sign-in/recover\n"
	}
	at := began.CreatedAt.In(time.FixedZone("UTC+8", 8*60*60)).Format("2006-01-02 15:04")
	return s.post.Mails.Send(ctx, mail.Message{To: who.Email, Subject: subject,
		Text: fmt.Sprintf(text, at, mask.Network(began.Address), s.post.PublicURL)})
}

// told is what a person reads.
func told(what string, language vocabulary.Language) (subject, text string) {
	english := language == vocabulary.English
	switch {
	case what == mailPassword && english:
		return "Zhitong: your password was changed", "Your password was changed just now, and you were signed out " +
			"everywhere else.\n\nIf that was not you, set a new one at once: %s/sign-in/recover\n"
	case what == mailPassword:
		return "直通：密码已更改", "你的密码刚刚被更改，其他登录均已失效。\n\n如非本人操作，立即重设密码：%s/sign-in/recover\n"
	case what == mailCopied && english:
		return "Zhitong: a passkey of yours may have been copied", "Somebody signed with a passkey of yours whose " +
			"counter did not grow: a copy of it may be in use. Nobody was let in by it.\n\nRemove that passkey and " +
			"make another: %s/account\n"
	case what == mailCopied:
		return "直通：你的通行密钥可能被复制", "有人使用了你的一个通行密钥，但其计数未增加，可能是复制品；未予登录。\n\n请移除该通行密钥并重新创建：%s/account\n"
	case what == mailFactors && english:
		return "Zhitong: how you sign in was changed", "Your passkeys, your authenticator app or your recovery codes " +
			"were changed just now, and you were signed out everywhere else.\n\nIf that was not you, set a new " +
			"password at once: %s/sign-in/recover\n"
	case what == mailFactors:
		return "直通：登录方式已更改", "你的通行密钥、验证器或恢复码刚刚被更改，其他登录均已失效。\n\n如非本人操作，立即重设密码：%s/sign-in/recover\n"
	case english:
		return "Zhitong: somebody tries to sign in as you", "There were ten wrong attempts in a row to sign in with " +
			"your address. Nobody got in. Each further attempt has to wait longer.\n\n" +
			"If that was you, a new password may help: %s/sign-in/recover\nIf not, you need not do anything.\n"
	default:
		return "直通：有人多次尝试登录你的账号", "有人用你的邮箱连续十次登录失败，均未成功；之后每次尝试须等待更久。\n\n" +
			"如是本人忘记密码，可重设：%s/sign-in/recover\n如非本人，无须处理。\n"
	}
}
