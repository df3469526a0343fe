package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/splits"
)

func (s *server) ListSplitRules(
	ctx context.Context,
	r apigen.ListSplitRulesRequestObject,
) (apigen.ListSplitRulesResponseObject, error) {
	p, err := page[id.SplitRule](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Splits.List(ctx, authn.From(ctx), p, vocabulary.SplitRuleStatus(word(r.Params.Status)))
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, splitRuleOf)
	return apigen.ListSplitRules200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateSplitRule(
	ctx context.Context,
	r apigen.CreateSplitRuleRequestObject,
) (apigen.CreateSplitRuleResponseObject, error) {
	rule, again, err := s.Splits.Create(ctx, authn.From(ctx),
		splits.RuleInput{Name: r.Body.Name, Parts: each(r.Body.Parts, partIn), Key: keyIn(ctx)})
	if err != nil {
		return nil, err
	}
	return apigen.CreateSplitRule201JSONResponse{
		Body: splitRuleOf(rule),
		Headers: apigen.CreateSplitRule201ResponseHeaders{
			ETag:                etag(rule.Changes),
			IdempotencyReplayed: replayed(again),
		},
	}, nil
}

func (s *server) GetSplitRule(
	ctx context.Context,
	r apigen.GetSplitRuleRequestObject,
) (apigen.GetSplitRuleResponseObject, error) {
	rule, err := s.Splits.Get(ctx, authn.From(ctx), r.SplitRuleID)
	if err != nil {
		return nil, err
	}
	return apigen.GetSplitRule200JSONResponse{
		Body:    splitRuleOf(rule),
		Headers: apigen.GetSplitRule200ResponseHeaders{ETag: etag(rule.Changes)},
	}, nil
}

func (s *server) ArchiveSplitRule(
	ctx context.Context,
	r apigen.ArchiveSplitRuleRequestObject,
) (apigen.ArchiveSplitRuleResponseObject, error) {
	rule, err := s.Splits.Archive(ctx, authn.From(ctx), r.SplitRuleID)
	if err != nil {
		return nil, err
	}
	return apigen.ArchiveSplitRule200JSONResponse{
		Body:    splitRuleOf(rule),
		Headers: apigen.ArchiveSplitRule200ResponseHeaders{ETag: etag(rule.Changes)},
	}, nil
}

func (s *server) UnarchiveSplitRule(
	ctx context.Context,
	r apigen.UnarchiveSplitRuleRequestObject,
) (apigen.UnarchiveSplitRuleResponseObject, error) {
	rule, err := s.Splits.Unarchive(ctx, authn.From(ctx), r.SplitRuleID)
	if err != nil {
		return nil, err
	}
	return apigen.UnarchiveSplitRule200JSONResponse{
		Body:    splitRuleOf(rule),
		Headers: apigen.UnarchiveSplitRule200ResponseHeaders{ETag: etag(rule.Changes)},
	}, nil
}

func (s *server) PublishSplitRuleVersion(
	ctx context.Context,
	r apigen.PublishSplitRuleVersionRequestObject,
) (apigen.PublishSplitRuleVersionResponseObject, error) {
	rule, again, err := s.Splits.Publish(ctx, authn.From(ctx), keyIn(ctx), r.SplitRuleID, match(r.Params.IfMatch),
		each(r.Body.Parts, partIn))
	if err != nil {
		return nil, err
	}
	return apigen.PublishSplitRuleVersion201JSONResponse{
		Body: splitRuleOf(rule),
		Headers: apigen.PublishSplitRuleVersion201ResponseHeaders{
			ETag:                etag(rule.Changes),
			IdempotencyReplayed: replayed(again),
		},
	}, nil
}

func partIn(p apigen.SplitPartRule) splits.PartRule {
	return splits.PartRule{
		Receiver: vocabulary.SplitReceiver(p.Receiver),
		Merchant: value(p.MerchantID),
		Rate:     value(p.RateBps),
		Fixed:    value(p.FixedFen),
		Floor:    value(p.FloorFen),
		Cap:      value(p.CapFen),
	}
}

func splitRuleOf(r splits.Rule) apigen.SplitRule {
	return apigen.SplitRule{
		ID:          r.ID,
		Name:        r.Name,
		Status:      apigen.SplitRuleStatus(r.Status),
		Version:     r.Version,
		VersionID:   r.VersionID,
		MaxSplitBps: r.MaxSplit,
		CreatedAt:   clock.Stamp(r.CreatedAt),
		Parts:       each(r.Parts, partOut),
	}
}

func partOut(p splits.PartRule) apigen.SplitPartRule {
	return apigen.SplitPartRule{
		Receiver:   apigen.SplitPartRuleReceiver(p.Receiver),
		MerchantID: optional(p.Merchant),
		RateBps:    optional(p.Rate),
		FixedFen:   optional(p.Fixed),
		FloorFen:   optional(p.Floor),
		CapFen:     optional(p.Cap),
	}
}

func (s *server) GetSplitRuleVersion(
	ctx context.Context,
	r apigen.GetSplitRuleVersionRequestObject,
) (apigen.GetSplitRuleVersionResponseObject, error) {
	v, err := s.Splits.GetVersion(ctx, authn.From(ctx), r.SplitRuleVersionID)
	if err != nil {
		return nil, err
	}
	return apigen.GetSplitRuleVersion200JSONResponse(splitRuleVersionOf(v)), nil
}

func (s *server) ListSplitRuleVersions(
	ctx context.Context,
	r apigen.ListSplitRuleVersionsRequestObject,
) (apigen.ListSplitRuleVersionsResponseObject, error) {
	p, err := page[id.SplitRuleVersion](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Splits.ListVersions(ctx, authn.From(ctx), r.SplitRuleID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, splitRuleVersionOf)
	return apigen.ListSplitRuleVersions200JSONResponse{Data: data, NextCursor: next}, nil
}

func splitRuleVersionOf(v splits.Version) apigen.SplitRuleVersion {
	return apigen.SplitRuleVersion{
		ID:          v.ID,
		SplitRuleID: v.Rule,
		Version:     v.Number,
		MaxSplitBps: v.MaxSplit,
		Parts:       each(v.Parts, partOut),
		CreatedAt:   clock.Stamp(v.CreatedAt),
	}
}

func (s *server) SimulateSplitRule(
	ctx context.Context,
	r apigen.SimulateSplitRuleRequestObject,
) (apigen.SimulateSplitRuleResponseObject, error) {
	sim, err := s.Splits.Simulate(ctx, authn.From(ctx), each(r.Body.Parts, partIn), r.Body.AmountsFen)
	if err != nil {
		return nil, err
	}
	return apigen.SimulateSplitRule200JSONResponse{Body: apigen.SplitSimulation{
		MaxSplitBps: sim.MaxSplit, RatesBps: sim.Rates,
		Payments: each(sim.Payments, func(p splits.SimulatedPayment) apigen.SimulatedPayment {
			return apigen.SimulatedPayment{AmountFen: p.Amount, PartsFen: append([]money.Fen{}, p.Parts...),
				KeptFen: p.Kept, AboveCap: p.AboveCap}
		}),
	}}, nil
}
