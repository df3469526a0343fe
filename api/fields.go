package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// fields converts for one caller: what is sensitive passes through here, and shows as fields.csv says for the caller's
// role. Whatever answers a property marked x-sensitive converts it by a method of fields.
type fields struct{ view authz.View }

// seen are the fields as the caller's role sees them.
func (s *server) seen(ctx context.Context) fields {
	a := authn.From(ctx)
	view := s.shown.Of(a.Role)
	if !a.Permissions.Allow(vocabulary.ResourceCardKeys, vocabulary.LevelRead) {
		view = view.Without(authz.CardKey, authz.CheckoutAddress)
	}
	return fields{view}
}

// seenByCreator are the fields in the answer of the operation by which the caller made the thing.
func (s *server) seenByCreator(ctx context.Context) fields {
	return fields{s.shown.OfCreator(authn.From(ctx).Role)}
}

// whole tells whether a class is seen as it is. Who does not see it whole may not look for it either.
func (f fields) whole(c authz.Class) bool { return f.view.Of(c) == authz.Plain }

// contact is a text of a class that is masked as contacts are.
func (f fields) contact(c authz.Class, text string) string {
	switch f.view.Of(c) {
	case authz.Plain:
		return text
	case authz.Masked:
		return mask.Contact(text)
	case authz.Absent:
	}
	return ""
}

// optionalContact is contact of a field that may be missing.
func (f fields) optionalContact(c authz.Class, text *string) *string {
	return optional(f.contact(c, value(text)))
}

// address is the checkout address, or what the buyer pays by: it leads to the card keys.
func (f fields) address(text string) *string {
	if f.view.Of(authz.CheckoutAddress) != authz.Plain {
		return nil
	}
	return optional(text)
}

// network is the address from which somebody called.
func (f fields) network(address string) *string {
	if !f.whole(authz.NetworkAddress) {
		return nil
	}
	return optional(address)
}

// metadata is {} for who does not see it: the field is always there.
func (f fields) metadata(m tenants.Metadata) apigen.Metadata {
	if f.view.Of(authz.Metadata) != authz.Plain {
		return apigen.Metadata{}
	}
	return apigen.Metadata(m)
}
