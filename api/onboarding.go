package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/onboarding"
)

func (s *server) ListApplications(
	ctx context.Context,
	r apigen.ListApplicationsRequestObject,
) (apigen.ListApplicationsResponseObject, error) {
	q := r.Params
	p, err := span[id.Application](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	f := onboarding.Filter{
		Statuses: each(value(q.Status),
			func(s apigen.ApplicationStatus) onboarding.Status { return onboarding.Status(s) }),
	}
	data, next, err := s.applications(ctx, p, f)
	return apigen.ListApplications200JSONResponse{Data: data, NextCursor: next}, err
}

func (s *server) ListMerchantApplications(
	ctx context.Context,
	r apigen.ListMerchantApplicationsRequestObject,
) (apigen.ListMerchantApplicationsResponseObject, error) {
	p, err := page[id.Application](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	data, next, err := s.applications(ctx, p, onboarding.Filter{Merchant: r.MerchantID})
	return apigen.ListMerchantApplications200JSONResponse{Data: data, NextCursor: next}, err
}

func (s *server) applications(
	ctx context.Context,
	p tenants.Page[id.Application],
	f onboarding.Filter,
) (data []apigen.Application, cursor *string, err error) {
	found, err := s.Onboarding.List(ctx, authn.From(ctx), p, f)
	if err != nil {
		return nil, nil, err
	}
	data = make([]apigen.Application, len(found.Items))
	for i, a := range found.Items {
		if data[i], err = s.seen(ctx).application(a); err != nil {
			return nil, nil, err
		}
	}
	return data, next(ctx, found.Next), nil
}

func (s *server) CreateApplication(
	ctx context.Context,
	r apigen.CreateApplicationRequestObject,
) (apigen.CreateApplicationResponseObject, error) {
	form, err := formIn(*r.Body)
	if err != nil {
		return nil, err
	}
	a, again, err := s.Onboarding.Create(ctx, authn.From(ctx), keyIn(ctx), r.MerchantID, form)
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx).application(a)
	return apigen.CreateApplication201JSONResponse{
		Body: out,
		Headers: apigen.CreateApplication201ResponseHeaders{ETag: etag(a.Version),
			IdempotencyReplayed: replayed(again)},
	}, err
}

func (s *server) GetApplication(
	ctx context.Context,
	r apigen.GetApplicationRequestObject,
) (apigen.GetApplicationResponseObject, error) {
	a, err := s.Onboarding.Get(ctx, authn.From(ctx), r.ApplicationID)
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx).application(a)
	return apigen.GetApplication200JSONResponse{
		Body:    out,
		Headers: apigen.GetApplication200ResponseHeaders{ETag: etag(a.Version)},
	}, err
}

func (s *server) UpdateApplication(
	ctx context.Context,
	r apigen.UpdateApplicationRequestObject,
) (apigen.UpdateApplicationResponseObject, error) {
	form, err := formIn(*r.Body)
	if err != nil {
		return nil, err
	}
	a, err := s.Onboarding.Update(ctx, authn.From(ctx), r.ApplicationID, match(r.Params.IfMatch), form)
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx).application(a)
	return apigen.UpdateApplication200JSONResponse{
		Body:    out,
		Headers: apigen.UpdateApplication200ResponseHeaders{ETag: etag(a.Version)},
	}, err
}

func (s *server) DeleteApplication(
	ctx context.Context,
	r apigen.DeleteApplicationRequestObject,
) (apigen.DeleteApplicationResponseObject, error) {
	err := s.Onboarding.Delete(ctx, authn.From(ctx), r.ApplicationID, match(r.Params.IfMatch))
	if err != nil {
		return nil, err
	}
	return apigen.DeleteApplication204Response{}, nil
}

func (s *server) SubmitApplication(
	ctx context.Context,
	r apigen.SubmitApplicationRequestObject,
) (apigen.SubmitApplicationResponseObject, error) {
	a, err := s.Onboarding.Submit(ctx, authn.From(ctx), r.ApplicationID)
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx).application(a)
	return apigen.SubmitApplication202JSONResponse{
		Body:    out,
		Headers: apigen.SubmitApplication202ResponseHeaders{ETag: etag(a.Version)},
	}, err
}

