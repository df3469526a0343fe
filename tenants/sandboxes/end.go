package sandboxes

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/vault"
)

// sweepName is by what the audit log and events name the program.
const sweepName = "sandbox_sweep"

// ending is the data of the events about a sandbox's end.
type ending struct {
	events.By
	UsedAt   clock.Stamp  `json:"used_at"`
	ClosesAt *clock.Stamp `json:"closes_at,omitempty"`
}

// do does what is to be done, within the transaction that has found it. Atomic.
func (s *Service) do(ctx context.Context, tx db.TenantTx, v State, proof []byte) error {
	me, now := uuid.UUID(v.Tenant), s.clock.Now()
	data := ending{By: events.BySystem(sweepName), UsedAt: clock.Stamp(v.UsedAt)}
	tell := func(kind vocabulary.EventType, action string, changes ...tenants.Change) error {
		err := audit.Record(ctx, tx, audit.System(sweepName), action, "tenant", v.Tenant, "", changes...)
		if err != nil {
			return err
		}
		return events.OfTenant(ctx, tx, kind, data, now)
	}
	switch v.Next {
	case Announce:
		until := now.Add(Notice)
		data.ClosesAt = clock.StampOf(&until)
		if err := q.SandboxAnnounce(ctx, tx, me); err != nil {
			return fmt.Errorf("announce the end: %w", err)
		}
		told := queue.Job{Args: queue.SandboxMail{TenantID: queue.RefTo(v.Tenant)}}
		if err := queue.Insert(ctx, tx.Later(), told); err != nil {
			return err
		}
		return tell(vocabulary.EventTenantEndAnnounced, "announceEnd")
	case Withdraw:
		var changes tenants.Changes
		if v.Closed != nil && v.look.Status == tenants.StatusClosed {
			if err := q.TenantSetStatus(ctx, tx, tenants.StatusActive); err != nil {
				return fmt.Errorf("open the platform again: %w", err)
			}
			changes = changes.Add("status", v.look.Status, tenants.StatusActive)
		}
		if err := q.SandboxWithdraw(ctx, tx, me); err != nil {
			return fmt.Errorf("withdraw the end: %w", err)
		}
		return tell(vocabulary.EventTenantEndWithdrawn, "withdrawEnd", changes...)
	case Close:
		if err := q.TenantSetStatus(ctx, tx, tenants.StatusClosed); err != nil {
			return fmt.Errorf("close the platform: %w", err)
		}
		if err := q.SandboxClose(ctx, tx, me); err != nil {
			return fmt.Errorf("close the platform: %w", err)
		}
		return tell(vocabulary.EventTenantClosed, "closeTenant",
			tenants.Changes{}.Add("status", v.look.Status, tenants.StatusClosed)...)
	case Delete:
		return s.leave(ctx, tx, proof)
	case Nothing:
	}
	return nil
}

// leave takes a sandbox out of the directory and out of its members' lists: from then on no sweep, nor anybody, comes
// to it, and it is deleted.
func (s *Service) leave(ctx context.Context, tx db.TenantTx, proof []byte) error {
	me := uuid.UUID(tx.Tenant())
	if err := q.SandboxLeave(ctx, tx, proof, me); err != nil {
		return fmt.Errorf("begin to delete the sandbox: %w", err)
	}
	if err := q.MembershipsEnd(ctx, tx, tx.Tenant()); err != nil {
		return fmt.Errorf("end the memberships: %w", err)
	}
	from, err := q.SandboxEndSome(ctx, tx, 1)
	if err == nil && from != "tenant_directory" {
		err = fmt.Errorf("rows of %s were deleted first", from)
	}
	if err != nil {
		return fmt.Errorf("take the sandbox out of the directory: %w", err)
	}
	return nil
}

// delete deletes everything of a sandbox that has left: its files, wherever they lie, its rows, batch by batch, and its
// jobs. It can be broken off and run again at any time.
func (s *Service) delete(ctx context.Context, tenant id.Tenant) error {
	if err := s.files.Empty(ctx, tenant); err != nil {
		return fmt.Errorf("delete the files of %s: %w", tenant, err)
	}
	s.step("files")
	for from := "-"; from != ""; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
			from, err = q.SandboxEndSome(ctx, tx, s.batch)
			s.step("deleting " + from)
			return err
		}); err != nil {
			return fmt.Errorf("delete rows of %s: %w", tenant, err)
		}
		s.step("deleted " + from)
	}
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := queue.Drop(ctx, tx.Later(), tenant); err != nil {
			return err
		}
		return q.SandboxGone(ctx, tx.Later(), uuid.UUID(tenant))
	})
	if err != nil {
		return fmt.Errorf("end %s: %w", tenant, err)
	}
	s.step("gone")
	return nil
}

// ownersMax is how many owners are told.
const ownersMax = 20

// Mail tells the owners that their sandbox is to end, unless that was withdrawn meanwhile. A repeat sends mails with
// the same Message-ID.
func (s *Service) Mail(ctx context.Context, tenant id.Tenant) error {
	if s.mails == nil {
		return nil
	}
	var owners []string
	var v State
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		if v, err = s.read(ctx, tx); err != nil || v.Announced == nil {
			return err
		}
		rows, err := q.NoticeRouteOwners(ctx, tx, ownersMax)
		if err != nil {
			return fmt.Errorf("read the owners: %w", err)
		}
		for _, r := range rows {
			address, err := vault.MemberEmail.OpenText(ctx, tx, s.vault, r.ID, r.SealedEmail, r.Email)
			if err != nil {
				return fmt.Errorf("open an owner's address: %w", err)
			}
			owners = append(owners, address)
		}
		return nil
	})
	if db.IsNoRows(err) || err == nil && v.Announced == nil {
		return nil
	}
	if err != nil {
		return err
	}
	day := v.Announced.Add(Notice).Format("2006-01-02")
	m := mail.Message{
		Subject: "直通：沙箱平台将被删除 / Zhitong: your sandbox is to be deleted",
		Text: fmt.Sprintf("沙箱平台 %[1]s 已长期无人使用，将于 %[2]s 关闭，次日起删除全部数据。\n"+
			"如需保留，请在此之前登录，或用接口密钥调用一次接口。\n\n"+
			"The sandbox %[1]s has not been used for long. It is closed on %[2]s, and all its data is deleted from "+
			"the day after.\nTo keep it, sign in before that, or call the API once.\n", tenant, day),
		Key: tenant.String() + "." + day,
	}
	var failed []error
	for _, m.To = range owners {
		if m.To == "" {
			continue
		}
		if err := s.mails.Send(ctx, m); err != nil && !errors.Is(err, mail.ErrRefused) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
