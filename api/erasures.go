package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/tenants/contacts"
)

func (s *server) EraseContact(
	ctx context.Context,
	r apigen.EraseContactRequestObject,
) (apigen.EraseContactResponseObject, error) {
	e, err := s.Contacts.Erase(ctx, authn.From(ctx), contacts.Person{
		BuyerContact: value(r.Body.BuyerContact), Merchant: value(r.Body.MerchantID),
	})
	if err != nil {
		return nil, err
	}
	return apigen.EraseContact201JSONResponse{Body: erasureOf(e)}, nil
}

func (s *server) GetErasure(
	ctx context.Context,
	r apigen.GetErasureRequestObject,
) (apigen.GetErasureResponseObject, error) {
	e, err := s.Contacts.Erasure(ctx, authn.From(ctx), r.ErasureID)
	if err != nil {
		return nil, err
	}
	return apigen.GetErasure200JSONResponse(erasureOf(e)), nil
}

func erasureOf(e contacts.Erasure) apigen.Erasure {
	return apigen.Erasure{
		ID:            e.ID,
		Subject:       apigen.ErasureSubject(e.Subject),
		MerchantID:    optional(e.Merchant),
		Status:        apigen.ErasureStatus(e.Status),
		OrdersErased:  e.Erased,
		OrdersWaiting: e.Waiting,
		CreatedAt:     clock.Stamp(e.CreatedAt),
		DoneAt:        clock.StampOf(e.DoneAt),
	}
}
