package approvals

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
)

// MailReset tells the member, or who asked, that what the member signs in with is to be taken away, while it is.
// Phased: it reads what was asked for, then sends.
func (s *Service) MailReset(
	ctx context.Context,
	post people.Post,
	t id.Tenant,
	approval id.Approval,
	to id.Member,
) error {
	if post.Mails == nil {
		return nil
	}
	var a Approval
	var person id.Person
	var platform string
	err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		if a, err = s.get(ctx, tx, approval); err != nil {
			return err
		}
		if _, person, err = member(ctx, tx, to); err != nil {
			return err
		}
		r, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		platform = r.Name
		return nil
	})
	if code := fault.CodeOf(err); code == CodeNotFound || code == access.CodeMemberNotFound {
		return nil
	}
	if err != nil || !a.open() || person.IsZero() {
		return err
	}
	who, err := s.people.Get(ctx, person)
	if err != nil {
		return err
	}
	subject, text := wordsOfReset(a, who.Language == vocabulary.English, to == a.Params.Reset.Member)
	return post.Mails.Send(ctx, mail.Message{To: who.Email, Subject: subject,
		Text: fmt.Sprintf(text, platform, a.Params.Reset.Member, post.PublicURL)})
}

// wordsOfReset are what the member reads, or who asked. They name the platform (1), the member (2) and our address (3).
func wordsOfReset(a Approval, english, member bool) (subject, text string) {
	when, whenZh := "a second administrator has to approve it; then it is done a day later",
		"须经另一位管理员批准，批准满一天后执行"
	if a.Status == vocabulary.ApprovalScheduled {
		at := a.NotBefore.In(time.FixedZone("UTC+8", 8*60*60)).Format("2006-01-02 15:04")
		when, whenZh = "it was approved, and is done on "+at+" (Beijing time)", "已获批准，将于 "+at+"（北京时间）执行"
	}
	switch {
	case english && member:
		return "Zhitong: what you sign in with is to be taken away", "An administrator of “%[1]s” says that you have " +
			"lost what you sign in with. Your password, passkeys, authenticator app and recovery codes are to be " +
			"taken away, and a link to set a new password is to be mailed to you: " + when + ".\n\nIf that is right, " +
			"do nothing. If not, sign in and stop it: %[3]s/account\n(Member: %[2]s)\n"
	case english:
		return "Zhitong: you asked that a member’s factors be taken away", "In your name it was asked, in “%[1]s”, " +
			"that what the member %[2]s signs in with be taken away: " + when + ".\n\nIf that was not you, withdraw " +
			"it and change your password at once: %[3]s/account\n"
	case member:
		return "直通：你的登录方式将被移除", "平台“%[1]s”的管理员称你已无法登录，申请移除你的密码、通行密钥、验证器和恢复码，并向你发送重设密码的链接：" +
			whenZh + "。\n\n如确需如此，无须操作；否则请登录并阻止：%[3]s/account\n（成员：%[2]s）\n"
	default:
		return "直通：以你的名义申请移除成员的登录方式", "有人以你的名义在平台“%[1]s”申请移除成员 %[2]s 的登录方式：" + whenZh +
			"。\n\n如非本人操作，请立即撤回并更改密码：%[3]s/account\n"
	}
}
