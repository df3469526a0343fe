package api

import (
	"cmp"
	"context"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/desk"
)

// atDesk is the simulator's desk; without a simulator there is nothing of it.
func (s *server) atDesk() (*desk.Service, error) {
	if s.Desk == nil {
		return nil, errNoSuchPath()
	}
	return s.Desk, nil
}

func (s *server) GetSandbox(
	ctx context.Context,
	_ apigen.GetSandboxRequestObject,
) (apigen.GetSandboxResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	v, err := d.Get(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.GetSandbox200JSONResponse(sandboxOf(v)), nil
}

func sandboxOf(v desk.State) apigen.Sandbox {
	return apigen.Sandbox{Simulator: v.Simulator, ClockMoves: v.MovesClock, Now: clock.Stamp(v.Now)}
}

func (s *server) PaySandboxOrder(
	ctx context.Context,
	r apigen.PaySandboxOrderRequestObject,
) (apigen.PaySandboxOrderResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	t, err := d.Pay(ctx, authn.From(ctx), r.OrderID,
		cmp.Or(vocabulary.SandboxChannel(value(r.Body.Channel)), vocabulary.SandboxBalance))
	if err != nil {
		return nil, err
	}
	return apigen.PaySandboxOrder200JSONResponse{Body: sandboxTradeOf(t)}, nil
}

func (s *server) FailSandboxPayment(
	ctx context.Context,
	r apigen.FailSandboxPaymentRequestObject,
) (apigen.FailSandboxPaymentResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	t, err := d.FailPayment(ctx, authn.From(ctx), r.OrderID,
		cmp.Or(vocabulary.SandboxFailure(value(r.Body.Reason)), vocabulary.FailureBalance))
	if err != nil {
		return nil, err
	}
	return apigen.FailSandboxPayment200JSONResponse{Body: sandboxTradeOf(t)}, nil
}

func sandboxTradeOf(t desk.Trade) apigen.SandboxTrade {
	return apigen.SandboxTrade{OrderID: t.Order, PaymentID: t.Payment,
		Status: apigen.SandboxTradeStatus(t.Status), AmountFen: t.Amount, TradeNo: optional(t.TradeNo),
		RefusedBy: optional(t.Refused)}
}

func (s *server) SendSandboxComplaint(
	ctx context.Context,
	r apigen.SendSandboxComplaintRequestObject,
) (apigen.SendSandboxComplaintResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	number, err := d.Complain(ctx, authn.From(ctx), r.OrderID, value(r.Body.Reason), value(r.Body.Content))
	if err != nil {
		return nil, err
	}
	return apigen.SendSandboxComplaint200JSONResponse{
		Body: apigen.SandboxComplaint{OrderID: r.OrderID, ComplainEventID: number}}, nil
}

func (s *server) DecideSandboxApplication(
	ctx context.Context,
	r apigen.DecideSandboxApplicationRequestObject,
) (apigen.DecideSandboxApplicationResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	err = d.Decide(ctx, authn.From(ctx), r.ApplicationID, desk.Decision{
		Step: vocabulary.SandboxStep(r.Body.Step), Pass: r.Body.Outcome == apigen.SandboxDecideOutcomePassed,
		Memo: value(r.Body.Memo)})
	if err != nil {
		return nil, err
	}
	a, err := s.Onboarding.Get(ctx, authn.From(ctx), r.ApplicationID)
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx).application(a)
	return apigen.DecideSandboxApplication200JSONResponse{Body: out}, err
}

func (s *server) SetNextSandboxRefund(
	ctx context.Context,
	r apigen.SetNextSandboxRefundRequestObject,
) (apigen.SetNextSandboxRefundResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	if err := d.NextRefund(ctx, authn.From(ctx), vocabulary.SandboxRefundOutcome(r.Body.Outcome)); err != nil {
		return nil, err
	}
	return apigen.SetNextSandboxRefund200JSONResponse{Body: *r.Body}, nil
}

func (s *server) MoveSandboxClock(
	ctx context.Context,
	r apigen.MoveSandboxClockRequestObject,
) (apigen.MoveSandboxClockResponseObject, error) {
	d, err := s.atDesk()
	if err != nil {
		return nil, err
	}
	v, err := d.MoveClock(ctx, authn.From(ctx), time.Duration(r.Body.AdvanceSeconds)*time.Second)
	if err != nil {
		return nil, err
	}
	return apigen.MoveSandboxClock200JSONResponse{Body: sandboxOf(v)}, nil
}
