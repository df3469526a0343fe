package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/internal/id"
)

// The settings by which row-level security tells whose transaction it is.
const (
	settingTenant   = "app.tenant_id"
	settingMerchant = "app.merchant_id"
)

// opening queues what begins a transaction of a tenant. Each setting is a SET LOCAL of its own, never set_config, so
// that a cluster that is distributed by tenant passes it on to the tenant's node (docs/scaling.md, rule T1).
func opening(tenant id.Tenant, merchant id.Merchant) func(*pgx.Batch) {
	return func(b *pgx.Batch) {
		b.Queue("begin")
		queueSetting(b, settingTenant, tenant.UUID().String())
		if !merchant.IsZero() { // LOCAL ends with the transaction: nothing is left to take back
			queueSetting(b, settingMerchant, merchant.UUID().String())
		}
	}
}

// queueSetting takes the canonical text of a UUID, which needs no quoting, or nothing.
func queueSetting(b *pgx.Batch, setting, uuid string) {
	b.Queue("set local "+setting+" = '"+uuid+"'", unprepared(setting))
}

// unprepared is an option of a queued statement: its text is sent as it is, in the same round trip, and never prepared
// under a name. SET takes no parameters, so its text differs from tenant to tenant: prepared like other statements,
// each new tenant would cost a round trip and a place in the connection's cache.
//
// pgx has no such option for a batch. It does look a statement's text up among those that were prepared by hand, and
// sends one whose name is empty as it is; so each connection keeps one such description per setting, and this rewriter
// puts the text in. TestOpeningIsNotPrepared holds pgx to it.
type unprepared string

// RewriteQuery implements pgx.QueryRewriter.
func (u unprepared) RewriteQuery(_ context.Context, c *pgx.Conn, sql string, _ []any) (string, []any, error) {
	d, ok := c.PgConn().CustomData()[string(u)].(*pgconn.StatementDescription)
	if !ok {
		return "", nil, errors.New("db: a connection that was not made by Open")
	}
	d.SQL = sql
	return string(u), nil, nil
}

// describeSettings prepares a connection for unprepared. It leaves nothing prepared on the server, in one transaction,
// so that a PgBouncer that gives each transaction another server connection sees no name twice.
func describeSettings(ctx context.Context, c *pgx.Conn) error {
	if _, err := c.PgConn().Exec(ctx, "begin").ReadAll(); err != nil {
		return fmt.Errorf("set up a connection: %w", err)
	}
	for _, setting := range []string{settingTenant, settingMerchant} {
		d, err := c.Prepare(ctx, setting, "set local "+setting+" = ''")
		if err != nil {
			return fmt.Errorf("describe the setting %s: %w", setting, err)
		}
		if err := c.PgConn().Deallocate(ctx, d.Name); err != nil {
			return fmt.Errorf("describe the setting %s: %w", setting, err)
		}
		d.Name = ""
		c.PgConn().CustomData()[setting] = d
	}
	if _, err := c.PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
		return fmt.Errorf("set up a connection: %w", err)
	}
	return nil
}
