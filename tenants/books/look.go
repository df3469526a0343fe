package books

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/cases"
	"zhitong/tenants/ledger"
)

// Bounds of one run for one tenant.
const (
	// page is how many payments are read at a time, and asked about until the place is kept.
	page = 20
	// most is how many payments are read for one look.
	most = 400
	// budget is how long one tenant's payments are asked about: a slow gateway holds no other tenant up for longer.
	budget = 20 * time.Second
	// tries is how often one payment is asked about while our own book moves.
	tries = 3
)

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Gateways *tenants.Gateways
	Clock    clock.Clock
	Log      *slog.Logger
	// Step, for tests of crashes, is called before and after each question and commit; it may end the program there.
	Step func(name string)
}

// Service compares.
type Service struct {
	db       *db.DB
	gateways *tenants.Gateways
	clock    clock.Clock
	log      *slog.Logger
	step     func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, gateways: c.Gateways, clock: c.Clock, log: c.Log, step: c.Step}
}

// Result is what a run found.
type Result struct {
	Compared int
	Found    map[Kind]int
	Behind   time.Duration // how much longer than it should the oldest payment waits that was not reached
}

// Tenant asks about those payments of a tenant whose time has come, and goes on where the last run stopped. It can be
// broken off anywhere and be run by two at once. An acquirer that is away, or has enough of us, ends the run; the next
// begins with the same payment.
func (s *Service) Tenant(ctx context.Context, tenant id.Tenant, r *Result) error {
	within, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	for n, age := range ages() {
		l := look{Service: s, tenant: tenant, number: int16(n + 1), age: age, result: r}
		if err := l.run(within); err != nil {
			return fmt.Errorf("look %d at the payments of tenant %s: %w", n+1, tenant, err)
		}
	}
	return nil
}

// look is one look at a tenant's payments.
type look struct {
	*Service
	tenant id.Tenant
	number int16
	age    time.Duration
	result *Result
}

func (l *look) run(ctx context.Context) error {
	before := id.First[id.Payment](l.clock.Now().Add(-l.age))
	for read := 0; read < most; read += page {
		entries, acq, last, err := l.next(ctx, before)
		if err != nil || last.IsZero() {
			return err
		}
		l.step("book read")
		reached, over, err := l.compare(ctx, acq, entries)
		if err != nil {
			return err
		}
		if !over {
			last = reached
		}
		if !last.IsZero() {
			if err := l.keep(ctx, last); err != nil {
				return err
			}
			l.step("book place kept")
		}
		if !over {
			l.result.Behind = max(l.result.Behind, madeAt(before).Sub(madeAt(entries[0].Payment)))
			return nil
		}
	}
	return nil
}

// next reads the payments after those that were looked at: what is to be compared, and the last that was read. Zero:
// there is none.
func (l *look) next(ctx context.Context, before id.Payment) (
	entries []Entry, acq acquiring.Acquirer, last id.Payment, err error,
) {
	err = l.db.InTenant(ctx, l.tenant, func(ctx context.Context, tx db.TenantTx) error {
		entries, last = nil, id.Payment{}
		after, err := q.BookLookGet(ctx, tx, l.number)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read how far it came: %w", err)
		}
		if first := id.First[id.Payment](l.clock.Now().Add(-oldest)); after.Hex() < first.Hex() {
			after = first
		}
		rows, err := q.BookPage(ctx, tx, after, before, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		last = rows[len(rows)-1].ID
		var paid []id.Payment
		for _, r := range rows {
			if r.Paid {
				paid = append(paid, r.ID)
			}
		}
		var conn tenants.Connection
		acq, conn, err = l.gateways.Acquirer(ctx, tx)
		if fault.CodeOf(err) == tenants.CodeAlipayConnectionMissing {
			return nil // nobody to ask
		}
		if err != nil || len(paid) == 0 {
			return err
		}
		all, err := read(ctx, tx, paid...)
		for _, e := range all {
			if e.PID == conn.PID { // another account's payments cannot be asked about
				entries = append(entries, e)
			}
		}
		return err
	})
	return entries, acq, last, err
}

func read(ctx context.Context, tx db.TenantTx, payments ...id.Payment) ([]Entry, error) {
	ids := make([]uuid.UUID, len(payments))
	for i, p := range payments {
		ids[i] = uuid.UUID(p)
	}
	rows, err := q.BookList(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the book: %w", err)
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		out[i] = entryOf(r)
	}
	return out, nil
}

