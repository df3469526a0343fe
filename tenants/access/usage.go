package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// UsageEvery is how often it is written when a key was used last: the time that a key shows is that old at most, twice.
const UsageEvery = time.Minute

// usage remembers when keys were used until that is written. No request waits for the writing.
type usage struct {
	mu   sync.Mutex
	last map[id.Tenant]map[id.APIKey]time.Time
	size int
}

// saw notes that a key is used. When very many are, some are not noted this time.
func (u *usage) saw(a tenants.Actor, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	keys := u.last[a.Tenant]
	if _, known := keys[id.APIKey(a.Caller.ID())]; !known {
		if u.size >= cacheMax {
			return
		}
		u.size++
	}
	if keys == nil {
		keys = map[id.APIKey]time.Time{}
		if u.last == nil {
			u.last = map[id.Tenant]map[id.APIKey]time.Time{}
		}
		u.last[a.Tenant] = keys
	}
	keys[id.APIKey(a.Caller.ID())] = at
}

// take empties the notes.
func (u *usage) take() map[id.Tenant]map[id.APIKey]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.last
	u.last, u.size = nil, 0
	return last
}

// WriteUsage writes when keys were used last, of one key at most once in [UsageEvery]. A tenant that fails does not
// keep it from the others; its keys are noted again when they are used again.
func (s *Service) WriteUsage(ctx context.Context) error {
	var failed []error
	for tenant, keys := range s.usage.take() {
		err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			for key, at := range keys {
				if err := q.APIKeyUsed(ctx, tx.Later(), at, key, at.Add(-UsageEvery)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("write when the keys of %s were used: %w", tenant, err))
		}
	}
	return errors.Join(failed...)
}

// KeepUsage calls WriteUsage every [UsageEvery] until ctx ends.
func (s *Service) KeepUsage(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(UsageEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.WriteUsage(ctx); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "the use of API keys was not written", "error", err)
			}
		}
	}
}

// ends is the expiry as the cache compares it: the zero time for never.
func ends(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}
