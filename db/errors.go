package db

import (
	"errors"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// IsNoRows tells that a query for one row found none.
func IsNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// codeRequire is the SQLSTATE of app.require.
const codeRequire = "ZT001"

// Violates tells that a write was refused by the named constraint or unique index, or by a condition of app.require.
//
// Of an error on another node of a distributed database neither arrives as the error's constraint (docs/scaling.md,
// rule T3): a constraint stands in the message, with the number of the shard, and a condition in the detail.
func Violates(err error, constraint string) bool {
	pe, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok || constraint == "":
		return false
	case pe.ConstraintName != "":
		return pe.ConstraintName == constraint
	case pe.Code == codeRequire:
		return pe.Detail == constraint
	case strings.HasPrefix(pe.Code, "23"): // integrity constraint violation
		return quotes(pe.Message, constraint)
	}
	return false
}

// quotes tells whether a message names the constraint in quotation marks, with or without a shard's number.
func quotes(message, constraint string) bool {
	for i, part := range strings.Split(message, `"`) {
		rest, ok := strings.CutPrefix(part, constraint)
		if i%2 == 0 || !ok {
			continue
		}
		number, ok := strings.CutPrefix(rest, "_")
		if rest == "" || (ok && number != "" && strings.Trim(number, "0123456789") == "") {
			return true
		}
	}
	return false
}

// shardNotCommitted is how Citus begins the message of a transaction that a node did not commit; its SQLSTATE is the
// one of every internal error.
const shardNotCommitted = "could not commit transaction for shard"

// IsUnavailable tells that the database is away, shutting down, read-only or full: nothing wrong with the request,
// which can be repeated.
func IsUnavailable(err error) bool {
	if err == nil {
		return false
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		// 08 connection, 57P shutdown, 53 resources, 25006 read-only
		return strings.HasPrefix(pe.Code, "08") || strings.HasPrefix(pe.Code, "57P") ||
			strings.HasPrefix(pe.Code, "53") ||
			pe.Code == "25006" ||
			pe.Code == "XX000" && strings.HasPrefix(pe.Message, shardNotCommitted)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, isNet := errors.AsType[net.Error](err)
	return isNet || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") ||
		strings.Contains(err.Error(), "unexpected EOF")
}
