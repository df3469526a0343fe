package search

import (
	"context"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
)

// kind is the kind of identifiers with a name.
func kind(name string) id.Kind {
	k, _ := id.KindOf(name)
	return k
}

// rows asks a statement and makes a hit of each row.
func rows[R any](
	asked bool,
	ask func(ctx context.Context, r db.Asked) ([]R, error),
	hit func(R) Hit,
) question {
	return question{asked, func(ctx context.Context, r db.Asked) ([]Hit, error) {
		all, err := ask(ctx, r)
		hits := make([]Hit, len(all))
		for i, row := range all {
			hits[i] = hit(row)
		}
		return hits, err
	}}
}

// questions are those that the shape of the text and the sight of the caller leave, by kind.
func (s shape) questions(sight Sight, contact []byte, prints [][]byte) []question {
	// what has an identifier is looked for by it alone
	can := func(kind string, more bool) bool {
		return sight.May(kind) && (s.kind == kind || s.kind == "" && more)
	}
	numbered := s.number != ""
	return []question{
		s.orders(sight, contact),
		rows(can("refund", numbered), func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchRefundsRow, error) {
			return q.SearchRefunds(ctx, r, s.number, s.numbered("refund"), HitsMax)
		}, func(f dbsqlc.SearchRefundsRow) Hit {
			return Hit{kind("refund"), uuid.UUID(f.ID), "¥" + f.AmountFen.Yuan(), string(f.Status),
				vocabulary.MatchedBy(f.MatchedBy), f.OrderID}
		}),
		rows(sight.May("split") && (s.kind == "split" || s.kind == "settlement" || s.kind == "" && numbered),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchSplitsRow, error) {
				return q.SearchSplits(ctx, r, dbsqlc.SearchSplitsParams{ID: s.numbered("split"), Number: s.number,
					Settlement: s.numbered("settlement"), AtMost: HitsMax})
			}, func(p dbsqlc.SearchSplitsRow) Hit {
				return Hit{kind(p.Kind), uuid.UUID(p.ID), kind(p.Kind).Text(uuid.UUID(p.ID)), p.Status,
					vocabulary.MatchedBy(p.MatchedBy), p.OrderID}
			}),
		rows(can("card_key", len(prints) > 0),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchCardKeysRow, error) {
				return q.SearchCardKeys(ctx, r, HitsMax, prints, s.of("card_key"))
			}, func(k dbsqlc.SearchCardKeysRow) Hit {
				return Hit{kind("card_key"), uuid.UUID(k.ID), k.Product, string(k.Status),
					vocabulary.MatchedBy(k.MatchedBy), k.OrderID}
			}),
		rows(can("merchant", s.name != "" || s.smid != ""),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchMerchantsRow, error) {
				return q.SearchMerchants(ctx, r, dbsqlc.SearchMerchantsParams{ID: s.of("merchant"), Smid: s.smid,
					Name: s.name, AtMost: HitsMax})
			}, func(m dbsqlc.SearchMerchantsRow) Hit {
				return Hit{kind("merchant"), uuid.UUID(m.ID), m.Name, string(m.Status),
					vocabulary.MatchedBy(m.MatchedBy), id.Order{}}
			}),
		rows(can("product", s.name != ""), func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchProductsRow, error) {
			return q.SearchProducts(ctx, r, s.of("product"), s.name, HitsMax)
		}, func(p dbsqlc.SearchProductsRow) Hit {
			return Hit{kind("product"), uuid.UUID(p.ID), p.Name, "¥" + p.PriceFen.Yuan(),
				vocabulary.MatchedBy(p.MatchedBy), id.Order{}}
		}),
		rows(can("api_key", s.name != "" || s.last4 != ""),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchAPIKeysRow, error) {
				return q.SearchAPIKeys(ctx, r, dbsqlc.SearchAPIKeysParams{ID: s.of("api_key"), Last4: s.last4,
					Name: s.name, AtMost: HitsMax})
			}, func(k dbsqlc.SearchAPIKeysRow) Hit {
				return Hit{kind("api_key"), uuid.UUID(k.ID), k.Name, string(k.Role) + " …" + k.Last4,
					vocabulary.MatchedBy(k.MatchedBy), id.Order{}}
			}),
		rows(can("member", s.name != ""), func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchMembersRow, error) {
			return q.SearchMembers(ctx, r, dbsqlc.SearchMembersParams{ID: s.of("member"), Email: s.email,
				EmailDigest: s.emailDigest, Name: s.name, AtMost: HitsMax})
		}, func(m dbsqlc.SearchMembersRow) Hit {
			return Hit{kind("member"), uuid.UUID(m.ID), m.Name, string(m.Role), vocabulary.MatchedBy(m.MatchedBy),
				id.Order{}}
		}),
		rows(can("webhook_endpoint", s.host != ""),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchEndpointsRow, error) {
				return q.SearchEndpoints(ctx, r, s.of("webhook_endpoint"), s.host, HitsMax)
			}, func(e dbsqlc.SearchEndpointsRow) Hit {
				return Hit{kind("webhook_endpoint"), uuid.UUID(e.ID), e.URL, string(e.Status),
					vocabulary.MatchedBy(e.MatchedBy), id.Order{}}
			}),
		rows(s.nameless() && sight.May(s.kind),
			func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchByIDRow, error) {
				return q.SearchByID(ctx, r, s.kind, s.id)
			}, func(t dbsqlc.SearchByIDRow) Hit {
				return Hit{kind(s.kind), uuid.UUID(t.ID), t.Title, t.Subtitle, vocabulary.MatchedByID, id.Order{}}
			}),
	}
}

// nameless tells whether it is the identifier of a thing that is found by nothing else.
func (s shape) nameless() bool {
	switch s.kind {
	case "event", "case", "application", "split_rule", "split_rule_version", "card_key_import", "payment",
		"audit_entry", "request", "webhook_delivery":
		return true
	}
	return false
}

func (s shape) orders(sight Sight, contact []byte) question {
	p := dbsqlc.SearchOrdersParams{AtMost: HitsMax, ID: s.of("order"), Payment: s.numbered("payment"),
		BuyerDigest: contact}
	if s.kind == "" {
		p.TradeNo, p.Reference = s.number, s.text
	}
	return rows(sight.May("order") && (s.kind == "" || s.kind == "order" || s.kind == "payment"),
		func(ctx context.Context, r db.Asked) ([]dbsqlc.SearchOrdersRow, error) {
			return q.SearchOrders(ctx, r, p)
		},
		func(o dbsqlc.SearchOrdersRow) Hit {
			title := o.Reference
			if title == "" {
				title = o.ID.String()
			}
			return Hit{kind("order"), uuid.UUID(o.ID), title,
				o.Product + " · ¥" + o.TotalFen.Yuan() + " · " + string(o.Status),
				vocabulary.MatchedBy(o.MatchedBy), id.Order{}}
		})
}
