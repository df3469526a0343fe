package onboarding

import (
	"zhitong/alipay"
	"zhitong/db/dbsqlc"
)

// Stages that an application goes through at Alipay, in no promised order.
const (
	StageRiskReview = "risk_review" // 风控审核
	StageDataReview = "data_review" // 客资审核
	StageSigning    = "signing"     // the merchant's confirmation
)

// Statuses of a requirement.
const (
	RequirementWaiting   = "waiting"
	RequirementNotNeeded = "not_needed"
	RequirementPassed    = "passed"
	RequirementRejected  = "rejected"
)

// Requirement is one stage: how it stands, and what a person can do about it.
type Requirement struct {
	Stage  string
	Status string
	Detail string
}

// requirements are the three stages of an application that was sent; a draft has none.
func requirements(r dbsqlc.Application, f Form) []Requirement {
	if Status(r.Status) == StatusDraft {
		return []Requirement{}
	}
	return []Requirement{
		review(StageRiskReview, alipay.AuditState(r.FkAudit), r.FkMemo, "Alipay’s risk control"),
		review(StageDataReview, alipay.AuditState(r.KzAudit), r.KzMemo, "Alipay’s review of the papers"),
		signing(alipay.ConfirmState(r.SubConfirm), Status(r.Status), f),
	}
}

func review(stage string, state alipay.AuditState, memo, who string) Requirement {
	req := Requirement{Stage: stage}
	switch state {
	case alipay.AuditSkipped:
		req.Status, req.Detail = RequirementNotNeeded, who+" needs no look at this application."
	case alipay.AuditPassed:
		req.Status, req.Detail = RequirementPassed, who+" has passed it."
	case alipay.AuditReject:
		req.Status, req.Detail = RequirementRejected, who+" said no. Correct what is named and draft a new application."
	default:
		req.Status, req.Detail = RequirementWaiting, who+" is under way; nothing to do."
	}
	if memo != "" {
		req.Detail += " Remark: " + memo
	}
	return req
}

func signing(state alipay.ConfirmState, status Status, f Form) Requirement {
	req := Requirement{Stage: StageSigning, Status: RequirementWaiting}
	account := maskLogon(f.BindingAlipayLogonID)
	switch {
	case state == alipay.ConfirmSkipped:
		req.Status, req.Detail = RequirementNotNeeded, "No confirmation is needed."
	case state == alipay.ConfirmFinished:
		req.Status, req.Detail = RequirementPassed, "The merchant has confirmed the agreement."
	case state == alipay.ConfirmFailed:
		req.Status, req.Detail = RequirementRejected, "The merchant did not confirm the agreement with "+account+". Draft a new application and confirm it in time."
	case status == StatusAwaitingSignature:
		req.Detail = "Open Alipay with the account " + account + " and confirm the agreement."
	default:
		req.Detail = "The merchant will be asked to confirm with the account " + account + "; nothing to do yet."
	}
	return req
}
