package people

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
)

// limit bounds how often something is tried with one subject: so many wrong attempts are free, each further one doubles
// how long nothing is tried, up to the longest wait. A row that nobody touched for a while is forgotten, unless the
// limit counts in a row and this was the second attempt of it: a single one of each address that somebody makes up is
// not worth a row for a year.
type limit struct {
	kind      string
	free      int32
	longest   time.Duration
	forgotten time.Duration
	most      int32 // in a row, ever; 0: no end
}

var (
	ofAccount = limit{"account", 5, time.Hour, 24 * time.Hour, InARow}
	ofAddress = limit{"address", 50, 15 * time.Minute, time.Hour, 0}
	ofCode    = limit{"code", 5, time.Hour, 24 * time.Hour, 0} // beside the link of a recovery
)

const (
	// InARow is how many wrong passwords are taken in a row, however slowly they come (NIST SP 800-63B-4, 3.2.2). After
	// them a passkey lets in, or a new password by mail.
	InARow = 100
	// lastingFor is how long it is remembered that somebody was wrong in a row.
	lastingFor = 365 * 24 * time.Hour
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
	most := l.most
	if most == 0 {
		most = math.MaxInt32
	}
	n, err := q.SignInTry(ctx, tx, dbsqlc.SignInTryParams{
		Subject: l.subject(k, value), At: now, Forgotten: now.Add(-l.forgotten), Free: l.free, Most: most,
		LongestSeconds: int32(l.longest / time.Second), InARow: l.most > 0,
	})
	if err != nil {
		return fmt.Errorf("count the attempt: %w", err)
	}
	if n == 0 && l.most > 0 {
		had, err := q.SignInFailures(ctx, tx, l.subject(k, value))
		if err != nil {
			return fmt.Errorf("read how often it failed: %w", err)
		}
		if had >= l.most {
			return fault.New(CodePasswordBlocked, "The password was wrong %d times in a row.", l.most)
		}
	}
	if n == 0 {
		return fault.New(CodeSignInLimited, "Too many wrong attempts; wait, then try again.")
	}
	return nil
}

// claimBoth counts an attempt for an account and for where it comes from. It commits before anything is looked up.
func (s *Service) claimBoth(
	ctx context.Context,
	k *secret.InstallationKey,
	of limit,
	account, address string,
) error {
	now := s.clock.Now()
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := of.claim(ctx, tx, k, account, now); err != nil {
			return err
		}
		if err := ofAddress.claim(ctx, tx, k, network(address), now); err != nil {
			return err
		}
		if of == ofAccount {
			if err := s.failed(ctx, k, tx, account); err != nil {
				return err
			}
		}
		return q.SignInForget(ctx, tx.Later(), now.Add(-ofAccount.forgotten), now.Add(-lastingFor))
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

// anew begins to count anew for somebody who has a new password.
func (s *Service) anew(ctx context.Context, tx db.SharedTx, k *secret.InstallationKey, p Person) error {
	return errors.Join(
		q.SignInRight(ctx, tx.Later(), ofAccount.subject(k, p.Email)),
		q.SignInRight(ctx, tx.Later(), ofAccount.subject(k, p.ID.String())),
		q.SignInRight(ctx, tx.Later(), ofCode.subject(k, p.Email)))
}
