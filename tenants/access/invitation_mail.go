package access

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/tenants"
	"zhitong/tenants/people"
)

// InvitationPath is where an invitation is accepted; its word follows.
const InvitationPath = "/sign-in/invitation/"

// MailInvitation sends the link of an invitation to whom it is for, while it can be accepted. Nobody knows yet which
// language they read, so the mail has both. Phased: it reads the invitation, then sends.
func (s *Service) MailInvitation(ctx context.Context, post people.Post, t id.Tenant, i id.Invitation) error {
	if post.Mails == nil {
		return nil
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	var to Invitation
	var platform string
	if err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		to = Invitation{}
		r, err := q.InvitationGet(ctx, tx, i)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the invitation: %w", err)
		}
		tenant, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		if r.AcceptedAt == nil && r.RevokedAt == nil && s.clock.Now().Before(r.ExpiresAt) &&
			tenant.Status == tenants.StatusActive {
			to, platform = s.invitationOf(ctx, tx, r, &err), tenant.Name
		}
		return err
	}); err != nil || to.ID.IsZero() {
		return err
	}
	word, _ := inviteWord(k, t, i)
	address := post.PublicURL + InvitationPath + word.Reveal()
	return post.Mails.Send(ctx, mail.Message{To: to.Email, Subject: "直通：" + platform + " 邀请你加入 / You are invited",
		Text: fmt.Sprintf("%s 邀请你加入其在直通上的平台。72 小时内打开下面的链接，只能用一次：\n\n%s\n\n不认识对方？忽略本邮件即可。\n\n----\n\n"+
			"%s invites you to its platform on Zhitong. Open this link within 72 hours; it works once:\n\n%s\n\n"+
			"You do not know them? Ignore this mail.\n", platform, address, platform, address)})
}
