package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"zhitong/db/dbsqlc"
)

// lost are those of some arguments, by their place from 1, that no job has which is to be worked, nor had until it was
// given up: what was given up is taken up again, or not, by its own rules.
const lost = `SELECT w.place
FROM unnest($1::text[]) WITH ORDINALITY w (args, place)
WHERE NOT EXISTS (
    SELECT
    FROM river.river_job j
    WHERE j.kind = $2
      AND j.args @> w.args::jsonb
      AND j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled', 'discarded')
)`

// Lost are those of the wanted jobs, whatever their kinds, that are not there.
func Lost(ctx context.Context, r dbsqlc.DBTX, wanted []JobArgs) ([]JobArgs, error) {
	byKind := map[string][]int{}
	for i, a := range wanted {
		byKind[a.Kind()] = append(byKind[a.Kind()], i)
	}
	var all []JobArgs
	for kind, places := range byKind {
		args := make([]string, len(places))
		for i, p := range places {
			raw, err := json.Marshal(wanted[p])
			if err != nil {
				return nil, fmt.Errorf("write the arguments of %s: %w", kind, err)
			}
			args[i] = string(raw)
		}
		rows, err := r.Query(ctx, lost, args, kind)
		if err != nil {
			return nil, fmt.Errorf("look for jobs of the kind %s: %w", kind, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return nil, fmt.Errorf("look for jobs of the kind %s: %w", kind, err)
		}
		for _, n := range found {
			all = append(all, wanted[places[n-1]])
		}
	}
	return all, nil
}
