// Package recording takes down the SQL of a paid order from the product itself: one order is created and one is paid by
// the real use cases, and every statement that reaches the driver is kept, with its arguments turned into templates of
// the order's number. The pgbench scripts and the bare program are made from it, so that they cannot say anything else
// than the product does.
package recording

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"zhitong/test/bench/seed"
)

// Statement is one statement with the templates of its arguments. A nil template is NULL.
type Statement struct {
	SQL   string    `json:"sql"`
	Types []string  `json:"types"`
	Args  []*string `json:"args"`
}

// Batch is what travels in one round trip.
type Batch []Statement

// Transaction is a recorded transaction, or several that one use case needs.
type Transaction []Batch

// Statements counts them, BEGIN and COMMIT among them.
func (t Transaction) Statements() (n int) {
	for _, b := range t {
		n += len(b)
	}
	return n
}

// Commits counts the transactions that were committed.
func (t Transaction) Commits() (n int) {
	for _, b := range t {
		for _, s := range b {
			if s.SQL == "commit" {
				n++
			}
		}
	}
	return n
}

// Tracer is a tracer of pgx that takes down what runs with a context of [Tracer.Record].
type Tracer struct{}

type recorderKey struct{}

type recorder struct {
	mu      sync.Mutex
	batches []rawBatch
	err     error
}

type rawStatement struct {
	sql   string
	types []string
	args  []*string // as text
	zone  []*time.Time
}

type rawBatch []rawStatement

// Record runs fn and gives what it sent.
func (Tracer) Record(ctx context.Context, fn func(ctx context.Context) error) (Raw, error) {
	r := &recorder{}
	if err := fn(context.WithValue(ctx, recorderKey{}, r)); err != nil {
		return Raw{}, err
	}
	return Raw{r.batches}, r.err
}

// Raw is a recording with the arguments as they were.
type Raw struct{ batches []rawBatch }

