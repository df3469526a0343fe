// Package vocabulary has the statuses and kinds that Go, the database and the contract share: one type for each, whose
// values are the same in the CHECK of its columns and in the enum of its schemas.
//
// Tests hold the three to each other: a value that is missing in one of them is an error.
package vocabulary

// Enum is one type of this package, and where its values stand.
type Enum struct {
	Name    string   // of the Go type
	Values  []string // in the order in which they are declared
	Columns []string // table.column; sqlc gives them the type
	Schemas []string // of openapi.yaml: a schema, or schema.property
	// Open: values may be added without a migration, so the columns have no CHECK.
	Open bool
}

func enum[T ~string](name string, columns, schemas []string, values ...T) Enum {
	e := Enum{Name: name, Columns: columns, Schemas: schemas}
	for _, v := range values {
		e.Values = append(e.Values, string(v))
	}
	return e
}

// All lists every type of this package.
func All() []Enum {
	return []Enum{
		enum("TenantMode", []string{"tenants.mode"}, []string{"TenantMode"},
			ModeSandbox,
			ModeLive),
		enum("TenantStatus", []string{"tenants.status"}, []string{"Tenant.status"},
			TenantActive,
			TenantSuspended,
			TenantClosed),
		enum("Role", []string{"members.role", "api_keys.role"}, []string{"Role"}, Roles()...),
		enum("Resource", nil, nil, Resources()...),
		enum("Level", nil, []string{"AccessLevel"}, Levels()...),
		enum("ActorKind", []string{"audit_log.actor_kind"}, []string{"ActorKind"},
			ActorAPIKey,
			ActorMember,
			ActorBuyer,
			ActorSystem),
		enum("CallerKind", []string{"idempotency_keys.caller_kind"}, nil,
			CallerAPIKey,
			CallerSession),
		enum("MerchantKind", []string{"merchants.kind"}, []string{"MerchantKind"},
			MerchantDistributor,
			MerchantSupplier),
		enum("MerchantStatus", []string{"merchants.status"}, []string{"MerchantStatus"},
			MerchantPending,
			MerchantActive,
			MerchantSuspended),
		enum("ReceiverType", []string{"merchants.receiver_type", "split_parts.receiver_type"},
			[]string{"Receiver.type"},
			ReceiverUserID,
			ReceiverLoginName),
		enum("ApplicationStatus", []string{"applications.status"}, []string{"ApplicationStatus"},
			ApplicationDraft,
			ApplicationSubmitted,
			ApplicationInReview,
			ApplicationAwaitingSignature,
			ApplicationApproved,
			ApplicationRejected),
		enum("ProductStatus", []string{"products.status"}, []string{"ProductStatus"},
			ProductActive,
			ProductArchived),
		open(enum("FulfilmentKind", []string{"products.fulfilment_kind", "order_items.fulfilment_kind"}, nil,
			FulfilCardKey)),
		enum("DeliveryState", []string{"order_items.delivery"}, []string{"OrderItem.delivery"}, DeliveryStates()...),
		enum("SplitRuleStatus", []string{"split_rules.status"}, []string{"SplitRuleStatus"},
			SplitRuleActive,
			SplitRuleArchived),
		enum("CardKeyStatus", []string{"card_keys.status"}, []string{"StockCardKeyStatus"}, CardKeyStatuses()...),
		enum("OrderStatus", []string{"orders.status"}, []string{"OrderStatus"},
			OrderAwaitingPayment,
			OrderPaid,
			OrderDelivered,
			OrderClosed,
			OrderRefunded,
			OrderNeedsReview),
		enum("PaymentChannel", []string{"payments.channel"}, []string{"PaymentChannel"},
			ChannelQR,
			ChannelPage),
		enum("PaymentStatus", []string{"payments.status"}, []string{"PaymentStatus"},
			PaymentCreated,
			PaymentPending,
			PaymentPaid,
			PaymentClosed,
			PaymentRefunded),
		enum("NotificationKind", []string{"notifications.kind"}, nil,
			NotificationTrade,
			NotificationMessage),
		enum("Verdict", []string{"notifications.verdict"}, nil,
			VerdictApplied,
			VerdictIgnored,
			VerdictReview,
			VerdictRefused,
			VerdictFailed),
		enum("CaseStatus", []string{"cases.status"}, []string{"CaseStatus"},
			CaseOpen,
			CaseClosed),
		open(enum("CaseKind", []string{"cases.kind"}, []string{"CaseKind"},
			CaseAmountMismatch,
			CaseSellerMismatch,
			CaseForeignNotice,
			CasePaidAfterClose,
			CaseUndeliverable,
			CaseSplitRefused,
			CaseSettleSuspended,
			CaseRefundRefused,
			CaseRefundIncomplete,
			CaseUnknownTooLong,
			CaseSmidTaken,
			CaseWebhookDisabled,
			CaseOutsideRefund,
			CaseRefundMismatch,
			CaseSettlementMismatch,
			CaseSplitMismatch,
			CaseCloseMismatch)),
		enum("PostingKind", []string{"ledger_postings.kind"}, []string{"Posting.kind"},
			PostingPayment,
			PostingSettlement,
			PostingSplit,
			PostingRelease,
			PostingSplitReturn,
			PostingRefund),
		enum("AccountName", []string{"ledger_postings.from_account", "ledger_postings.to_account"}, []string{"Account"},
			AccountBuyer,
			AccountUnsettled,
			AccountFrozen,
			AccountSettled,
			AccountCommission),
		enum("SettlementStatus", []string{"settlements.status"}, []string{"SettlementStatus"},
			SettlementPending,
			SettlementDone,
			SettlementRefused),
		enum("SplitStatus", []string{"splits.status"}, []string{"SplitStatus"},
			SplitPending,
			SplitCompleted,
			SplitRefused,
			SplitCanceled),
		enum("SplitReceiver", []string{"split_rule_parts.receiver", "split_parts.receiver"},
			[]string{"SplitPartRule.receiver", "SplitPart.receiver"},
			ToPlatform,
			ToMerchant),
		enum("RefundStatus", []string{"refunds.status"}, []string{"RefundStatus"},
			RefundPending,
			RefundSucceeded,
			RefundRefused),
		enum("RefundOrigin", []string{"refunds.origin"}, []string{"RefundOrigin"},
			RefundPlatform,
			RefundOutside),
		open(enum("EventType", []string{"events.type"}, []string{"EventType"}, EventTypes()...)),
		enum("SubjectType", []string{"events.subject_type"}, []string{"EventSubjectType"},
			SubjectOrder,
			SubjectRefund,
			SubjectSplit,
			SubjectApplication,
			SubjectMerchant,
			SubjectCase,
			SubjectWebhookEndpoint),
		enum("EndpointStatus", []string{"webhook_endpoints.status"}, []string{"WebhookEndpoint.status"},
			EndpointEnabled,
			EndpointDisabled),
	}
}

func open(e Enum) Enum {
	e.Open = true
	return e
}
