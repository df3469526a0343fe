package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/tenants/search"
)

// readers are the operations that show one thing of each kind that search finds.
func readers() map[string]string {
	return map[string]string{
		"order":              "getOrder",
		"payment":            "getPayment",
		"refund":             "getRefund",
		"split":              "getOrderSplit",
		"merchant":           "getMerchant",
		"product":            "getProduct",
		"card_key":           "getCardKey",
		"card_key_import":    "getCardKeyImport",
		"api_key":            "getAPIKey",
		"member":             "getMember",
		"webhook_endpoint":   "getWebhookEndpoint",
		"webhook_delivery":   "getWebhookAttempt",
		"event":              "getEvent",
		"case":               "getCase",
		"application":        "getApplication",
		"split_rule":         "getSplitRule",
		"split_rule_version": "getSplitRuleVersion",
		"audit_entry":        "listAuditLog",
		"request":            "getRequest",
	}
}

func (s *server) Search(ctx context.Context, r apigen.SearchRequestObject) (apigen.SearchResponseObject, error) {
	view, operations := s.seen(ctx).view, readers()
	hits, err := s.Deps.Search.Find(ctx, authn.From(ctx), r.Body.Q, search.Sight{
		May:      func(kind string) bool { return s.may(ctx, operations[kind]) },
		Contacts: view.Of(authz.BuyerContact) == authz.Plain,
		CardKeys: view.Of(authz.CardKey) == authz.Plain,
	})
	if err != nil {
		return nil, err
	}
	return apigen.Search200JSONResponse{Data: each(hits, func(h search.Hit) apigen.SearchHit {
		return apigen.SearchHit{
			Kind:      h.Kind.Name,
			SubjectID: h.Kind.Text(h.ID),
			Title:     h.Title,
			Subtitle:  h.Subtitle,
			MatchedBy: apigen.SearchHitMatchedBy(h.MatchedBy),
			OrderID:   optional(h.Order),
		}
	})}, nil
}
