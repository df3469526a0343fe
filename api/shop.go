package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/checkout"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/shops"
)

func (s *server) GetShop(ctx context.Context, _ apigen.GetShopRequestObject) (apigen.GetShopResponseObject, error) {
	a := authn.From(ctx)
	found, err := s.Shops.Get(ctx, a)
	if err != nil {
		return nil, err
	}
	return apigen.GetShop200JSONResponse{Body: shopOf(a.Tenant, found),
		Headers: apigen.GetShop200ResponseHeaders{ETag: etag(found.Version)}}, nil
}

func (s *server) PutShop(ctx context.Context, r apigen.PutShopRequestObject) (apigen.PutShopResponseObject, error) {
	a, b := authn.From(ctx), r.Body
	made, err := s.Shops.Put(ctx, a, shops.Shop{Name: value(b.Name), Accent: value(b.Accent), Notice: value(b.Notice),
		ServiceHours: value(b.ServiceHours), ServiceContact: value(b.ServiceContact)}, match(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return apigen.PutShop200JSONResponse{Body: shopOf(a.Tenant, made),
		Headers: apigen.PutShop200ResponseHeaders{ETag: etag(made.Version)}}, nil
}

func (s *server) GetShopColors(
	_ context.Context,
	r apigen.GetShopColorsRequestObject,
) (apigen.GetShopColorsResponseObject, error) {
	return apigen.GetShopColors200JSONResponse(colorsOf(r.Params.Accent)), nil
}

func (s *server) PutShopLogo(
	ctx context.Context,
	r apigen.PutShopLogoRequestObject,
) (apigen.PutShopLogoResponseObject, error) {
	content, err := io.ReadAll(io.LimitReader(r.Body, shops.LogoBytesMax+1))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	if err != nil {
		return nil, fault.New(tenants.CodeInvalidRequest, "The body could not be read to its end.").Because(err)
	}
	a := authn.From(ctx)
	made, err := s.Shops.PutLogo(ctx, a, content)
	if err != nil {
		return nil, err
	}
	return apigen.PutShopLogo200JSONResponse(shopOf(a.Tenant, made)), nil
}

func (s *server) DeleteShopLogo(
	ctx context.Context,
	_ apigen.DeleteShopLogoRequestObject,
) (apigen.DeleteShopLogoResponseObject, error) {
	if err := s.Shops.DeleteLogo(ctx, authn.From(ctx)); err != nil {
		return nil, err
	}
	return apigen.DeleteShopLogo204Response{}, nil
}

func shopOf(tenant id.Tenant, l shops.Shop) apigen.Shop {
	out := apigen.Shop{Name: optional(l.Name), Accent: optional(l.Accent), Notice: optional(l.Notice),
		ServiceHours: optional(l.ServiceHours), ServiceContact: optional(l.ServiceContact),
		LogoPath: optional(checkout.LogoPath(tenant, l.Logo))}
	if l.Accent != "" {
		colors := colorsOf(l.Accent)
		out.Colors = &colors
	}
	return out
}

func colorsOf(accent string) apigen.ShopColors {
	set := func(c shops.Colors) apigen.ColorSet {
		return apigen.ColorSet{Accent: c.Accent, AccentDeep: c.Deep, Tint: c.Tint, OnAccent: c.OnAccent}
	}
	p := shops.ColorsOf(accent)
	return apigen.ShopColors{Light: set(p.Light), Dark: set(p.Dark)}
}
