package desk

import (
	"context"
	"errors"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/audit"
	"zhitong/tenants/onboarding"
)

const (
	refundMethod = "alipay.trade.refund"
	// A refund that is refused for good: nothing is tried again.
	refundRefused = "ACQ.TRADE_NOT_ALLOW_REFUND"
)

// Decision is what Alipay's reviewers or the merchant decide.
type Decision struct {
	Step vocabulary.SandboxStep
	Pass bool
	Memo string // why, in the words that the application then shows
}

// Decide decides a step of an application that is at the simulator. It returns application_not_found, sandbox_only,
// simulator_refused and sandbox_unavailable.
func (s *Service) Decide(ctx context.Context, a tenants.Actor, application id.Application, d Decision) error {
	var app, number string
	err := a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.ApplicationGet(ctx, tx, application)
		if db.IsNoRows(err) {
			return fault.New(onboarding.CodeApplicationNotFound, "There is no such application.")
		}
		if err != nil {
			return fmt.Errorf("read the application: %w", err)
		}
		if app, err = s.app(ctx, tx); err != nil {
			return err
		}
		if r.AlipayOrderID == nil {
			return fault.New(CodeSimulatorRefused, "The simulator does not have the application yet.")
		}
		number = *r.AlipayOrderID
		return audit.Record(ctx, tx, audit.Actor(a), "decideSandboxApplication", "application", application,
			string(d.Step)+" "+outcome(d.Pass))
	})
	if err != nil {
		return err
	}
	there, err := s.c.Desk.Application(ctx, number)
	if err != nil {
		return told(err)
	}
	if there.AppID != app {
		return fault.New(CodeSandboxOnly, "The simulator has this application for another platform.")
	}
	if _, err := s.c.Desk.Decide(ctx, number, d.atDesk()); err != nil {
		return told(err)
	}
	return nil
}

func outcome(pass bool) string {
	if pass {
		return "passed"
	}
	return "rejected"
}

func (d Decision) atDesk() zft.DeskDecision {
	out := zft.DeskDecision{Memo: d.Memo, Reason: d.Memo}
	stages := map[vocabulary.SandboxStep]string{vocabulary.StepRisk: "fk", vocabulary.StepMaterials: "kz"}
	switch {
	case d.Step == vocabulary.StepSignature && d.Pass:
		out.Act = "confirm"
	case d.Step == vocabulary.StepSignature:
		out.Act = "refuse"
	case d.Pass:
		out.Act, out.Stage, out.Result = "audit", stages[d.Step], "pass"
	default:
		out.Act, out.Stage, out.Result = "audit", stages[d.Step], "reject"
	}
	return out
}

// NextRefund says what becomes of the platform's next refund: it succeeds, is refused for good, or is answered with an
// error first and succeeds when it is tried again. What was said before is taken back. It returns sandbox_only,
// simulator_refused and sandbox_unavailable.
func (s *Service) NextRefund(ctx context.Context, a tenants.Actor, how vocabulary.SandboxRefundOutcome) error {
	var app string
	err := a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) (err error) {
		if app, err = s.app(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "setNextSandboxRefund", "tenant", a.Tenant, string(how))
	})
	if err != nil {
		return err
	}
	before, err := s.c.Desk.Faults(ctx, app, refundMethod)
	if err != nil {
		return told(err)
	}
	for _, f := range before {
		if err := s.c.Desk.RemoveFault(ctx, f.ID); err != nil && !gone(err) {
			return told(err)
		}
	}
	next := zft.DeskFault{AppID: app, Method: refundMethod, Times: 1}
	switch how {
	case vocabulary.RefundSucceeds:
		return nil
	case vocabulary.RefundIsRefused:
		next.Kind, next.SubCode = "business_error", refundRefused
	case vocabulary.RefundIsDelayed:
		next.Kind = "system_error_before"
	}
	if err := s.c.Desk.AddFault(ctx, next); err != nil {
		return told(err)
	}
	return nil
}

func gone(err error) bool {
	refusal, ok := errors.AsType[*zft.DeskRefusal](err)
	return ok && refusal.Status == 404
}

// asWanted is nil for the refusal that was ordered.
func asWanted(err error, code string) error {
	if refusal, ok := errors.AsType[*zft.DeskRefusal](err); ok && refusal.Code == code {
		return nil
	}
	if err == nil {
		return fault.New(CodeSimulatorRefused, "The payment succeeded.")
	}
	return told(err)
}
