package api

import (
	"context"

	"golang.org/x/text/language"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/internal/clock"
	"zhitong/tenants/timeline"
)

// may tells whether the caller may call an operation: by role, and by what narrows the role.
func (s *server) may(ctx context.Context, operation string) bool {
	op := s.contract.ByID(operation)
	return op != nil && refusal(s.policy, authn.From(ctx), op) == nil
}

// languages are those of texts that people read out, the default first.
var languages = language.NewMatcher([]language.Tag{language.Chinese, language.English})

// langOf is the language that a request asks for: by parameter, else by Accept-Language, else Chinese.
func langOf(ctx context.Context, asked *apigen.LangQuery) timeline.Lang {
	_, i := language.MatchStrings(languages, word(asked), call.From(ctx).Languages)
	if i == 1 {
		return timeline.English
	}
	return timeline.Chinese
}

func (s *server) GetOrderTimeline(
	ctx context.Context,
	r apigen.GetOrderTimelineRequestObject,
) (apigen.GetOrderTimelineResponseObject, error) {
	t, err := s.Timelines.Get(ctx, authn.From(ctx), r.OrderID, timeline.See{
		Payments: s.may(ctx, "getPayment"),
		Splits:   s.may(ctx, "getOrderSplit"),
		Refunds:  s.may(ctx, "listOrderRefunds"),
		Webhooks: s.may(ctx, "listWebhookAttempts"),
		Cases:    s.may(ctx, "listCases"),
		Reviews:  s.may(ctx, "getOrderReview"),
		Codes:    s.may(ctx, "getOrderCardKeys"),
		Acts:     s.may(ctx, "listAuditLog"),
		Keys:     s.may(ctx, "listAPIKeys"),
		Members:  s.may(ctx, "listMembers"),
	})
	if err != nil {
		return nil, err
	}
	lang, f := langOf(ctx, r.Params.Lang), s.seen(ctx)
	return apigen.GetOrderTimeline200JSONResponse{
		Data:      each(t.Entries, func(e timeline.Entry) apigen.TimelineEntry { return f.timelineEntry(e, lang) }),
		Truncated: t.Truncated,
	}, nil
}

func (f fields) timelineEntry(e timeline.Entry, lang timeline.Lang) apigen.TimelineEntry {
	out := apigen.TimelineEntry{
		At:          clock.Stamp(e.At),
		Kind:        apigen.TimelineKind(e.Kind),
		Area:        apigen.TimelineArea(e.Area),
		Status:      optional(e.Status),
		Title:       e.Title(lang),
		Detail:      e.Detail(lang),
		SubjectType: e.Subject.Name,
		SubjectID:   e.Subject.Text(e.ID),
		AmountFen:   e.Amount,
	}
	if a := e.Actor; a != nil {
		out.Actor = &apigen.TimelineActor{ActorKind: apigen.ActorKind(a.Kind), ActorID: a.ID,
			Name: optional(a.Name), Last4: optional(a.Last4), ClientAddress: f.network(a.Address)}
	}
	return out
}