// TraceQueryStart implements pgx.QueryTracer.
func (Tracer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	if d.SQL != "-- ping" { // the pool looks after a connection that was idle
		take(ctx, conn, rawQuery{d.SQL, d.Args})
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (Tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (Tracer) TraceBatchStart(ctx context.Context, conn *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	var all []rawQuery
	for _, q := range d.Batch.QueuedQueries {
		if m := setting.FindStringSubmatch(q.SQL); m != nil {
			all = append(all, rawQuery{"select set_config('" + m[1] + "', $1, true)", []any{m[2]}})
			continue
		}
		all = append(all, rawQuery{q.SQL, q.Arguments})
	}
	take(ctx, conn, all...)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (Tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (Tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

type rawQuery struct {
	sql  string
	args []any
}

// setting is how a transaction says whose it is. SET takes no parameters, and neither pgbench nor the bare program can
// put an order's tenant into its text; what they run in its place has the same effect.
var setting = regexp.MustCompile(`^set local (app\.[a-z_]+) = '([^']*)'$`)

func take(ctx context.Context, conn *pgx.Conn, queries ...rawQuery) {
	r, ok := ctx.Value(recorderKey{}).(*recorder)
	if !ok {
		return
	}
	// asking for the types must not be recorded
	ctx = context.WithValue(ctx, recorderKey{}, nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	var b rawBatch
	for _, q := range queries {
		s, err := describe(ctx, conn, q)
		if err != nil && r.err == nil {
			r.err = err
		}
		b = append(b, s)
	}
	r.batches = append(r.batches, b)
}

var comment = regexp.MustCompile(`(?m)^--.*$\n?`)

// describe asks the server for the types of the parameters and writes the arguments as text.
func describe(ctx context.Context, conn *pgx.Conn, q rawQuery) (rawStatement, error) {
	s := rawStatement{sql: strings.TrimSpace(comment.ReplaceAllString(q.sql, ""))}
	if len(q.args) == 0 {
		return s, nil
	}
	d, err := conn.Prepare(ctx, q.sql, q.sql)
	if err != nil {
		return s, fmt.Errorf("describe %s: %w", s.sql, err)
	}
	m := conn.TypeMap()
	for i, oid := range d.ParamOIDs {
		t, ok := m.TypeForOID(oid)
		name := ""
		if ok {
			name = t.Name
		}
		s.types = append(s.types, name)
		raw, err := m.Encode(oid, pgtype.TextFormatCode, q.args[i], []byte{}) // nil would make an empty text NULL
		if err != nil {
			return s, fmt.Errorf("write argument %d of %s: %w", i+1, s.sql, err)
		}
		var text *string
		if raw != nil {
			text = new(string(raw))
		}
		s.args = append(s.args, text)
		s.zone = append(s.zone, instant(q.args[i]))
	}
	return s, nil
}

func instant(v any) *time.Time {
	switch v := v.(type) {
	case time.Time:
		return &v
	case *time.Time:
		return v
	}
	return nil
}

// Of says which order and tenant a recording is of, and the instant it was made at.
type Of struct {
	Order, Tenant int64
	At            time.Time
}

// fixedSecret stands for random bytes that nobody looks for.
const fixedSecret = `\x000102030405060708090a0b0c0d0e0f`

var (
	anyUUID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anySecret = regexp.MustCompile(`^\\x[0-9a-f]{32}$`)
	// An identifier in text that the program wrote. No expression of SQL makes another one's, so it stays one of its
	// kind.
	anyID     = regexp.MustCompile(`\b([a-z]{3,4}_)[0-7][0-9a-hjkmnp-tv-z]{25}\b`)
	signature = regexp.MustCompile(`([?&]sign=)[^&]*`)
	pageToken = regexp.MustCompile(`(checkout%2F)[A-Za-z0-9_-]{64}`)
)

// Template turns a recording into one of the n-th order: identifiers become {o:kind} (of the order), {t:kind} (of its
// tenant) and {f:k} (the k-th that the transaction made), instants become {now+seconds}.
func (r Raw) Template(of Of) Transaction {
	known := map[string]string{seed.TradeNo(of.Order): "{trade_no}"}
	add := func(u uuid.UUID, token string) {
		known[u.String()] = "{" + token + "}"
		known[strings.ReplaceAll(u.String(), "-", "")] = "{hex:" + token + "}"
	}
	for _, k := range []int{seed.Order, seed.Payment, seed.Reserved} {
		add(seed.UID(k, of.Order), fmt.Sprintf("o:%d", k))
	}
	for _, k := range []int{seed.Tenant, seed.Merchant, seed.Rule, seed.Version, seed.Product, seed.APIKey} {
		add(seed.UID(k, of.Tenant), fmt.Sprintf("t:%d", k))
	}
	fresh := 0
	var out Transaction
	for _, b := range r.batches {
		var batch Batch
		for _, s := range b {
			st := Statement{SQL: s.sql, Types: s.types}
			for i, a := range s.args {
				if a == nil {
					st.Args = append(st.Args, nil)
					continue
				}
				for _, u := range anyUUID.FindAllString(*a, -1) {
					if known[u] == "" {
						add(uuid.MustParse(u), fmt.Sprintf("f:%d", fresh))
						fresh++
					}
				}
				st.Args = append(st.Args, new(template(*a, s.types[i], s.zone[i], of.At, known)))
			}
			batch = append(batch, st)
		}
		out = append(out, batch)
	}
	return out
}

func template(text, typ string, zone *time.Time, at time.Time, known map[string]string) string {
	switch {
	case zone != nil && typ == "timestamptz":
		return fmt.Sprintf("{now%+d}", int64(zone.Sub(at)/time.Second))
	case typ == "bytea" && anySecret.MatchString(text):
		return fixedSecret
	case signature.MatchString(text):
		// An address that was signed: the signature differs from order to order, its length does not matter much.
		text = signature.ReplaceAllString(text, "${1}"+strings.Repeat("s", 350))
		text = pageToken.ReplaceAllString(text, "${1}"+strings.Repeat("c", 64))
	}
	text = anyID.ReplaceAllString(text, "${1}01jfts0d3yfk69tap1383q8ktz")
	for value, token := range known {
		text = strings.ReplaceAll(text, value, token)
	}
	return text
}

// RawStatement is a statement as it was sent, its arguments as text.
type RawStatement struct {
	SQL  string
	Args []any
}

// Statements gives what was sent, in order.
func (r Raw) Statements() (all []RawStatement) {
	for _, b := range r.batches {
		for _, s := range b {
			st := RawStatement{SQL: s.sql}
			for _, a := range s.args {
				if a == nil {
					st.Args = append(st.Args, nil)
				} else {
					st.Args = append(st.Args, *a)
				}
			}
			all = append(all, st)
		}
	}
	return all
}
