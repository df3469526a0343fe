// Package requests keeps what was asked of the API, for thirty days: who asked for what, when, and how it was answered.
//
// No request waits for it. What was answered is noted in memory and written about once a second, by one statement for
// each tenant. It promises that a flood costs a bounded part of the memory and of the database: of reads a tenant has
// some kept in each second, and above a bound everything is left out, and counted. What was noted and not yet written
// is lost when the program dies: about a second's worth. What changed something stands in the audit log, too, which
// loses nothing.
package requests

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
)

var q = dbsqlc.New()

// Kept is for how long a request can be read.
const Kept = 30 * 24 * time.Hour

// CodeNotFound is the code for a request that is not there.
const CodeNotFound fault.Code = "request_not_found"

// Faults are the codes this package returns.
func Faults() []fault.Definition {
	return []fault.Definition{{Code: CodeNotFound, Status: http.StatusNotFound, Title: "Request not found",
		TitleZh: "请求不存在",
		Meaning: "The platform has no request with this id: it is older than 30 days, it was a read that was not " +
			"kept because very many came, or it is not written yet, which takes about a second.",
		MeaningZh: "平台没有此标识的请求：已超过 30 天，或因读取请求过多而未保留，或尚未写入（约需一秒）。"}}
}

// Entry is a request that was answered.
type Entry struct {
	ID        id.Request
	Operation string
	Method    string
	Path      string
	Status    int
	Code      string // of the problem; empty: there was none
	Took      time.Duration
	Actor     string // the key, or the member of the session
	Address   string
	Replayed  bool
	Body      []byte // JSON, masked; nil: none
	At        time.Time
}

// Filter narrows a list; empty fields take all.
type Filter struct {
	Failed    bool
	Operation string
	Code      string
	Actor     string
}

// List reads a page of requests, without their bodies.
func (l *Log) List(ctx context.Context, a tenants.Actor, page tenants.Page[id.Request], f Filter) (
	out tenants.PageOf[Entry], err error) {
	err = a.In(ctx, l.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		rows, err := q.APIRequestList(ctx, tx, dbsqlc.APIRequestListParams{
			After: page.Floor(), Before: page.Cursor(), MadeFrom: page.From, MadeUntil: page.MadeUntil(),
			Failed: f.Failed, Operation: f.Operation, Code: f.Code, ActorID: f.Actor,
			OldestFirst: page.OldestFirst, PageSize: page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the requests: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.APIRequestListRow) string { return r.ID.String() },
			func(r dbsqlc.APIRequestListRow) Entry {
				return Entry{ID: r.ID, Operation: r.Operation, Method: r.Method, Path: r.Path, Status: int(r.Status),
					Code: r.Code, Took: time.Duration(r.DurationUs) * time.Microsecond, Actor: r.ActorID,
					Address: r.ClientAddress, Replayed: r.Replayed, At: r.CreatedAt}
			})
		return nil
	})
	return out, err
}

// Get reads a request with its body. It returns request_not_found.
func (l *Log) Get(ctx context.Context, a tenants.Actor, request id.Request) (e Entry, err error) {
	err = a.In(ctx, l.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.APIRequestGet(ctx, tx, request)
		if db.IsNoRows(err) {
			return fault.New(CodeNotFound, "There is no such request.")
		}
		if err != nil {
			return fmt.Errorf("read the request: %w", err)
		}
		e = Entry{ID: r.ID, Operation: r.Operation, Method: r.Method, Path: r.Path, Status: int(r.Status),
			Code: r.Code, Took: time.Duration(r.DurationUs) * time.Microsecond, Actor: r.ActorID,
			Address: r.ClientAddress, Replayed: r.Replayed, Body: r.Body, At: r.CreatedAt}
		return nil
	})
	return e, err
}
