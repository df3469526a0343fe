package people

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
)

// limit bounds how often something is tried with one subject: so many wrong attempts are free, each further one doubles
// how long nothing is tried, up to the longest wait. A row that nobody touched for a while is forgotten.
type limit struct {
	kind      string
	free      int32
	longest   time.Duration
	forgotten time.Duration
}

var (
	ofAccount = limit{"account", 5, time.Hour, 24 * time.Hour}
	ofAddress = limit{"address", 50, 15 * time.Minute, time.Hour}
)

// network is what attempts of one origin have in common: the IPv4 address, or the network of an IPv6 one.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64)
	return p.String()
}

func (l limit) subject(k *secret.InstallationKey, value string) []byte {
	sum := k.MAC("sign_in_limits."+l.kind, []byte(value))
	return sum[:]
}

// claim counts an attempt as failed before it is made, and refuses one that comes too early.
func (l limit) claim(
	ctx context.Context,
	tx db.SharedTx,
	k *secret.InstallationKey,
	value string,
	now time.Time,
) error {
	n, err := q.SignInTry(ctx, tx, dbsqlc.SignInTryParams{
		Subject: l.subject(k, value), At: now, Forgotten: now.Add(-l.forgotten), Free: l.free,
		LongestSeconds: int32(l.longest / time.Second),
	})
	if err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	if n == 0 {
		return fault.New(CodeSignInLimited, "Too many wrong attempts; wait, then try again.")
	}
	return nil
}

// claimBoth counts an attempt for an account and for where it comes from. It commits before anything is looked up.
func (s *Service) claimBoth(ctx context.Context, k *secret.InstallationKey, account, address string) error {
	now := s.clock.Now()
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := ofAccount.claim(ctx, tx, k, account, now); err != nil {
			return err
		}
		if err := ofAddress.claim(ctx, tx, k, network(address), now); err != nil {
			return err
		}
		if err := s.failed(ctx, k, tx, account); err != nil {
			return err
		}
		return q.SignInForget(ctx, tx.Later(), now.Add(-ofAccount.forgotten))
	})
}

// right takes back what claimBoth has counted.
func (s *Service) right(ctx context.Context, k *secret.InstallationKey, account, address string) error {
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := q.SignInRight(ctx, tx.Later(), ofAccount.subject(k, account)); err != nil {
			return err
		}
		return q.SignInGiveBack(ctx, tx.Later(), ofAddress.subject(k, network(address)))
	})
}
