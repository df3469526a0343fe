package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/simulator/desk"
	"zhitong/simulator/notify"
)

// trade is a payment as our book has it. Amounts are fen.
type trade struct {
	out, order, status, orderStatus, tradeNo string
	amount, refunded                         int64
	settled, parts, returned                 int64 // of a settlement that is done, of a split that is completed
	unsettled, frozen                        int64 // balances in the ledger
	refunds                                  int64 // how many of ours succeeded
	outside                                  int64 // sum of those that others made
	delivered                                bool
	cases                                    int64 // open ones
	caseKinds                                string
}

const ourTrades = `
SELECT replace(p.id::text, '-', ''), o.id, p.status, o.status, coalesce(p.trade_no, ''), p.amount_fen, p.refunded_fen,
       coalesce((SELECT sum(s.amount_fen) FROM settlements s WHERE s.tenant_id = p.tenant_id AND s.payment_id = p.id
         AND s.status = 'done'), 0),
       coalesce((SELECT sum(t.amount_fen) FROM splits s JOIN split_parts t ON t.tenant_id = s.tenant_id
         AND t.split_id = s.id
                  WHERE s.tenant_id = p.tenant_id AND s.payment_id = p.id AND s.status = 'completed'), 0),
       coalesce((SELECT sum(t.returned_fen) FROM splits s JOIN split_parts t ON t.tenant_id = s.tenant_id
         AND t.split_id = s.id
                  WHERE s.tenant_id = p.tenant_id AND s.payment_id = p.id AND s.status = 'completed'), 0),
       coalesce((SELECT sum(amount_fen) FROM ledger_entries e WHERE e.tenant_id = p.tenant_id AND e.order_id = o.id
         AND e.account = 'unsettled'), 0),
       coalesce((SELECT sum(amount_fen) FROM ledger_entries e WHERE e.tenant_id = p.tenant_id AND e.order_id = o.id
         AND e.account = 'frozen'), 0),
       (SELECT count(*) FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id
         AND r.status = 'succeeded' AND r.origin <> 'outside'),
       coalesce((SELECT sum(r.amount_fen) FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id
         AND r.status = 'succeeded' AND r.origin = 'outside'), 0),
       o.delivered_at IS NOT NULL,
       (SELECT count(*) FROM cases c WHERE c.tenant_id = p.tenant_id AND c.order_id = o.id AND c.status = 'open'),
       coalesce((SELECT string_agg(c.kind || ': ' || c.detail, '; ') FROM cases c WHERE c.tenant_id = p.tenant_id
         AND c.order_id = o.id AND c.status = 'open'), '')
  FROM payments p JOIN orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
 WHERE p.tenant_id = $1`

// ourBook is every payment of a tenant by its out_trade_no.
func (w *world) ourBook(ctx context.Context, tenant string) (map[string]*trade, error) {
	of, err := id.Parse[id.Tenant](tenant)
	if err != nil {
		return nil, fmt.Errorf("read a tenant: %w", err)
	}
	rows, err := w.book.Query(ctx, ourTrades, of)
	if err != nil {
		return nil, fmt.Errorf("read our book: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*trade, error) {
		t, order := &trade{}, id.Order{}
		err := row.Scan(&t.out, &order, &t.status, &t.orderStatus, &t.tradeNo, &t.amount, &t.refunded, &t.settled,
			&t.parts, &t.returned, &t.unsettled, &t.frozen,
			&t.refunds, &t.outside, &t.delivered, &t.cases, &t.caseKinds)
		t.order = order.String()
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("read our book: %w", err)
	}
	out := map[string]*trade{}
	for _, t := range list {
		out[t.out] = t
	}
	return out, nil
}

// theirBook is every trade that the simulator has of an application.
func (w *world) theirBook(ctx context.Context, appID string) (map[string]desk.TradeView, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		w.simURL+"/desk/api/book?app_id="+url.QueryEscape(appID), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask for the simulator's book: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask for the simulator's book: %w", err)
	}
	defer res.Body.Close()
	out := map[string]desk.TradeView{}
	whole := false
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, bodyMax)
	for lines.Scan() {
		line := struct {
			desk.TradeView
			End bool `json:"end"`
		}{}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read the simulator's book: %w", err)
		}
		if line.End {
			whole = true
			continue
		}
		out[line.OutTradeNo] = line.TradeView
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the simulator's book: %w", err)
	}
	if !whole {
		return nil, errors.New("the simulator's book was cut off")
	}
	return out, nil
}

