package splits

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
)

// bindReceivers makes the receivers of a rule known to the acquirer before the rule can be published: an account that
// does not exist, or is not of that name, would fail each split after the order was sold. Binding twice is harmless.
// Phased. It returns receiver_refused, alipay_unavailable and alipay_connection_missing; who has no receiver is found
// when the rule is written.
func (s *Service) bindReceivers(ctx context.Context, tenant id.Tenant, parts []PartRule) error {
	var acq acquiring.Acquirer
	var unbound []part
	names := map[id.Merchant]string{}
	at := map[id.Merchant]int{}
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		unbound = nil
		known, err := s.receivers(ctx, tx, parts)
		if err != nil {
			return err
		}
		for i, p := range parts {
			m, ok := known[p.Merchant]
			if !ok || m.account == "" || m.ReceiverBoundAt != nil {
				continue
			}
			names[m.ID], at[m.ID] = m.Name, i
			unbound = append(unbound, part{account: m.account, now: &m, SplitPart: dbsqlc.SplitPart{
				Receiver: ReceiverMerchant, MerchantID: m.ID, ReceiverType: *m.ReceiverType}})
		}
		if len(unbound) == 0 {
			return nil
		}
		acq, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range unbound {
		err := s.bindAt(ctx, acq, p, names)
		if acquiring.IsRefused(err) && !acquiring.IsRefused(err, acquiring.Unrecognized, acquiring.NotLookedAt) {
			return fault.New(CodeReceiverRefused, "Alipay refused the receiver of merchant %s: %s.", p.MerchantID,
				acquiring.Words(err)).At(fmt.Sprintf("/parts/%d/merchant_id", at[p.MerchantID]), "receiver_refused",
				"Alipay does not take this merchant's account as a receiver.").Because(err)
		}
		if err != nil {
			return tenants.GatewayFault(err)
		}
		s.step("receiver bound")
		if err := s.bound(ctx, tenant, *p.now); err != nil {
			return err
		}
	}
	return nil
}

// bindAt makes a receiver known to the acquirer. Whether a call whose answer was lost, or says nothing, has done so is
// asked for: the error is the call's when the acquirer does not know the receiver, or cannot be asked.
func (s *Service) bindAt(ctx context.Context, acq acquiring.Acquirer, p part, names map[id.Merchant]string) error {
	r := receiverOf(p, names)
	err := acq.Settle.Bind(ctx, bindNo(p), r)
	if acquiring.OutcomeOf(err) != acquiring.OutcomeUnknown {
		return err
	}
	s.step("ask bound")
	known, qerr := acq.Settle.Bound(ctx, bindNo(p), r)
	if qerr != nil {
		s.log.WarnContext(ctx, "not asked whether a receiver is bound", "merchant", p.MerchantID, "error", qerr)
	}
	if known {
		return nil
	}
	return err
}
