package tenants

import (
	"context"

	"zhitong/alipay"
	"zhitong/db"
)

// CheckConnection examines the tenant's connection to Alipay: keys and certificates, the clock, whether a signed probe is understood, and which products
// are signed. Every finding says what to do. It returns alipay_connection_missing.
func (s *Service) CheckConnection(ctx context.Context, a Actor) ([]alipay.Finding, error) {
	var client *alipay.Client
	err := a.In(ctx, s.DB, func(ctx context.Context, tx db.TenantTx) (err error) {
		client, _, err = s.Gateways.Client(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return client.Doctor(ctx, alipay.DoctorOptions{}), nil
}
