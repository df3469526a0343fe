package onboarding

import (
	"zhitong/db/dbsqlc"
	"zhitong/tenants/acquiring"
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
		review(StageRiskReview, acquiring.ReviewState(r.FkAudit), r.FkMemo, "Alipay’s risk control"),
		review(StageDataReview, acquiring.ReviewState(r.KzAudit), r.KzMemo, "Alipay’s review of the papers"),
		signing(acquiring.SignatureState(r.SubConfirm), Status(r.Status), f),
	}
}

func review(stage string, state acquiring.ReviewState, memo, who string) Requirement {
	req := Requirement{Stage: stage}
	switch state {
	case acquiring.ReviewSkipped:
		req.Status, req.Detail = RequirementNotNeeded, who+" needs no look at this application."
	case acquiring.ReviewPassed:
		req.Status, req.Detail = RequirementPassed, who+" has passed it."
	case acquiring.ReviewRejected:
		req.Status, req.Detail = RequirementRejected, who+" said no. Correct what is named and draft a new application."
	default:
		req.Status, req.Detail = RequirementWaiting, who+" is under way; nothing to do."
	}
	if memo != "" {
		req.Detail += " Remark: " + memo
	}
	return req
}

func signing(state acquiring.SignatureState, status Status, f Form) Requirement {
	req := Requirement{Stage: StageSigning, Status: RequirementWaiting}
	account := maskLogon(f.BindingAlipayLogonID)
	switch {
	case state == acquiring.SignatureSkipped:
		req.Status, req.Detail = RequirementNotNeeded, "No confirmation is needed."
	case state == acquiring.SignatureGiven:
		req.Status, req.Detail = RequirementPassed, "The merchant has confirmed the agreement."
	case state == acquiring.SignatureFailed:
		req.Status, req.Detail = RequirementRejected, "The merchant did not confirm the agreement with "+account+
			". Draft a new application and confirm it in time."
	case status == StatusAwaitingSignature:
		req.Detail = "Open Alipay with the account " + account + " and confirm the agreement."
	default:
		req.Detail = "The merchant will be asked to confirm with the account " + account + "; nothing to do yet."
	}
	return req
}
