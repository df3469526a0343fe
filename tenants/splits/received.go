package splits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Received is a merchant's part of a split.
type Received struct {
	Split     id.Split
	Order     id.Order
	Merchant  id.Merchant
	Status    vocabulary.SplitStatus // of the split
	Account   string                 // masked
	Amount    money.Fen
	Returned  money.Fen // by a refund
	CreatedAt time.Time
	DoneAt    *time.Time
}

// ListReceived reads a page of what a merchant has of splits, newest first. A caller that is one merchant reads its
// own. It returns merchant_not_found.
func (s *Service) ListReceived(
	ctx context.Context,
	a tenants.Actor,
	merchant id.Merchant,
	page tenants.Page[id.Split],
) (out tenants.PageOf[Received], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.MerchantGet(ctx, tx, merchant); db.IsNoRows(err) {
			return tenants.MerchantNotFound()
		} else if err != nil {
			return fmt.Errorf("read the merchant: %w", err)
		}
		rows, err := q.SplitReceivedList(ctx, tx, merchant, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the merchant's parts: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.SplitReceivedListRow) string { return r.ID.String() },
			func(r dbsqlc.SplitReceivedListRow) Received {
				account, aerr := s.vault.OpenPart(ctx, tx, r.ID, r.Position, r.SealedReceiver, r.ReceiverAccount)
				err = errors.Join(err, aerr)
				return Received{
					Split:     r.ID,
					Order:     r.OrderID,
					Merchant:  merchant,
					Status:    r.Status,
					Account:   Mask(account),
					Amount:    r.AmountFen,
					Returned:  r.ReturnedFen,
					CreatedAt: r.CreatedAt,
					DoneAt:    r.DoneAt,
				}
			})
		return err
	})
	return out, err
}

// seenBy hides who the other receivers are from a merchant of record: it sees what they get, for that is its money.
func (o OrderSplit) seenBy(a tenants.Actor) OrderSplit {
	if a.Merchant.IsZero() || o.Split == nil {
		return o
	}
	for i, p := range o.Split.Parts {
		if !p.Merchant.IsZero() && p.Merchant != a.Merchant {
			o.Split.Parts[i].Merchant, o.Split.Parts[i].Account = id.Merchant{}, ""
		}
	}
	return o
}
