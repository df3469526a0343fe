package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
)

func (s *server) GetStock(ctx context.Context, r apigen.GetStockRequestObject) (apigen.GetStockResponseObject, error) {
	st, err := s.Stock.Stock(ctx, authn.From(ctx), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apigen.GetStock200JSONResponse{
		ProductID: r.ProductID,
		Available: st.Available,
		Reserved:  st.Reserved,
		Delivered: st.Delivered,
		Void:      st.Void,
	}, nil
}

func (s *server) ImportCardKeys(
	ctx context.Context,
	r apigen.ImportCardKeysRequestObject,
) (apigen.ImportCardKeysResponseObject, error) {
	key, err := keyOf(r.Params.IdempotencyKey, r.ProductID, r.Body)
	if err != nil {
		return nil, err
	}
	imp, again, err := s.Stock.Import(ctx, authn.From(ctx), r.ProductID, r.Body.CardKeys, key)
	if err != nil {
		return nil, err
	}
	return apigen.ImportCardKeys201JSONResponse{
		Body: apigen.CardKeyImport{
			ID:         imp.ID,
			ProductID:  imp.ProductID,
			Accepted:   imp.Accepted,
			Duplicates: imp.Duplicates,
			CreatedAt:  imp.CreatedAt,
		},
		Headers: apigen.ImportCardKeys201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}
