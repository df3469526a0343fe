package tenants

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
)

// OrderName is what people know an order by.
type OrderName struct {
	Reference        string // the tenant's own number; may be empty
	MerchantOfRecord id.Merchant
	Payee            string // name of the merchant of record, as it is now
}

// OrderNames reads the names of the orders of a page at once. An order that the caller may not see has none. Atomic.
func OrderNames(ctx context.Context, tx db.TenantTx, orders []id.Order) (map[id.Order]OrderName, error) {
	rows, err := q.OrderNameList(ctx, tx, uuids(orders))
	if err != nil {
		return nil, fmt.Errorf("read the names of the orders: %w", err)
	}
	names := make(map[id.Order]OrderName, len(rows))
	for _, r := range rows {
		names[r.ID] = OrderName{r.Reference, r.MerchantOfRecordID, r.Payee}
	}
	return names, nil
}

// MerchantNames reads the names of merchants at once. One that the caller may not see has none. Atomic.
func MerchantNames(ctx context.Context, tx db.TenantTx, merchants []id.Merchant) (map[id.Merchant]string, error) {
	rows, err := q.MerchantNameList(ctx, tx, uuids(merchants))
	if err != nil {
		return nil, fmt.Errorf("read the names of the merchants: %w", err)
	}
	names := make(map[id.Merchant]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

func uuids[I ~[16]byte](ids []I) []uuid.UUID {
	out := make([]uuid.UUID, len(ids))
	for i, v := range ids {
		out[i] = uuid.UUID(v)
	}
	return out
}
