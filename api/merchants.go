package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/merchants"
)

func (s *server) ListMerchants(
	ctx context.Context,
	r apigen.ListMerchantsRequestObject,
) (apigen.ListMerchantsResponseObject, error) {
	p, err := page[id.Merchant](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	p.Count = counts(r.Params.Include)
	found, err := s.Merchants.List(ctx, authn.From(ctx), p,
		merchants.Filter{
			Kind:   vocabulary.MerchantKind(word(r.Params.Kind)),
			Status: vocabulary.MerchantStatus(word(r.Params.Status)),
			Name:   value(r.Params.Name),
		})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).merchant)
	return apigen.ListMerchants200JSONResponse{Data: data, NextCursor: next, Total: totalOf(found.Total)}, nil
}

func (s *server) CreateMerchant(
	ctx context.Context,
	r apigen.CreateMerchantRequestObject,
) (apigen.CreateMerchantResponseObject, error) {
	b := r.Body
	m, again, err := s.Merchants.Create(ctx, authn.From(ctx), keyIn(ctx), merchants.NewMerchant{
		Kind: vocabulary.MerchantKind(b.Kind), Name: b.Name, Contact: value(b.Contact),
		Receiver: receiverIn(b.Receiver), Metadata: tenants.Metadata(value(b.Metadata)),
	})
	if err != nil {
		return nil, err
	}
	return apigen.CreateMerchant201JSONResponse{
		Body:    s.seen(ctx).merchant(m),
		Headers: apigen.CreateMerchant201ResponseHeaders{ETag: etag(m.Version), IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetMerchant(
	ctx context.Context,
	r apigen.GetMerchantRequestObject,
) (apigen.GetMerchantResponseObject, error) {
	m, err := s.Merchants.Get(ctx, authn.From(ctx), r.MerchantID)
	if err != nil {
		return nil, err
	}
	return apigen.GetMerchant200JSONResponse{
		Body:    s.seen(ctx).merchant(m),
		Headers: apigen.GetMerchant200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}

func (s *server) UpdateMerchant(
	ctx context.Context,
	r apigen.UpdateMerchantRequestObject,
) (apigen.UpdateMerchantResponseObject, error) {
	b := r.Body
	c := merchants.Change{
		Name:       b.Name,
		Contact:    b.Contact,
		NoReceiver: b.Receiver.IsNull(),
		Metadata:   metadataChange(b.Metadata),
		Match:      match(r.Params.IfMatch),
	}
	if receiver, err := b.Receiver.Get(); err == nil {
		c.Receiver = receiverIn(&receiver)
	}
	m, err := s.Merchants.Update(ctx, authn.From(ctx), r.MerchantID, c)
	if err != nil {
		return nil, err
	}
	return apigen.UpdateMerchant200JSONResponse{
		Body:    s.seen(ctx).merchant(m),
		Headers: apigen.UpdateMerchant200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}

func receiverIn(r *apigen.Receiver) *merchants.Receiver {
	if r == nil {
		return nil
	}
	return &merchants.Receiver{Type: vocabulary.ReceiverType(r.Type), Account: r.Account}
}

func (f fields) merchant(m merchants.Merchant) apigen.Merchant {
	out := apigen.Merchant{
		ID:        m.ID,
		Kind:      apigen.MerchantKind(m.Kind),
		Name:      m.Name,
		Contact:   f.contact(authz.Contact, m.Contact),
		Status:    apigen.MerchantStatus(m.Status),
		Smid:      optional(m.Smid),
		Metadata:  f.metadata(m.Metadata),
		CreatedAt: clock.Stamp(m.CreatedAt),
	}
	if m.Receiver != nil {
		out.Receiver = &apigen.Receiver{
			Type:    apigen.ReceiverType(m.Receiver.Type),
			Account: f.contact(authz.AlipayAccount, m.Receiver.Account),
		}
	}
	return out
}

func (s *server) SuspendMerchant(
	ctx context.Context,
	r apigen.SuspendMerchantRequestObject,
) (apigen.SuspendMerchantResponseObject, error) {
	m, err := s.Merchants.Suspend(ctx, authn.From(ctx), r.MerchantID)
	if err != nil {
		return nil, err
	}
	return apigen.SuspendMerchant200JSONResponse{
		Body:    s.seen(ctx).merchant(m),
		Headers: apigen.SuspendMerchant200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}

func (s *server) ReactivateMerchant(
	ctx context.Context,
	r apigen.ReactivateMerchantRequestObject,
) (apigen.ReactivateMerchantResponseObject, error) {
	m, err := s.Merchants.Reactivate(ctx, authn.From(ctx), r.MerchantID)
	if err != nil {
		return nil, err
	}
	return apigen.ReactivateMerchant200JSONResponse{
		Body:    s.seen(ctx).merchant(m),
		Headers: apigen.ReactivateMerchant200ResponseHeaders{ETag: etag(m.Version)},
	}, nil
}
