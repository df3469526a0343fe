package db_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db"
	"zhitong/db/dbtest"
)

// TestViolates (rule T3) recognises a constraint by its name, and by the message when the name did not arrive.
func TestViolates(t *testing.T) {
	t.Parallel()
	const (
		pkey    = "idempotency_keys_pkey"
		message = `duplicate key value violates unique constraint "idempotency_keys_pkey_102033"`
	)
	for _, c := range []struct {
		name string
		err  pgconn.PgError
		want bool
	}{
		{"one Postgres", pgconn.PgError{Code: "23505", ConstraintName: pkey, Message: "…"}, true},
		{"another constraint", pgconn.PgError{Code: "23505", ConstraintName: pkey + "_2", Message: message}, false},
		{"a shard's", pgconn.PgError{Code: "23505", Message: message}, true},
		{"a foreign key of a shard", pgconn.PgError{Code: "23503",
			Message: `insert on table "idempotency_keys_102033" violates foreign key constraint ` +
				`"idempotency_keys_pkey_7"`}, true},
		{"a longer name", pgconn.PgError{Code: "23505", Message: `… constraint "idempotency_keys_pkey_old_102033"`},
			false},
		{"no number", pgconn.PgError{Code: "23505", Message: `… constraint "idempotency_keys_pkey_"`}, false},
		{"outside quotation marks", pgconn.PgError{Code: "23505", Message: `x "y" idempotency_keys_pkey "z"`}, false},
		{"another class", pgconn.PgError{Code: "42501", Message: message}, false},
		{"a condition", pgconn.PgError{Code: "ZT001", Message: "required: x", Detail: pkey}, true},
		{"another condition", pgconn.PgError{Code: "ZT001", Message: "required: " + pkey, Detail: "other"}, false},
	} {
		if have := db.Violates(fmt.Errorf("query X: %w", &c.err), pkey); have != c.want {
			t.Errorf("%s: %v", c.name, have)
		}
	}
}

// TestRequireSaysItsConditionTwice (rule T3): as the constraint and in the detail.
func TestRequireSaysItsConditionTwice(t *testing.T) {
	t.Parallel()
	err := dbtest.NewDB(t).Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		_, err := tx.Exec(ctx, "SELECT app.require(false, 'some_condition')")
		return err
	})
	pe, ok := errorAs(err)
	if !ok || pe.ConstraintName != "some_condition" || pe.Detail != "some_condition" ||
		!db.Violates(err, "some_condition") {
		t.Errorf("%+v", pe)
	}
}

// TestShardNotCommittedIsUnavailable (rule T3).
func TestShardNotCommittedIsUnavailable(t *testing.T) {
	t.Parallel()
	const text = "could not commit transaction for shard 102033 on at least one active node"
	if !db.IsUnavailable(fmt.Errorf("commit: %w", &pgconn.PgError{Code: "XX000", Message: text})) {
		t.Error("a transaction that a node did not commit is no outage")
	}
	if db.IsUnavailable(&pgconn.PgError{Code: "XX000", Message: "something else"}) {
		t.Error("every internal error is an outage")
	}
}
