package invariants

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/internal/id"
)

// lineMax bounds one line of the simulator's book, in bytes: a trade with all its operations.
const lineMax = 4 << 20

// trade is the simulator's picture of one payment. Amounts are fen.
type trade struct {
	OutTradeNo string `json:"out_trade_no"`
	Status     string `json:"trade_status"`
	PaidAt     string `json:"paid_at"`
	Total      int64  `json:"total_fen"`
	Unsettled  int64  `json:"unsettled_fen"`
	Frozen     int64  `json:"frozen_fen"`
	Settled    int64  `json:"settle_fen"`
	Shared     int64  `json:"transfer_fen"`
	Returned   int64  `json:"transfer_refund_fen"`
	Refunded   int64  `json:"refunded_fen"`

	End bool `json:"end"` // the last line says so
}

// ours is our picture of the same.
const ours = `
SELECT
    replace(p.id::text, '-', ''),
    p.status IN ('paid', 'refunded'),
    p.amount_fen,
    p.refunded_fen,
    coalesce((
        SELECT s.amount_fen FROM settlements s
        WHERE s.tenant_id = app.tenant_id() AND s.payment_id = p.id AND s.status = 'done'
    ), 0),
    coalesce((
        SELECT sum(t.amount_fen) FROM splits s
        JOIN split_parts t ON t.tenant_id = app.tenant_id() AND t.split_id = s.id
        WHERE s.tenant_id = app.tenant_id() AND s.payment_id = p.id AND s.status = 'completed'
    ), 0)::bigint,
    coalesce((
        SELECT sum(t.returned_fen) FROM splits s
        JOIN split_parts t ON t.tenant_id = app.tenant_id() AND t.split_id = s.id
        WHERE s.tenant_id = app.tenant_id() AND s.payment_id = p.id AND s.status = 'completed'
    ), 0)::bigint,
    coalesce((
        SELECT sum(e.amount_fen) FROM ledger_entries e
        WHERE e.tenant_id = app.tenant_id() AND e.order_id = p.order_id AND e.account = 'unsettled'
    ), 0)::bigint,
    coalesce((
        SELECT sum(e.amount_fen) FROM ledger_entries e
        WHERE e.tenant_id = app.tenant_id() AND e.order_id = p.order_id AND e.account = 'frozen'
    ), 0)::bigint
FROM payments p
WHERE p.tenant_id = app.tenant_id()`

// SameBooks compares every payment of every tenant with the book of the simulator at the given address (I6): paid or
// not, and each fen that is unsettled, frozen, settled, split, returned and refunded. Both sides must be quiet.
// Payments that the simulator never heard of must not be paid, and the other way round.
func SameBooks(ctx context.Context, d *db.DB, simulator string) ([]Breach, error) {
	tenants, err := directory(ctx, d)
	if err != nil {
		return nil, err
	}
	var out []Breach
	for _, t := range tenants {
		found, err := sameBook(ctx, d, t, simulator)
		if err != nil {
			return nil, fmt.Errorf("compare the books of tenant %s: %w", t, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

func sameBook(ctx context.Context, d *db.DB, tenant id.Tenant, simulator string) (out []Breach, err error) {
	var app string
	mine := map[string]trade{}
	err = d.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		err := tx.QueryRow(ctx, "SELECT app_id FROM alipay_connections WHERE tenant_id = app.tenant_id() "+
			"AND gateway_url = $1", simulator+"/gateway.do").Scan(&app)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the connection: %w", err)
		}
		rows, err := tx.Query(ctx, ours)
		if err != nil {
			return fmt.Errorf("read the payments: %w", err)
		}
		var o trade
		var paid bool
		_, err = pgx.ForEachRow(rows,
			[]any{&o.OutTradeNo, &paid, &o.Total, &o.Refunded, &o.Settled, &o.Shared, &o.Returned, &o.Unsettled,
				&o.Frozen}, func() error {
				o.Status = paidText(paid)
				mine[o.OutTradeNo] = o
				return nil
			})
		return err
	})
	if err != nil || app == "" {
		return nil, err
	}
	theirs, err := book(ctx, simulator, app)
	if err != nil {
		return nil, err
	}
	differ := func(no, format string, args ...any) {
		out = append(out, Breach{Invariant: "I6", Check: "gateway_book", Tenant: tenant, Subject: no,
			Detail: fmt.Sprintf(format, args...)})
	}
	for no, m := range mine {
		t, known := theirs[no]
		if !known && m.Status == paidText(true) {
			differ(no, "paid here, unknown to the gateway")
		}
		if known && m != t {
			differ(no, "here %+v, at the gateway %+v", m, t)
		}
	}
	for no, t := range theirs {
		if _, known := mine[no]; !known && t.Status == paidText(true) {
			differ(no, "paid at the gateway, unknown here")
		}
	}
	return out, nil
}

func paidText(paid bool) string {
	if paid {
		return "paid"
	}
	return "unpaid"
}

// book reads the simulator's book of one app, brought to our terms.
func book(ctx context.Context, simulator, app string) (map[string]trade, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, simulator+"/desk/api/book?app_id="+url.QueryEscape(app),
		http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("read the simulator's book: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the simulator's book: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the simulator's book: status %d", res.StatusCode)
	}
	out := map[string]trade{}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		var t trade
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("read a line of the simulator's book: %w", err)
		}
		if t.End {
			return out, nil
		}
		// Closed after a refund of everything is still paid; only the time tells it from one that was never paid.
		t.Status, t.PaidAt = paidText(t.PaidAt != ""), ""
		out[t.OutTradeNo] = t
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the simulator's book: %w", err)
	}
	return nil, errors.New("the simulator's book ends too early")
}
