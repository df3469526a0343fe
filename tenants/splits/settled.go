package splits

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// SettledFilter narrows a list of settlements with their splits; empty fields take all.
type SettledFilter struct {
	Settlements []vocabulary.SettlementStatus
	Splits      []vocabulary.SplitStatus
}

// ListSettled reads a page of the tenant's settlements and how each was split, by the time when the settlement began. A
// caller that is one merchant sees those of its own orders.
func (s *Service) ListSettled(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Settlement],
	f SettledFilter,
) (out tenants.PageOf[OrderSplit], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		rows, err := q.SettlementList(ctx, tx, dbsqlc.SettlementListParams{
			After:              page.Floor(),
			Before:             page.Cursor(),
			MadeFrom:           page.From,
			MadeUntil:          page.MadeUntil(),
			SettlementStatuses: tenants.Texts(f.Settlements),
			SplitStatuses:      tenants.Texts(f.Splits),
			OldestFirst:        page.OldestFirst,
			PageSize:           page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the settlements: %w", err)
		}
		parts, err := s.partsByID(ctx, tx, rows)
		if err != nil {
			return err
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.SettlementListRow) string { return r.Settlement.ID.String() },
			func(r dbsqlc.SettlementListRow) OrderSplit {
				var split *dbsqlc.Split
				if !r.SplitID.IsZero() {
					split = &dbsqlc.Split{
						ID:       r.SplitID,
						Status:   vocabulary.SplitStatus(r.SplitStatus),
						SettleNo: r.SettleNo,
						Reason:   r.SplitReason,
					}
				}
				return orderSplitOf(r.Settlement, money.Fen(r.LeftFen), split, parts[r.SplitID]).seenBy(a)
			})
		out.Items, err = withNames(ctx, tx, out.Items)
		return err
	})
	return out, err
}

// partsByID reads the parts of every split of a page at once.
func (s *Service) partsByID(
	ctx context.Context,
	tx db.TenantTx,
	rows []dbsqlc.SettlementListRow,
) (map[id.Split][]part, error) {
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, uuid.UUID(r.SplitID))
	}
	found, err := q.SplitPartListBySplits(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("list the parts of the splits: %w", err)
	}
	all, err := opened(ctx, tx, s.vault, found)
	if err != nil {
		return nil, err
	}
	parts := map[id.Split][]part{}
	for _, p := range all {
		parts[p.SplitID] = append(parts[p.SplitID], p)
	}
	return parts, nil
}

// orderSplitOf puts a settlement, its split, if there is one, and the parts together. left is what of the payment is
// not given back.
func orderSplitOf(st dbsqlc.Settlement, left money.Fen, sp *dbsqlc.Split, parts []part) OrderSplit {
	out := OrderSplit{
		Order: st.OrderID,
		Settlement: Settlement{
			ID:        st.ID,
			Status:    st.Status,
			Amount:    st.AmountFen,
			Reason:    st.Reason,
			CreatedAt: st.CreatedAt,
			DoneAt:    st.DoneAt,
		},
		Kept: left,
	}
	if sp == nil {
		return out
	}
	out.Split = &Split{
		ID:       sp.ID,
		Status:   sp.Status,
		SettleNo: sp.SettleNo,
		Reason:   sp.Reason,
		Parts:    make([]Part, len(parts)),
	}
	for i, p := range parts {
		out.Split.Parts[i] = partOf(p)
		out.Kept -= p.AmountFen - p.ReturnedFen
	}
	out.Kept = max(out.Kept, 0) // receivers that did not return their parts hold more than is left
	return out
}