// lied are the trades about which the simulator sent a validly signed untruth: a case is the right answer to it.
func (w *world) lied(ctx context.Context, appID string) (map[string]bool, error) {
	out, before := map[string]bool{}, ""
	desk := w.client()
	for {
		var page struct {
			Notifications []notify.Notification `json:"notifications"`
			Next          string                `json:"next"`
		}
		if err := desk.AtDesk(ctx, http.MethodGet,
			"/notifications?limit=1000&app_id="+url.QueryEscape(appID)+"&before="+before, nil, &page); err != nil {
			return nil, err
		}
		for _, n := range page.Notifications {
			if strings.HasPrefix(n.Forged, "signed_") {
				out[n.OutNo] = true
			}
		}
		if before = page.Next; before == "" {
			return out, nil
		}
	}
}

// compareBooks is I6 seen from outside, and I3 without a minute's grace: trade by trade, what each side believes.
func (w *world) compareBooks(ctx context.Context, l *load, v *verdict) error {
	trades, paid, liedAbout := 0, 0, 0
	for _, p := range l.platforms {
		theirs, err := w.theirBook(ctx, p.appID)
		if err != nil {
			return err
		}
		ours, err := w.ourBook(ctx, p.tenant.ID)
		if err != nil {
			return err
		}
		lies, err := w.lied(ctx, p.appID)
		if err != nil {
			return err
		}
		trades += len(theirs)
		for out, t := range theirs {
			if strings.HasPrefix(out, otherTrade) {
				if ours[out] != nil {
					v.breach("I6 trade %s of another program is in the book of platform %d", out, p.number)
				}
				continue
			}
			if t.PaidAt != "" {
				paid++
			}
			if lies[out] {
				liedAbout++
			}
			o := ours[out]
			if o == nil {
				v.breach("I6 trade %s of platform %d is not in our book", out, p.number)
				continue
			}
			a := l.orders[o.order]
			for _, problem := range differences(o, t, lies[out], a != nil && a.closing, l.others.did(out)) {
				v.breach("I6 order %s (%s), payment %s (%s), trade %s (%s): %s", o.order, o.orderStatus, out, o.status,
					t.TradeNo, t.Status, problem)
			}
		}
		for out, o := range ours {
			if _, ok := theirs[out]; !ok && (o.status == "paid" || o.status == "refunded") {
				v.breach("I6 payment %s is %s, the simulator does not know it", out, o.status)
			}
		}
	}
	w.say("both books: %d trades compared, %d paid, about %d the gateway lied with a valid signature", trades,
		paid, liedAbout)
	return nil
}

// differences are what the two books say otherwise about one trade. A trade that was lied about may be before a person
// instead; one that was paid after the shop closed it may be known to a person, too, but is refunded. What others gave
// back is booked; of what they settled and split a person knows.
func differences(o *trade, t desk.TradeView, lied, closing bool, by touch) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	same := func(what string, ours int64, theirs money.Fen) {
		if ours != int64(theirs) {
			say("%s: ours %d fen, theirs %d", what, ours, int64(theirs))
		}
	}
	booked := o.status == "paid" || o.status == "refunded"
	switch {
	case t.PaidAt == "" && booked:
		say("paid here, unpaid there")
	case by.refunded && !booked && t.Refunded == t.Total: // what came and went back whole moves nothing
	case t.PaidAt != "" && !booked && (o.cases == 0 || !lied):
		say("paid there at %s, %s here, %d open cases (%s)", t.PaidAt, o.status, o.cases, o.caseKinds)
	case booked:
		if o.tradeNo != t.TradeNo {
			say("trade number %s here", o.tradeNo)
		}
		same("amount", o.amount, t.Total)
		same("refunded", o.refunded, t.Refunded)
		same("refunded by others", o.outside, refundedByOthers(t))
		if o.outside > 0 && !strings.Contains(o.caseKinds, "outside_refund: ") {
			say("others gave money back, and no person knows")
		}
		if !by.moved || !strings.Contains(o.caseKinds, "split_refused: ") &&
			!strings.Contains(o.caseKinds, "_mismatch: ") {
			same("settled", o.settled, t.Settled)
			same("parts", o.parts, t.Transferred)
			same("parts returned", o.returned, t.TransferReturned)
			same("unsettled", o.unsettled, t.Unsettled)
			same("frozen", o.frozen, t.Frozen)
		}
		if !o.delivered && o.refunded != o.amount {
			say("paid, neither delivered nor given back (open cases: %d)", o.cases)
		}
		lateMoney := closing && o.cases == 1 && strings.HasPrefix(o.caseKinds, "paid_after_close: ") &&
			o.refunded == o.amount
		if o.cases > 0 && !lied && !lateMoney && !by.refunded && !by.moved {
			say("a case is open that nothing provoked: %s", o.caseKinds)
		}
	case o.status == "closed" && t.Status == "WAIT_BUYER_PAY":
		say("closed here, open there")
	}
	done := map[string]int{}
	refunds := int64(0)
	for _, op := range t.Operations {
		done[op.Kind+" "+op.No+" from "+op.From+" to "+op.To]++
		if op.Kind == "refund" && !strings.HasPrefix(op.No, otherNumber) {
			refunds++
		}
	}
	for op, n := range done {
		if n > 1 {
			say("%s happened %d times", op, n)
		}
	}
	if refunds != o.refunds {
		say("%d refunds there, %d here", refunds, o.refunds)
	}
	return out
}

