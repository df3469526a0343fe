package queue

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// unwatched are those of some payments that no job asks about, nor did until it was given up: that one is taken up
// again by itself.
const unwatched = `SELECT i FROM unnest($1::uuid[]) i WHERE NOT EXISTS (SELECT FROM river.river_job j WHERE j.kind = $2 AND j.queue = $3
   AND j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled', 'discarded') AND j.args->>'payment_id' = i::text)`

// UnwatchedPayments are those of the payments that have no PaymentWatch.
func UnwatchedPayments(ctx context.Context, w dbsqlc.DBTX, payments []id.Payment) ([]id.Payment, error) {
	rows, err := w.Query(ctx, unwatched, payments, PaymentWatch{}.Kind(), QueuePayments)
	if err != nil {
		return nil, fmt.Errorf("look for jobs that watch payments: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[id.Payment])
	if err != nil {
		return nil, fmt.Errorf("look for jobs that watch payments: %w", err)
	}
	return found, nil
}
