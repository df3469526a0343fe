package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/id"
	"zhitong/tenants/catalog"
	"zhitong/tenants/splits"
)

func (s *server) ListSplitRules(ctx context.Context, r apigen.ListSplitRulesRequestObject) (apigen.ListSplitRulesResponseObject, error) {
	p, err := page[id.SplitRule](r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Splits.List(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(found, splitRuleOf)
	return apigen.ListSplitRules200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateSplitRule(ctx context.Context, r apigen.CreateSplitRuleRequestObject) (apigen.CreateSplitRuleResponseObject, error) {
	key, err := keyOf(r.Params.IdempotencyKey, r.Body)
	if err != nil {
		return nil, err
	}
	rule, again, err := s.Splits.Create(ctx, authn.From(ctx), splits.RuleInput{Name: r.Body.Name, Parts: each(r.Body.Parts, partIn), Key: key})
	if err != nil {
		return nil, err
	}
	return apigen.CreateSplitRule201JSONResponse{Body: splitRuleOf(rule), Headers: apigen.CreateSplitRule201ResponseHeaders{IdempotencyReplayed: replayed(again)}}, nil
}

func (s *server) GetSplitRule(ctx context.Context, r apigen.GetSplitRuleRequestObject) (apigen.GetSplitRuleResponseObject, error) {
	rule, err := s.Splits.Get(ctx, authn.From(ctx), r.SplitRuleID)
	if err != nil {
		return nil, err
	}
	return apigen.GetSplitRule200JSONResponse(splitRuleOf(rule)), nil
}

func (s *server) PublishSplitRuleVersion(ctx context.Context, r apigen.PublishSplitRuleVersionRequestObject) (apigen.PublishSplitRuleVersionResponseObject, error) {
	rule, err := s.Splits.Publish(ctx, authn.From(ctx), r.SplitRuleID, each(r.Body.Parts, partIn))
	if err != nil {
		return nil, err
	}
	return apigen.PublishSplitRuleVersion201JSONResponse(splitRuleOf(rule)), nil
}

func partIn(p apigen.SplitPartRule) splits.PartRule {
	return splits.PartRule{Receiver: string(p.Receiver), Merchant: value(p.MerchantID), Rate: value(p.RateBps), Fixed: value(p.FixedFen), Floor: value(p.FloorFen), Cap: value(p.CapFen)}
}

func splitRuleOf(r splits.Rule) apigen.SplitRule {
	return apigen.SplitRule{ID: r.ID, Name: r.Name, Version: r.Version, VersionID: r.VersionID, MaxSplitBps: r.MaxSplit, CreatedAt: r.CreatedAt,
		Parts: each(r.Parts, func(p splits.PartRule) apigen.SplitPartRule {
			return apigen.SplitPartRule{Receiver: apigen.SplitPartRuleReceiver(p.Receiver), MerchantID: optional(p.Merchant), RateBps: optional(p.Rate),
				FixedFen: optional(p.Fixed), FloorFen: optional(p.Floor), CapFen: optional(p.Cap)}
		})}
}

func (s *server) ListProducts(ctx context.Context, r apigen.ListProductsRequestObject) (apigen.ListProductsResponseObject, error) {
	p, err := page[id.Product](r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Catalog.List(ctx, authn.From(ctx), p, word(r.Params.Status))
	if err != nil {
		return nil, err
	}
	data, next := list(found, productOf)
	return apigen.ListProducts200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateProduct(ctx context.Context, r apigen.CreateProductRequestObject) (apigen.CreateProductResponseObject, error) {
	key, err := keyOf(r.Params.IdempotencyKey, r.Body)
	if err != nil {
		return nil, err
	}
	b := r.Body
	p, again, err := s.Catalog.Create(ctx, authn.From(ctx), key, catalog.NewProduct{
		Name: b.Name, Price: b.PriceFen, Supplier: b.SupplierID, MerchantOfRecord: b.MerchantOfRecordID, SplitRule: b.SplitRuleID,
	})
	if err != nil {
		return nil, err
	}
	return apigen.CreateProduct201JSONResponse{Body: productOf(p), Headers: apigen.CreateProduct201ResponseHeaders{IdempotencyReplayed: replayed(again)}}, nil
}

func (s *server) GetProduct(ctx context.Context, r apigen.GetProductRequestObject) (apigen.GetProductResponseObject, error) {
	p, err := s.Catalog.Get(ctx, authn.From(ctx), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apigen.GetProduct200JSONResponse(productOf(p)), nil
}

func (s *server) UpdateProduct(ctx context.Context, r apigen.UpdateProductRequestObject) (apigen.UpdateProductResponseObject, error) {
	b := r.Body
	p, err := s.Catalog.Update(ctx, authn.From(ctx), r.ProductID, catalog.Change{Name: b.Name, Price: b.PriceFen, Status: optional(word(b.Status)), SplitRule: b.SplitRuleID})
	if err != nil {
		return nil, err
	}
	return apigen.UpdateProduct200JSONResponse(productOf(p)), nil
}

func productOf(p catalog.Product) apigen.Product {
	return apigen.Product{ID: p.ID, Name: p.Name, Status: apigen.ProductStatus(p.Status), PriceFen: p.Price, Currency: apigen.CNY, SupplierID: p.Supplier,
		MerchantOfRecordID: p.MerchantOfRecord, SplitRuleID: p.SplitRule, CreatedAt: p.CreatedAt}
}

func (s *server) GetStock(ctx context.Context, r apigen.GetStockRequestObject) (apigen.GetStockResponseObject, error) {
	st, err := s.CardKeys.Stock(ctx, authn.From(ctx), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apigen.GetStock200JSONResponse{ProductID: r.ProductID, Available: st.Available, Reserved: st.Reserved, Delivered: st.Delivered, Void: st.Void}, nil
}

func (s *server) ImportCardKeys(ctx context.Context, r apigen.ImportCardKeysRequestObject) (apigen.ImportCardKeysResponseObject, error) {
	key, err := keyOf(r.Params.IdempotencyKey, r.ProductID, r.Body)
	if err != nil {
		return nil, err
	}
	imp, again, err := s.CardKeys.Import(ctx, authn.From(ctx), r.ProductID, r.Body.CardKeys, key)
	if err != nil {
		return nil, err
	}
	return apigen.ImportCardKeys201JSONResponse{
		Body:    apigen.CardKeyImport{ID: imp.ID, ProductID: imp.ProductID, Accepted: imp.Accepted, Duplicates: imp.Duplicates, CreatedAt: imp.CreatedAt},
		Headers: apigen.ImportCardKeys201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}
