package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/notices"
)

func (s *server) ListNoticeRoutes(
	ctx context.Context,
	r apigen.ListNoticeRoutesRequestObject,
) (apigen.ListNoticeRoutesResponseObject, error) {
	p, err := page[id.NoticeRoute](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Notices.ListRoutes(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, noticeRouteOf)
	return apigen.ListNoticeRoutes200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateNoticeRoute(
	ctx context.Context,
	r apigen.CreateNoticeRouteRequestObject,
) (apigen.CreateNoticeRouteResponseObject, error) {
	language := vocabulary.Chinese
	if r.Body.Language != nil {
		language = vocabulary.Language(*r.Body.Language)
	}
	out, again, err := s.Notices.CreateRoute(ctx, authn.From(ctx), keyIn(ctx), notices.NewRoute{
		Name:       r.Body.Name,
		Channel:    vocabulary.NoticeChannel(r.Body.Channel),
		Address:    secret.New(r.Body.Address),
		Secret:     secret.New(value(r.Body.Secret)),
		EventTypes: r.Body.EventTypes,
		Merchant:   value(r.Body.MerchantID),
		Language:   language,
		Quiet:      quietIn(r.Body.QuietHours),
	})
	if err != nil {
		return nil, err
	}
	return apigen.CreateNoticeRoute201JSONResponse{
		Body: noticeRouteOf(out),
		Headers: apigen.CreateNoticeRoute201ResponseHeaders{ETag: etag(out.Version),
			IdempotencyReplayed: replayed(again)},
	}, nil
}

func quietIn(q *apigen.QuietHours) notices.Quiet {
	if q == nil {
		return notices.Quiet{Offset: notices.Beijing}
	}
	w := notices.Quiet{From: notices.Minute(q.From), Until: notices.Minute(q.Until), Offset: notices.Beijing}
	if q.UtcOffset != nil {
		w.Offset = notices.OffsetOf(*q.UtcOffset)
	}
	return w
}

func quietOut(w notices.Quiet) *apigen.QuietHours {
	if w.From == w.Until {
		return nil
	}
	offset := notices.OffsetText(w.Offset)
	return &apigen.QuietHours{From: notices.Clock(w.From), Until: notices.Clock(w.Until), UtcOffset: &offset}
}

func (s *server) GetNoticeRoute(
	ctx context.Context,
	r apigen.GetNoticeRouteRequestObject,
) (apigen.GetNoticeRouteResponseObject, error) {
	out, err := s.Notices.GetRoute(ctx, authn.From(ctx), r.NoticeRouteID)
	if err != nil {
		return nil, err
	}
	return apigen.GetNoticeRoute200JSONResponse{
		Body:    noticeRouteOf(out),
		Headers: apigen.GetNoticeRoute200ResponseHeaders{ETag: etag(out.Version)},
	}, nil
}

func (s *server) UpdateNoticeRoute(
	ctx context.Context,
	r apigen.UpdateNoticeRouteRequestObject,
) (apigen.UpdateNoticeRouteResponseObject, error) {
	change := notices.RouteChange{
		Name:       r.Body.Name,
		Address:    hidden(r.Body.Address),
		Secret:     hidden(r.Body.Secret),
		EventTypes: r.Body.EventTypes,
		Language:   (*vocabulary.Language)(r.Body.Language),
		Status:     (*vocabulary.EndpointStatus)(r.Body.Status),
		Match:      match(r.Params.IfMatch),
	}
	if r.Body.QuietHours != nil {
		w := quietIn(r.Body.QuietHours)
		change.Quiet = &w
	}
	out, err := s.Notices.UpdateRoute(ctx, authn.From(ctx), r.NoticeRouteID, change)
	if err != nil {
		return nil, err
	}
	return apigen.UpdateNoticeRoute200JSONResponse{
		Body:    noticeRouteOf(out),
		Headers: apigen.UpdateNoticeRoute200ResponseHeaders{ETag: etag(out.Version)},
	}, nil
}

func hidden(text *string) *secret.String {
	if text == nil {
		return nil
	}
	s := secret.New(*text)
	return &s
}

func (s *server) DeleteNoticeRoute(
	ctx context.Context,
	r apigen.DeleteNoticeRouteRequestObject,
) (apigen.DeleteNoticeRouteResponseObject, error) {
	if err := s.Notices.DeleteRoute(ctx, authn.From(ctx), r.NoticeRouteID, match(r.Params.IfMatch)); err != nil {
		return nil, err
	}
	return apigen.DeleteNoticeRoute204Response{}, nil
}

func (s *server) TestNoticeRoute(
	ctx context.Context,
	r apigen.TestNoticeRouteRequestObject,
) (apigen.TestNoticeRouteResponseObject, error) {
	o, err := s.Notices.Test(ctx, authn.From(ctx), r.NoticeRouteID)
	if err != nil {
		return nil, err
	}
	return apigen.TestNoticeRoute200JSONResponse{Body: apigen.NoticeTest{
		Delivered:      o.Delivered(),
		ResponseStatus: optional(int32(o.Status)), //nolint:gosec // a status of HTTP
		RobotCode:      optional(o.Code),
		Error:          optional(o.Said),
	}}, nil
}

func noticeRouteOf(r notices.Route) apigen.NoticeRoute {
	return apigen.NoticeRoute{
		ID:           r.ID,
		Name:         r.Name,
		Channel:      apigen.NoticeChannel(r.Channel),
		AddressHint:  r.AddressHint,
		Signed:       r.Signed,
		EventTypes:   r.EventTypes,
		MerchantID:   optional(r.Merchant),
		Language:     apigen.Language(r.Language),
		QuietHours:   quietOut(r.Quiet),
		Status:       apigen.NoticeRouteStatus(r.Status),
		FailingSince: clock.StampOf(r.FailingSince),
		LastError:    optional(r.LastError),
		CreatedAt:    clock.Stamp(r.CreatedAt),
	}
}

func (s *server) ListNotices(
	ctx context.Context,
	r apigen.ListNoticesRequestObject,
) (apigen.ListNoticesResponseObject, error) {
	p, err := page[id.Notice](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Notices.List(ctx, authn.From(ctx), p, notices.Filter{Route: value(r.Params.NoticeRouteID),
		Status: vocabulary.NoticeStatus(value(r.Params.Status))})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, noticeOf)
	return apigen.ListNotices200JSONResponse{Data: data, NextCursor: next}, nil
}

func noticeOf(n notices.Notice) apigen.Notice {
	return apigen.Notice{
		ID:            n.ID,
		NoticeRouteID: n.Route,
		EventType:     apigen.EventType(n.Type),
		Status:        apigen.NoticeStatus(n.Status),
		DigestID:      optional(n.Digest),
		Events:        int32(n.Events), //nolint:gosec // a column of that width
		FirstEventID:  n.First,
		LastEventID:   n.Last,
		Attempts:      int32(n.Attempts), //nolint:gosec // a column of that width
		Error:         optional(n.Error),
		CreatedAt:     clock.Stamp(n.CreatedAt),
		DueAt:         clock.Stamp(n.DueAt),
		SentAt:        clock.StampOf(n.SentAt),
	}
}

func (s *server) ListNoticeTemplates(
	ctx context.Context,
	_ apigen.ListNoticeTemplatesRequestObject,
) (apigen.ListNoticeTemplatesResponseObject, error) {
	found, err := s.Notices.ListTemplates(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.ListNoticeTemplates200JSONResponse{Data: each(found, noticeTemplateOf)}, nil
}

func noticeTemplateOf(t notices.Template) apigen.NoticeTemplate {
	return apigen.NoticeTemplate{
		EventType: apigen.EventType(t.Type),
		Language:  apigen.Language(t.Language),
		Title:     t.Title,
		Text:      t.Text,
		Own:       t.Own,
		Variables: notices.Variables(t.Type),
		UpdatedAt: clock.StampOf(t.UpdatedAt),
	}
}

func templateIn(t apigen.EventType, l apigen.Language, b apigen.NoticeTemplateText) notices.Template {
	return notices.Template{Type: vocabulary.EventType(t), Language: vocabulary.Language(l), Title: b.Title,
		Text: b.Text}
}

func (s *server) PutNoticeTemplate(
	ctx context.Context,
	r apigen.PutNoticeTemplateRequestObject,
) (apigen.PutNoticeTemplateResponseObject, error) {
	t, err := s.Notices.PutTemplate(ctx, authn.From(ctx), templateIn(r.EventType, r.Language, *r.Body))
	if err != nil {
		return nil, err
	}
	return apigen.PutNoticeTemplate200JSONResponse(noticeTemplateOf(t)), nil
}

func (s *server) DeleteNoticeTemplate(
	ctx context.Context,
	r apigen.DeleteNoticeTemplateRequestObject,
) (apigen.DeleteNoticeTemplateResponseObject, error) {
	err := s.Notices.DeleteTemplate(ctx, authn.From(ctx), vocabulary.EventType(r.EventType),
		vocabulary.Language(r.Language))
	if err != nil {
		return nil, err
	}
	return apigen.DeleteNoticeTemplate204Response{}, nil
}

func (s *server) PreviewNoticeTemplate(
	ctx context.Context,
	r apigen.PreviewNoticeTemplateRequestObject,
) (apigen.PreviewNoticeTemplateResponseObject, error) {
	m, err := s.Notices.Preview(ctx, authn.From(ctx), templateIn(r.EventType, r.Language, *r.Body))
	if err != nil {
		return nil, err
	}
	return apigen.PreviewNoticeTemplate200JSONResponse{Body: apigen.NoticeMessage{Title: m.Title, Text: m.Text}}, nil
}
