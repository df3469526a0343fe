package vocabulary

// EventType is what happened. More may come.
type EventType string

// Values of [EventType].
const (
	EventOrderCreated                EventType = "order.created"
	EventOrderPaid                   EventType = "order.paid"
	EventOrderDelivered              EventType = "order.delivered"
	EventOrderClosed                 EventType = "order.closed"
	EventOrderNeedsReview            EventType = "order.needs_review"
	EventOrderRefunded               EventType = "order.refunded"
	EventSplitCompleted              EventType = "split.completed"
	EventSplitRefused                EventType = "split.refused"
	EventRefundSucceeded             EventType = "refund.succeeded"
	EventRefundRefused               EventType = "refund.refused"
	EventOnboardingSubmitted         EventType = "onboarding.submitted"
	EventOnboardingAwaitingSignature EventType = "onboarding.awaiting_signature"
	EventOnboardingApproved          EventType = "onboarding.approved"
	EventOnboardingRejected          EventType = "onboarding.rejected"
	EventOnboardingExpired           EventType = "onboarding.expired"
	EventCaseOpened                  EventType = "case.opened"
	EventTaskSucceeded               EventType = "task.succeeded"
	EventTaskFailed                  EventType = "task.failed"
	// Acts that concern who may do what.
	EventAPIKeyCreated           EventType = "api_key.created"
	EventAPIKeyRolled            EventType = "api_key.rolled"
	EventAPIKeyRevoked           EventType = "api_key.revoked"
	EventMemberCreated           EventType = "member.created"
	EventMemberJoined            EventType = "member.joined"
	EventMemberUpdated           EventType = "member.updated"
	EventMemberRemoved           EventType = "member.removed"
	EventMemberSignedInElsewhere EventType = "member.signed_in_elsewhere"
	EventMemberPasswordChanged   EventType = "member.password_changed"
	EventMemberFactorsChanged    EventType = "member.factors_changed"
	EventInvitationCreated       EventType = "invitation.created"
	EventInvitationAccepted      EventType = "invitation.accepted"
	EventInvitationRevoked       EventType = "invitation.revoked"
	EventAlipayConnectionUpdated EventType = "alipay_connection.updated"
	EventWebhookSecretRotated    EventType = "webhook_endpoint.secret_rotated"
	EventDataKeyExchanged        EventType = "data_key.exchanged"
	EventTenantEndAnnounced      EventType = "tenant.end_announced"
	EventTenantEndWithdrawn      EventType = "tenant.end_withdrawn"
	EventTenantClosed            EventType = "tenant.closed"
	EventErasureCreated          EventType = "erasure.created"
	EventErasureCompleted        EventType = "erasure.completed"
	EventNoticeRouteFailing      EventType = "notice_route.failing"
	EventApprovalAsked           EventType = "approval.asked"
	EventApprovalScheduled       EventType = "approval.scheduled"
	EventApprovalApproved        EventType = "approval.approved"
	EventApprovalRefused         EventType = "approval.refused"
	EventApprovalExpired         EventType = "approval.expired"
	EventApprovalWithdrawn       EventType = "approval.withdrawn"
	// EventWebhookTest is sent on demand, to the one endpoint that is tested.
	EventWebhookTest EventType = "webhook.test"
)

// EventTypes lists every type of event.
func EventTypes() []EventType {
	return []EventType{
		EventOrderCreated,
		EventOrderPaid,
		EventOrderDelivered,
		EventOrderClosed,
		EventOrderNeedsReview,
		EventOrderRefunded,
		EventSplitCompleted,
		EventSplitRefused,
		EventRefundSucceeded,
		EventRefundRefused,
		EventOnboardingSubmitted,
		EventOnboardingAwaitingSignature,
		EventOnboardingApproved,
		EventOnboardingRejected,
		EventOnboardingExpired,
		EventCaseOpened,
		EventTaskSucceeded,
		EventTaskFailed,
		EventAPIKeyCreated,
		EventAPIKeyRolled,
		EventAPIKeyRevoked,
		EventMemberCreated,
		EventMemberJoined,
		EventMemberUpdated,
		EventMemberRemoved,
		EventMemberSignedInElsewhere,
		EventMemberPasswordChanged,
		EventMemberFactorsChanged,
		EventInvitationCreated,
		EventInvitationAccepted,
		EventInvitationRevoked,
		EventAlipayConnectionUpdated,
		EventWebhookSecretRotated,
		EventDataKeyExchanged,
		EventTenantEndAnnounced,
		EventTenantEndWithdrawn,
		EventTenantClosed,
		EventErasureCreated,
		EventErasureCompleted,
		EventNoticeRouteFailing,
		EventApprovalAsked,
		EventApprovalScheduled,
		EventApprovalApproved,
		EventApprovalRefused,
		EventApprovalExpired,
		EventApprovalWithdrawn,
		EventWebhookTest,
	}
}

// SubjectType is what an event is about.
type SubjectType string

// Values of [SubjectType].
const (
	SubjectOrder           SubjectType = "order"
	SubjectRefund          SubjectType = "refund"
	SubjectSplit           SubjectType = "split"
	SubjectApplication     SubjectType = "application"
	SubjectMerchant        SubjectType = "merchant"
	SubjectCase            SubjectType = "case"
	SubjectWebhookEndpoint SubjectType = "webhook_endpoint"
	SubjectTask            SubjectType = "task"
	SubjectAPIKey          SubjectType = "api_key"
	SubjectMember          SubjectType = "member"
	SubjectInvitation      SubjectType = "invitation"
	SubjectTenant          SubjectType = "tenant"
	SubjectErasure         SubjectType = "erasure"
	SubjectNoticeRoute     SubjectType = "notice_route"
	SubjectApproval        SubjectType = "approval"
)

// EndpointStatus is the status of a webhook endpoint.
type EndpointStatus string

// Values of [EndpointStatus].
const (
	EndpointEnabled  EndpointStatus = "enabled"
	EndpointDisabled EndpointStatus = "disabled"
)
