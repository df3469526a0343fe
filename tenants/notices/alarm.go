package notices

import (
	"context"
	"errors"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/vault"
)

// ownersMax is how many owners are told.
const ownersMax = 5

// Alarm tells the owners by mail that a route fails. An address that is refused does not keep it from the others; a
// repeat sends mails with the same Message-ID.
func (s *Service) Alarm(ctx context.Context, tenant id.Tenant, r id.NoticeRoute) error {
	if s.mails == nil {
		return nil
	}
	var route Route
	var owners []string
	var name string
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		if route, err = s.route(ctx, tx, r); err != nil {
			return err
		}
		own, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the platform: %w", err)
		}
		name = own.Name
		owners, err = s.owners(ctx, tx)
		return err
	})
	if fault.CodeOf(err) == CodeRouteNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	m := Message{Title: "通知渠道异常 / Notices do not get through", Text: fmt.Sprintf(
		"渠道 %s（%s）无法送达：%s\n请在控制台检查并测试该渠道。\n\n"+
			"The route %s (%s) does not get through: %s\nPlease check it in the console and test it.",
		harmless(route.Name), route.Channel, route.LastError, harmless(route.Name), route.Channel, route.LastError)}
	if route.Status == vocabulary.EndpointDisabled {
		m.Text += "\n\n该渠道已停用。The route has been switched off."
	}
	m = m.from(name, false, vocabulary.Chinese)
	var failed []error
	for _, to := range owners {
		key := r.String() + "." + fmt.Sprint(route.Version)
		err := s.mails.Send(ctx, mail.Message{To: to, Subject: m.Title, Text: m.Text + "\n", Key: key})
		if err != nil && !errors.Is(err, mail.ErrRefused) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// owners are the addresses of the owners.
func (s *Service) owners(ctx context.Context, tx db.TenantTx) (out []string, err error) {
	rows, err := q.NoticeRouteOwners(ctx, tx, ownersMax)
	if err != nil {
		return nil, fmt.Errorf("read the owners: %w", err)
	}
	for _, r := range rows {
		address, err := vault.MemberEmail.OpenText(ctx, tx, s.vault, r.ID, r.SealedEmail, r.Email)
		if err != nil {
			return nil, fmt.Errorf("open an owner's address: %w", err)
		}
		if address != "" {
			out = append(out, address)
		}
	}
	return out, nil
}

// Test sends a sample by a route now, and tells what came back. It counts into the route's minute and says nothing of
// the route's health. It returns notice_route_not_found or notice_route_busy.
func (s *Service) Test(ctx context.Context, a tenants.Actor, r id.NoticeRoute) (o Outcome, err error) {
	var p ready
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.NoticeRouteGetForUpdate(ctx, tx, r)
		if err := found(err); err != nil {
			return err
		}
		if free, err := s.spend(ctx, tx, r); err != nil || !free {
			if err != nil {
				return err
			}
			return fault.New(CodeRouteBusy, "The route has sent its messages of this minute.")
		}
		if p.address, p.key, err = s.open(ctx, tx, row); err != nil {
			return err
		}
		own, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the platform: %w", err)
		}
		p.route = routeOf(row)
		p.message = Message{Title: "测试通知", Text: "此渠道已接通。以后的通知会发送到这里。"}
		if row.Language == vocabulary.English {
			p.message = Message{Title: "Test notice", Text: "This route works. Notices will arrive here."}
		}
		p.message = p.message.from(own.Name, own.Mode == vocabulary.ModeSandbox, row.Language)
		return audit.Record(ctx, tx, audit.Actor(a), "testNoticeRoute", "notice_route", r, "")
	})
	if err != nil {
		return Outcome{}, err
	}
	o = s.send(ctx, p.route, p.address, p.key, id.New[id.Notice]().String(), p.message)
	if ctx.Err() != nil && !o.Delivered() {
		return Outcome{}, fmt.Errorf("test a route: %w", context.Cause(ctx))
	}
	return o, nil
}
