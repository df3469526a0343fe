package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/catalog"
)

func (s *server) ListProducts(
	ctx context.Context,
	r apigen.ListProductsRequestObject,
) (apigen.ListProductsResponseObject, error) {
	p, err := page[id.Product](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Catalog.List(ctx, authn.From(ctx), p, vocabulary.ProductStatus(word(r.Params.Status)),
		value(r.Params.Name))
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).product)
	return apigen.ListProducts200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateProduct(
	ctx context.Context,
	r apigen.CreateProductRequestObject,
) (apigen.CreateProductResponseObject, error) {
	b := r.Body
	p, again, err := s.Catalog.Create(ctx, authn.From(ctx), keyIn(ctx), catalog.NewProduct{
		Name: b.Name, Price: b.PriceFen, Supplier: b.SupplierID, MerchantOfRecord: b.MerchantOfRecordID,
		SplitRule: b.SplitRuleID, Metadata: tenants.Metadata(value(b.Metadata)),
	})
	if err != nil {
		return nil, err
	}
	return apigen.CreateProduct201JSONResponse{
		Body:    s.seen(ctx).product(p),
		Headers: apigen.CreateProduct201ResponseHeaders{ETag: etag(p.Version), IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetProduct(
	ctx context.Context,
	r apigen.GetProductRequestObject,
) (apigen.GetProductResponseObject, error) {
	p, err := s.Catalog.Get(ctx, authn.From(ctx), r.ProductID)
	if err != nil {
		return nil, err
	}
	return apigen.GetProduct200JSONResponse{
		Body:    s.seen(ctx).product(p),
		Headers: apigen.GetProduct200ResponseHeaders{ETag: etag(p.Version)},
	}, nil
}

func (s *server) UpdateProduct(
	ctx context.Context,
	r apigen.UpdateProductRequestObject,
) (apigen.UpdateProductResponseObject, error) {
	b := r.Body
	p, err := s.Catalog.Update(ctx, authn.From(ctx), r.ProductID,
		catalog.Change{
			Name:      b.Name,
			Price:     b.PriceFen,
			Status:    (*vocabulary.ProductStatus)(b.Status),
			SplitRule: b.SplitRuleID,
			Metadata:  metadataChange(b.Metadata),
			Match:     match(r.Params.IfMatch),
		})
	if err != nil {
		return nil, err
	}
	return apigen.UpdateProduct200JSONResponse{
		Body:    s.seen(ctx).product(p),
		Headers: apigen.UpdateProduct200ResponseHeaders{ETag: etag(p.Version)},
	}, nil
}

func (f fields) product(p catalog.Product) apigen.Product {
	return apigen.Product{
		ID:                 p.ID,
		Name:               p.Name,
		Status:             apigen.ProductStatus(p.Status),
		PriceFen:           p.Price,
		Currency:           apigen.CNY,
		SupplierID:         p.Supplier,
		MerchantOfRecordID: p.MerchantOfRecord,
		SplitRuleID:        p.SplitRule,
		Metadata:           f.metadata(p.Metadata),
		CreatedAt:          clock.Stamp(p.CreatedAt),
	}
}