// refundedByOthers is what others gave back, by the numbers of their requests.
func refundedByOthers(t desk.TradeView) (fen money.Fen) {
	for _, op := range t.Operations {
		if op.Kind == "refund" && strings.HasPrefix(op.No, otherNumber) {
			fen += op.Amount
		}
	}
	return fen
}

// compareOrders: every order whose 201 arrived exists, with what was said, and what the cashier took is not unpaid.
func (w *world) compareOrders(ctx context.Context, l *load, v *verdict) error {
	for _, p := range l.platforms {
		ours, err := w.ourBook(ctx, p.tenant.ID)
		if err != nil {
			return err
		}
		byOrder := map[string]*trade{}
		for _, t := range ours {
			byOrder[t.order] = t
		}
		for id, a := range l.orders {
			if a.platform != p {
				continue
			}
			t := byOrder[id]
			switch {
			case t == nil:
				v.breach("order %s was acknowledged and does not exist", id)
			case t.out != a.order.Payment.OutTradeNo || t.amount != a.order.TotalFen:
				v.breach("order %s was acknowledged with payment %s of %d fen, and has %s of %d", id,
					a.order.Payment.OutTradeNo, a.order.TotalFen, t.out, t.amount)
			case a.paid && t.status != "paid" && t.status != "refunded" && t.cases == 0:
				v.breach("I3 order %s was paid at the cashier and is %s", id, t.orderStatus)
			}
		}
	}
	return nil
}

// compareKeys reads the card keys of every delivered order by the public API: each is one of those put into stock, and
// in one order only.
func (w *world) compareKeys(ctx context.Context, l *load, v *verdict) error {
	orders, keys := 0, 0
	for _, p := range l.platforms {
		ours, err := w.ourBook(ctx, p.tenant.ID)
		if err != nil {
			return err
		}
		holder := map[string]string{}
		for _, t := range ours {
			if !t.delivered {
				continue
			}
			var list []string
			err := l.again(ctx, func(ctx context.Context) (err error) {
				list, err = p.client.CardKeys(ctx, t.order)
				return err
			})
			if err != nil {
				v.breach("the card keys of delivered order %s cannot be read: %v", t.order, err)
				continue
			}
			orders++
			keys += len(list)
			for _, k := range list {
				if other := holder[k]; other != "" {
					v.breach("I2 one card key was delivered to orders %s and %s", other, t.order)
				}
				if !p.stocked[k] {
					v.breach("order %s has a card key that was never put into stock", t.order)
				}
				holder[k] = t.order
			}
			if len(list) == 0 {
				v.breach("delivered order %s has no card keys", t.order)
			}
		}
	}
	w.say("card keys: %d of %d delivered orders, each once", keys, orders)
	return nil
}

// compareEvents: every event of a platform reached its healthy endpoint, rightly signed.
func (w *world) compareEvents(ctx context.Context, l *load, v *verdict) error {
	total, twice := 0, 0
	for _, p := range l.platforms {
		tenant, err := id.Parse[id.Tenant](p.tenant.ID)
		if err != nil {
			return fmt.Errorf("read a tenant: %w", err)
		}
		rows, err := w.book.Query(ctx, `SELECT e.id, e.type FROM events e JOIN webhook_endpoints w
			ON w.tenant_id = e.tenant_id AND w.url LIKE '%/healthy' AND e.created_at > w.created_at
 WHERE e.tenant_id = $1`, tenant)
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
		var event id.Event
		var kind string
		w.receivers.mu.Lock()
		seen := w.receivers.seen[p.tenant.ID]
		_, err = pgx.ForEachRow(rows, []any{&event, &kind}, func() error {
			total++
			if seen[event.String()] == 0 {
				v.breach("I7 event %s (%s) of platform %d never reached its healthy endpoint", event, kind, p.number)
			}
			if seen[event.String()] > 1 {
				twice++
			}
			return nil
		})
		w.receivers.mu.Unlock()
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
	}
	w.receivers.mu.Lock()
	defer w.receivers.mu.Unlock()
	for _, wrong := range w.receivers.wrong {
		v.breach("webhook: %s", wrong)
	}
	w.say("events: %d, each at the healthy endpoint with a right signature, %d more than once", total, twice)
	return nil
}