func (s *server) PutApplicationImage(
	ctx context.Context,
	r apigen.PutApplicationImageRequestObject,
) (apigen.PutApplicationImageResponseObject, error) {
	read := func() ([]byte, error) {
		content, err := io.ReadAll(r.Body) // the gate has bounded it
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, tooLarge
		}
		if err != nil {
			return nil, fault.New(tenants.CodeInvalidRequest, "The body could not be read to its end.").Because(err)
		}
		return content, nil
	}
	i, err := s.Onboarding.PutImage(ctx, authn.From(ctx), r.ApplicationID, string(r.Purpose), read)
	if err != nil {
		return nil, err
	}
	return apigen.PutApplicationImage200JSONResponse(imageOf(i)), nil
}

func imageOf(i onboarding.Image) apigen.ApplicationImage {
	return apigen.ApplicationImage{
		Purpose:     apigen.ImagePurpose(i.Purpose),
		ContentType: i.ContentType,
		Sha256:      hex.EncodeToString(i.SHA256[:]),
		Uploaded:    i.AlipayImageID != "",
	}
}

// The form has the same fields under the same names on both sides, so it is carried over as JSON.
func formIn(f apigen.ApplicationForm) (out onboarding.Form, err error) {
	err = carry(f, &out)
	return out, err
}

func carry(from, to any) error {
	raw, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(raw, to)
	}
	if err != nil {
		return fmt.Errorf("carry the application's form over: %w", err)
	}
	return nil
}

func (f fields) application(a onboarding.Application) (apigen.Application, error) {
	out := apigen.Application{
		ID: a.ID, MerchantID: a.Merchant, MerchantName: a.MerchantName, Status: apigen.ApplicationStatus(a.Status),
		ExternalID: a.ID.Hex(),
		Images:     each(a.Images, imageOf),
		Requirements: each(a.Requirements, func(q onboarding.Requirement) apigen.Requirement {
			return apigen.Requirement{
				Stage:  apigen.RequirementStage(q.Stage),
				Status: apigen.RequirementStatus(q.Status),
				Detail: q.Detail,
			}
		}),
		Reason: optional(
			a.Reason,
		), SignURL: optional(a.SignURL), Smid: optional(a.Smid), CreatedAt: clock.Stamp(a.CreatedAt),
		SubmittedAt: clock.StampOf(a.SubmittedAt), DecidedAt: clock.StampOf(a.DecidedAt),
	}
	if err := carry(a.Form, &out.Form); err != nil {
		return out, err
	}
	form := &out.Form
	form.ContactMobile = f.optionalContact(authz.Contact, form.ContactMobile)
	form.ContactEmail = f.optionalContact(authz.Contact, form.ContactEmail)
	form.AlipayLogonID = f.optionalContact(authz.AlipayAccount, form.AlipayLogonID)
	form.BindingAlipayLogonID = f.optionalContact(authz.AlipayAccount, form.BindingAlipayLogonID)
	return out, nil
}

func (s *server) GetApplicationImage(
	ctx context.Context,
	r apigen.GetApplicationImageRequestObject,
) (apigen.GetApplicationImageResponseObject, error) {
	p, err := s.Onboarding.ShowImage(ctx, authn.From(ctx), r.ApplicationID, string(r.Purpose))
	if err != nil {
		return nil, err
	}
	size := int64(len(p.Content))
	if p.ContentType == "image/png" {
		return apigen.GetApplicationImage200ImagePngResponse{Body: bytes.NewReader(p.Content),
			ContentLength: size}, nil
	}
	return apigen.GetApplicationImage200ImageJpegResponse{Body: bytes.NewReader(p.Content), ContentLength: size}, nil
}

func (s *server) DeleteApplicationImage(
	ctx context.Context,
	r apigen.DeleteApplicationImageRequestObject,
) (apigen.DeleteApplicationImageResponseObject, error) {
	if err := s.Onboarding.DeleteImage(ctx, authn.From(ctx), r.ApplicationID, string(r.Purpose)); err != nil {
		return nil, err
	}
	return apigen.DeleteApplicationImage204Response{}, nil
}