// compare asks about each payment. reached is the last that was; over tells that it was the last of all.
func (l *look) compare(ctx context.Context, acq acquiring.Acquirer, entries []Entry) (
	reached id.Payment, over bool, err error,
) {
	for _, e := range entries {
		found, err := ask(ctx, acq, e)
		if err != nil {
			l.log.WarnContext(ctx, "book not compared", "tenant", l.tenant, "payment", e.Payment, "error", err)
			if !acquiring.IsRefused(err) || acquiring.IsRefused(err, acquiring.Unrecognized, acquiring.NotLookedAt) {
				return reached, false, nil // away, or enough of us, or not to us
			}
			reached = e.Payment // what is refused once is refused again
			continue
		}
		l.step("book asked")
		l.result.Compared++
		for try := 1; len(found) > 0; try++ {
			again, err := l.note(ctx, e, found)
			if err != nil {
				return reached, false, err
			}
			if again == nil || try == tries {
				break
			}
			if found, err = ask(ctx, acq, *again); err != nil {
				l.log.WarnContext(ctx, "book not compared", "tenant", l.tenant, "payment", e.Payment, "error", err)
				return reached, false, nil
			}
			e = *again
		}
		reached = e.Payment
	}
	return reached, true, nil
}

// ask asks the acquirer about one payment. No transaction is open.
func ask(ctx context.Context, acq acquiring.Acquirer, e Entry) ([]Difference, error) {
	var st acquiring.Standing
	var err error
	if e.TradeNo != "" {
		st, err = acq.Settle.Standing(ctx, e.TradeNo)
	} else {
		var t acquiring.Trade
		t, err = acq.Pay.Query(ctx, e.Payment.Hex())
		st.Status, st.Total = t.Status, t.Total
		if t.Status == acquiring.TradeClosed && !t.PaidAt.IsZero() {
			st.Refunded = t.Total
		}
	}
	absent := acquiring.IsRefused(err, acquiring.TradeAbsent)
	if err != nil && !absent {
		return nil, err
	}
	return Compare(e, st, absent), nil
}

// note books or reports what differs, unless the book has moved since it was read: then nothing is known, and again is
// what it says now.
func (l *look) note(ctx context.Context, e Entry, found []Difference) (again *Entry, err error) {
	err = l.db.InTenant(ctx, l.tenant, func(ctx context.Context, tx db.TenantTx) error {
		again = nil
		if _, err := q.OrderLockByPayment(ctx, tx, e.Payment); err != nil {
			return fmt.Errorf("lock payment %s: %w", e.Payment, err)
		}
		now, err := read(ctx, tx, e.Payment)
		if err != nil || len(now) != 1 {
			return err
		}
		if !reflect.DeepEqual(now[0], e) {
			again = &now[0]
			return nil
		}
		for _, d := range found {
			if err := l.report(ctx, tx, e, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || again != nil {
		return again, err
	}
	l.step("book difference noted")
	for _, d := range found {
		l.result.Found[d.Kind]++
		l.log.WarnContext(ctx, "books differ", "tenant", l.tenant, "payment", e.Payment, "kind", string(d.Kind),
			"detail", d.Detail)
	}
	return nil, nil
}

func (l *look) report(ctx context.Context, tx db.TenantTx, e Entry, d Difference) error {
	if d.Bookable {
		return ledger.Reconcile(ctx, tx, e.Payment, "", l.clock.Now())
	}
	_, err := cases.Open(ctx, tx, cases.Opening{Kind: d.Kind.caseOf(), Order: e.Order, Payment: e.Payment,
		Detail: d.Detail, Facts: d.Facts, AtRisk: &d.AtRisk, At: l.clock.Now()})
	return err
}

func (l *look) keep(ctx context.Context, last id.Payment) error {
	return l.db.InTenant(ctx, l.tenant, func(ctx context.Context, tx db.TenantTx) error {
		return q.BookLookSet(ctx, tx.Later(), l.number, last, l.clock.Now())
	})
}

// madeAt is when a payment was made, by its id.
func madeAt(p id.Payment) time.Time {
	var ms [8]byte
	copy(ms[2:], p[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:])))
}

// Sample is which payments Differences asks about.
type Sample struct {
	Since time.Time
	Most  int
}

// Found is a difference of one payment.
type Found struct {
	Payment id.Payment
	Order   id.Order
	Total   money.Fen
	Difference
}

// Differences asks about some payments of a tenant, chosen at random, and changes nothing. asked is how many it asked
// about. It returns alipay_connection_missing.
func (s *Service) Differences(ctx context.Context, tenant id.Tenant, of Sample) (found []Found, asked int, err error) {
	var entries []Entry
	var acq acquiring.Acquirer
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		now := s.clock.Now()
		ids, err := q.BookSample(ctx, tx, id.First[id.Payment](of.Since), id.First[id.Payment](now), int32(of.Most))
		if err != nil {
			return fmt.Errorf("choose payments: %w", err)
		}
		var conn tenants.Connection
		if acq, conn, err = s.gateways.Acquirer(ctx, tx); err != nil {
			return err
		}
		all, err := read(ctx, tx, ids...)
		entries = nil
		for _, e := range all {
			if e.PID == conn.PID {
				entries = append(entries, e)
			}
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		differences, err := ask(ctx, acq, e)
		if err != nil {
			return found, asked, fmt.Errorf("ask about payment %s: %w", e.Payment, err)
		}
		asked++
		for _, d := range differences {
			found = append(found, Found{Payment: e.Payment, Order: e.Order, Total: e.Amount, Difference: d})
		}
	}
	return found, asked, nil
}
