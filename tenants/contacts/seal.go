package contacts

import (
	"bytes"
	"context"

	"zhitong/db"
	"zhitong/internal/mask"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

func (s *Service) orders(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.OrderPlainContactList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		sealed, err := vault.BuyerContact.SealText(ctx, tx, s.vault, r.ID, r.BuyerContact)
		if err != nil {
			return 0, err
		}
		digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByBuyerContact,
			tenants.NormalContact(r.BuyerContact))
		if err != nil {
			return 0, err
		}
		if err := q.OrderContactSeal(ctx, tx.Later(), sealed, digest, r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func (s *Service) merchants(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.MerchantPlainList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		row := r.ID
		contact, receiver := r.SealedContact, r.SealedReceiver
		if r.Contact != "" {
			if contact, err = vault.MerchantContact.SealText(ctx, tx, s.vault, row, r.Contact); err != nil {
				return 0, err
			}
		}
		if r.ReceiverAccount != nil {
			if receiver, err = vault.MerchantReceiver.SealText(ctx, tx, s.vault, row, *r.ReceiverAccount); err != nil {
				return 0, err
			}
		}
		if err := q.MerchantSeal(ctx, tx.Later(), contact, receiver, r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func (s *Service) parts(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.SplitPartPlainList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		sealed, err := vault.PartReceiver.SealText(ctx, tx, s.vault, vault.PartRow(r.SplitID, r.Position),
			*r.ReceiverAccount)
		if err != nil {
			return 0, err
		}
		if err := q.SplitPartSeal(ctx, tx.Later(), sealed, r.SplitID, r.Position); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func (s *Service) members(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.MemberPlainList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		sealed, err := vault.MemberEmail.SealText(ctx, tx, s.vault, r.ID, r.Email)
		if err != nil {
			return 0, err
		}
		digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByMemberEmail, r.Email)
		if err != nil {
			return 0, err
		}
		if err := q.MemberSeal(ctx, tx.Later(), sealed, digest, r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func (s *Service) invitations(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.InvitationPlainList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		sealed, err := vault.InvitationEmail.SealText(ctx, tx, s.vault, r.ID, r.Email)
		if err != nil {
			return 0, err
		}
		if err := q.InvitationSeal(ctx, tx.Later(), sealed, r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}

func buyers(ctx context.Context, tx db.TenantTx) (int64, error) {
	return q.PaymentForgetBuyers(ctx, tx, batch)
}

// keptMax is how many bytes of a notice were kept: one of so many was cut off, maybe in the middle of a name.
const keptMax = 8 << 10

func notices(ctx context.Context, tx db.TenantTx) (int64, error) {
	rows, err := q.NotificationUnmaskedList(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		raw := r.Raw
		if len(raw) >= keptMax {
			raw = raw[:bytes.LastIndexByte(raw, '&')+1]
		}
		if err := q.NotificationMask(ctx, tx.Later(), mask.Form(raw), r.ID); err != nil {
			return 0, err
		}
	}
	return int64(len(rows)), nil
}
