package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
)

func (s *server) CreateTenant(
	ctx context.Context,
	r apigen.CreateTenantRequestObject,
) (apigen.CreateTenantResponseObject, error) {
	made, again, err := s.SignUps.SignUp(ctx, keyIn(ctx),
		tenants.NewTenant{Name: r.Body.Name, OwnerEmail: string(r.Body.OwnerEmail), OwnerName: value(r.Body.OwnerName),
			Address: call.From(ctx).Address})
	if err != nil {
		return nil, err
	}
	o, k := made.Owner, made.Key
	return apigen.CreateTenant201JSONResponse{
		Body: apigen.TenantCreated{
			Tenant: tenantOf(made.Tenant),
			Owner: apigen.Member{
				ID:        o.ID,
				Email:     o.Email,
				Name:      o.Name,
				Role:      apigen.Role(o.Role),
				CreatedAt: clock.Stamp(o.CreatedAt),
			},
			APIKey: apigen.APIKeyCreated{
				ID:        k.ID,
				Name:      k.Name,
				Role:      apigen.Role(k.Role),
				Last4:     k.Last4,
				CreatedAt: clock.Stamp(k.CreatedAt),
				Secret:    k.Secret.Reveal(),
			},
		},
		Headers: apigen.CreateTenant201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetTenant(
	ctx context.Context,
	_ apigen.GetTenantRequestObject,
) (apigen.GetTenantResponseObject, error) {
	t, err := s.Tenants.Get(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.GetTenant200JSONResponse{
		Body:    tenantOf(t),
		Headers: apigen.GetTenant200ResponseHeaders{ETag: etag(t.Version)},
	}, nil
}

func (s *server) UpdateTenant(
	ctx context.Context,
	r apigen.UpdateTenantRequestObject,
) (apigen.UpdateTenantResponseObject, error) {
	kept := value(r.Body.Retention)
	in := tenants.Settings{
		Name:                r.Body.Name,
		CardKeysShownDays:   r.Body.CardKeysShownDays,
		UploadBytesMax:      r.Body.UploadBytesMax,
		PerAPIKey:           r.Body.UnpaidOrdersPerAPIKey,
		PerContact:          r.Body.UnpaidOrdersPerContact,
		PerBuyerIP:          r.Body.UnpaidOrdersPerBuyerIP,
		HeldPerProduct:      r.Body.HeldCardKeysPerProduct,
		EventsKept:          kept.EventsDays,
		WebhookAttemptsKept: kept.WebhookAttemptsDays,
		AuditLogKept:        kept.AuditLogDays,
		DraftsKept:          kept.DraftsDays,
		ApprovalHours:       r.Body.ApprovalHours,
		NoRefundLimit:       r.Body.RefundApprovalAboveFen.IsNull(),
		Match:               match(r.Params.IfMatch),
	}
	if limit, err := r.Body.RefundApprovalAboveFen.Get(); err == nil {
		in.RefundLimit = &limit
	}
	t, err := s.Tenants.Update(ctx, authn.From(ctx), in)
	if err != nil {
		return nil, err
	}
	return apigen.UpdateTenant200JSONResponse{
		Body:    tenantOf(t),
		Headers: apigen.UpdateTenant200ResponseHeaders{ETag: etag(t.Version)},
	}, nil
}

func tenantOf(t tenants.Tenant) apigen.Tenant {
	return apigen.Tenant{
		ID:        t.ID,
		Name:      t.Name,
		Mode:      apigen.TenantMode(t.Mode),
		TwinID:    optional(t.Twin),
		Status:    apigen.TenantStatus(t.Status),
		CreatedAt: clock.Stamp(t.CreatedAt),

		CardKeysShownDays: t.CardKeysShownDays,
		UploadBytesMax:    t.UploadBytesMax,

		RefundApprovalAboveFen: t.RefundLimit,
		ApprovalHours:          t.ApprovalHours,

		UnpaidOrdersPerAPIKey:  t.Bounds.PerAPIKey,
		UnpaidOrdersPerContact: t.Bounds.PerContact,
		UnpaidOrdersPerBuyerIP: t.Bounds.PerBuyerIP,
		HeldCardKeysPerProduct: t.Bounds.HeldPerProduct,

		Retention: apigen.TenantRetention{
			EventsDays:          t.Kept.Events,
			WebhookAttemptsDays: t.Kept.WebhookAttempts,
			AuditLogDays:        t.Kept.AuditLog,
			DraftsDays:          t.Kept.Drafts,
		},
	}
}

func (s *server) GetAlipayConnection(
	ctx context.Context,
	_ apigen.GetAlipayConnectionRequestObject,
) (apigen.GetAlipayConnectionResponseObject, error) {
	a := authn.From(ctx)
	c, err := s.Tenants.GetConnection(ctx, a)
	if err != nil {
		return nil, err
	}
	return apigen.GetAlipayConnection200JSONResponse{
		Body:    s.connectionOf(a, c),
		Headers: apigen.GetAlipayConnection200ResponseHeaders{ETag: etag(c.Version)},
	}, nil
}

func (s *server) PutAlipayConnection(
	ctx context.Context,
	r apigen.PutAlipayConnectionRequestObject,
) (apigen.PutAlipayConnectionResponseObject, error) {
	a, b := authn.From(ctx), r.Body
	c, err := s.Tenants.PutConnection(ctx, a, match(r.Params.IfMatch), tenants.NewConnection{
		Gateway: string(
			b.Gateway,
		), AppID: b.AppID, PID: b.Pid, PrivateKey: secret.New(b.PrivateKey), AlipayPublicKey: value(b.AlipayPublicKey),
		AppCertificate: value(
			b.AppCertificate,
		), AlipayCertificate: value(b.AlipayCertificate), RootCertificate: value(b.RootCertificate),
		AppAuthToken: secret.New(value(b.AppAuthToken)),
	})
	if err != nil {
		return nil, err
	}
	return apigen.PutAlipayConnection200JSONResponse{
		Body:    s.connectionOf(a, c),
		Headers: apigen.PutAlipayConnection200ResponseHeaders{ETag: etag(c.Version)},
	}, nil
}

func (s *server) connectionOf(a tenants.Actor, c tenants.Connection) apigen.AlipayConnection {
	mode := apigen.PublicKey
	if c.Certificates {
		mode = apigen.Certificate
	}
	return apigen.AlipayConnection{
		GatewayURL: c.GatewayURL, AppID: c.AppID, Pid: c.PID, Mode: mode, MaxSplitBps: c.MaxSplit,
		UpdatedAt: clock.Stamp(c.UpdatedAt),
		NotifyURL: s.Gateways.NotifyURL(a.Tenant), AppGatewayURL: s.Gateways.AppGatewayURL(a.Tenant),
	}
}

func (s *server) CheckAlipayConnection(
	ctx context.Context,
	_ apigen.CheckAlipayConnectionRequestObject,
) (apigen.CheckAlipayConnectionResponseObject, error) {
	findings, err := s.Tenants.CheckConnection(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	out := apigen.AlipayCheck{
		Healthy: true,
		Findings: each(findings, func(f acquiring.Finding) apigen.AlipayFinding {
			return apigen.AlipayFinding{
				Code:     f.Code,
				Severity: apigen.AlipayFindingSeverity(f.Severity),
				Message:  f.Detail,
				Remedy:   f.Action,
			}
		}),
	}
	for _, f := range findings {
		out.Healthy = out.Healthy && f.Severity != acquiring.SeverityError
	}
	return apigen.CheckAlipayConnection200JSONResponse{Body: out}, nil
}
