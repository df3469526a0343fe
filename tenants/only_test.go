package tenants_test

import (
	"context"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
)

// TestOnlyGateway: a program that talks to one gateway refuses a connection to another, when it is made and when one
// that is there is used. The control is the same program without that bound.
func TestOnlyGateway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for only, fine := range map[string]bool{"": true, b.URL + "/gateway.do": true, "https://elsewhere.example": false} {
		g := tenants.NewGateways(tenants.GatewaysConfig{Pool: zft.NewPool(alipay.Options{Clock: b.Clock}),
			Vault: b.Vault, Clock: b.Clock, Only: only})
		b.In(func(ctx context.Context, tx db.TenantTx) {
			_, _, err := g.Acquirer(ctx, tx)
			if fine {
				wantCode(t, err, "")
			} else {
				wantCode(t, err, tenants.CodeAlipayConnectionMissing)
			}
			if fine && err != nil {
				t.Errorf("only %q: %v", only, err)
			}
		})
		svc := tenants.New(tenants.Config{DB: b.DB, Vault: b.Vault, Gateways: g, Clock: b.Clock,
			SimulatorGatewayURL: b.URL + "/gateway.do"})
		_, err := svc.PutConnection(t.Context(), b.Actor, tenants.Match{}, b.Credentials())
		if fine {
			wantCode(t, err, "")
		} else {
			wantCode(t, err, tenants.CodeInvalidRequest)
		}
	}
}
