package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/catalog"
	"zhitong/tenants/stock"
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

func (s *server) ListStock(
	ctx context.Context,
	r apigen.ListStockRequestObject,
) (apigen.ListStockResponseObject, error) {
	p, err := page[id.Product](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Catalog.List(ctx, authn.From(ctx), p, vocabulary.ProductStatus(word(r.Params.Status)),
		value(r.Params.Name))
	if err != nil {
		return nil, err
	}
	of, err := s.Stock.Of(ctx, authn.From(ctx),
		each(found.Items, func(p catalog.Product) id.Product { return p.ID })...)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, func(p catalog.Product) apigen.ProductStock {
		st := of[p.ID]
		return apigen.ProductStock{ProductID: p.ID, ProductName: p.Name, ProductStatus: apigen.ProductStatus(p.Status),
			Available: st.Available, Reserved: st.Reserved, Delivered: st.Delivered, Void: st.Void}
	})
	return apigen.ListStock200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) ImportCardKeys(
	ctx context.Context,
	r apigen.ImportCardKeysRequestObject,
) (apigen.ImportCardKeysResponseObject, error) {
	imp, again, err := s.Stock.Import(ctx, authn.From(ctx), r.ProductID, r.Body.CardKeys, keyIn(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.ImportCardKeys201JSONResponse{
		Body:    wholeImportOf(imp),
		Headers: apigen.ImportCardKeys201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) CreateCardKeyImport(
	ctx context.Context,
	r apigen.CreateCardKeyImportRequestObject,
) (apigen.CreateCardKeyImportResponseObject, error) {
	t, again, err := s.Imports.Create(ctx, authn.From(ctx), keyIn(ctx), r.ProductID, r.Body.FileID)
	if err != nil {
		return nil, err
	}
	return apigen.CreateCardKeyImport202JSONResponse{
		Body:    taskOf(t),
		Headers: apigen.CreateCardKeyImport202ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func cardKeyImportOf(imp stock.Import) apigen.CardKeyImport {
	return apigen.CardKeyImport{
		ID:         imp.ID,
		ProductID:  imp.Product,
		Accepted:   imp.Accepted,
		Duplicates: imp.Duplicates,
		CreatedAt:  clock.Stamp(imp.CreatedAt),
	}
}

// wholeImportOf is an import by itself, with what was left out; in a list there would be too many.
func wholeImportOf(imp stock.Import) apigen.CardKeyImport {
	out := cardKeyImportOf(imp)
	skipped := each(imp.Skipped, func(s stock.Skipped) apigen.CardKeySkipped {
		return apigen.CardKeySkipped{Index: s.Index, Code: apigen.CardKeySkippedCode(s.Code)}
	})
	out.Skipped = &skipped
	return out
}

func (s *server) GetCardKeyImport(
	ctx context.Context,
	r apigen.GetCardKeyImportRequestObject,
) (apigen.GetCardKeyImportResponseObject, error) {
	imp, err := s.Stock.GetImport(ctx, authn.From(ctx), r.CardKeyImportID)
	if err != nil {
		return nil, err
	}
	return apigen.GetCardKeyImport200JSONResponse(wholeImportOf(imp)), nil
}

func (s *server) ListCardKeyImports(
	ctx context.Context,
	r apigen.ListCardKeyImportsRequestObject,
) (apigen.ListCardKeyImportsResponseObject, error) {
	p, err := page[id.CardKeyImport](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Stock.ListImports(ctx, authn.From(ctx), r.ProductID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, cardKeyImportOf)
	return apigen.ListCardKeyImports200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) ListCardKeys(
	ctx context.Context,
	r apigen.ListCardKeysRequestObject,
) (apigen.ListCardKeysResponseObject, error) {
	p, err := page[id.CardKey](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Stock.ListKeys(ctx, authn.From(ctx), r.ProductID, p, stock.KeyFilter{
		Statuses: each(value(r.Params.Status),
			func(v apigen.StockCardKeyStatus) vocabulary.CardKeyStatus { return vocabulary.CardKeyStatus(v) }),
		Import: value(r.Params.ImportID),
	})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, stockCardKeyOf)
	return apigen.ListCardKeys200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) GetCardKey(
	ctx context.Context,
	r apigen.GetCardKeyRequestObject,
) (apigen.GetCardKeyResponseObject, error) {
	k, err := s.Stock.GetKey(ctx, authn.From(ctx), r.CardKeyID)
	if err != nil {
		return nil, err
	}
	return apigen.GetCardKey200JSONResponse(stockCardKeyOf(k)), nil
}

func (s *server) VoidCardKey(
	ctx context.Context,
	r apigen.VoidCardKeyRequestObject,
) (apigen.VoidCardKeyResponseObject, error) {
	k, err := s.Stock.VoidKey(ctx, authn.From(ctx), r.CardKeyID, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return apigen.VoidCardKey200JSONResponse{Body: stockCardKeyOf(k)}, nil
}

func (s *server) VoidCardKeyImport(
	ctx context.Context,
	r apigen.VoidCardKeyImportRequestObject,
) (apigen.VoidCardKeyImportResponseObject, error) {
	n, err := s.Stock.VoidImport(ctx, authn.From(ctx), r.CardKeyImportID, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return apigen.VoidCardKeyImport200JSONResponse{
		Body: apigen.CardKeyImportVoided{ImportID: r.CardKeyImportID, Voided: n},
	}, nil
}

func stockCardKeyOf(k stock.Key) apigen.StockCardKey {
	return apigen.StockCardKey{
		ID:          k.ID,
		ProductID:   k.Product,
		ImportID:    k.Import,
		Status:      apigen.StockCardKeyStatus(k.Status),
		OrderID:     optional(k.Order),
		CreatedAt:   clock.Stamp(k.CreatedAt),
		DeliveredAt: clock.StampOf(k.DeliveredAt),
		VoidedAt:    clock.StampOf(k.VoidedAt),
	}
}
