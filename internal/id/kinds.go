package id

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Kind is a kind of rows, or of something else that is counted by identifiers.
type Kind struct {
	Name   string // snake_case, as the API writes it: card_key
	Prefix string // what its identifiers begin with, without the underscore: crd
}

type (
	tenantKind       struct{}
	memberKind       struct{}
	apiKeyKind       struct{}
	merchantKind     struct{}
	applicationKind  struct{}
	imageKind        struct{}
	productKind      struct{}
	splitRuleKind    struct{}
	ruleVersionKind  struct{}
	cardKeyKind      struct{}
	importKind       struct{}
	orderKind        struct{}
	orderItemKind    struct{}
	paymentKind      struct{}
	splitKind        struct{}
	splitPartKind    struct{}
	settlementKind   struct{}
	refundKind       struct{}
	eventKind        struct{}
	endpointKind     struct{}
	deliveryKind     struct{}
	caseKind         struct{}
	postingKind      struct{}
	auditKind        struct{}
	notificationKind struct{}
	requestKind      struct{}
	sessionKind      struct{}
	linkKind         struct{}
	passkeyKind      struct{}
	personKind       struct{}
	invitationKind   struct{}
	erasureKind      struct{}
	taskKind         struct{}
	approvalKind     struct{}
	fileKind         struct{}
	noticeRouteKind  struct{}
	noticeKind       struct{}
	actKind          struct{}
	caseNoteKind     struct{}
)

// The kinds of rows that have identifiers.
type (
	Tenant           = Of[tenantKind]
	Member           = Of[memberKind]
	APIKey           = Of[apiKeyKind]
	Merchant         = Of[merchantKind]
	Application      = Of[applicationKind]
	ApplicationImage = Of[imageKind]
	Product          = Of[productKind]
	SplitRule        = Of[splitRuleKind]
	SplitRuleVersion = Of[ruleVersionKind]
	CardKey          = Of[cardKeyKind]
	CardKeyImport    = Of[importKind]
	Order            = Of[orderKind]
	OrderItem        = Of[orderItemKind]
	Payment          = Of[paymentKind]
	Split            = Of[splitKind]
	SplitPart        = Of[splitPartKind]
	Settlement       = Of[settlementKind]
	Refund           = Of[refundKind]
	Event            = Of[eventKind]
	WebhookEndpoint  = Of[endpointKind]
	WebhookDelivery  = Of[deliveryKind]
	Case             = Of[caseKind]
	CaseNote         = Of[caseNoteKind]
	Erasure          = Of[erasureKind]
	Posting          = Of[postingKind]
	AuditEntry       = Of[auditKind]
	Notification     = Of[notificationKind]
	Request          = Of[requestKind]
	Session          = Of[sessionKind]
	Link             = Of[linkKind]
	Passkey          = Of[passkeyKind]
	Person           = Of[personKind]
	Invitation       = Of[invitationKind]
	Task             = Of[taskKind]
	Approval         = Of[approvalKind]
	File             = Of[fileKind]
	NoticeRoute      = Of[noticeRouteKind]
	Notice           = Of[noticeKind]
	Act              = Of[actKind] // what a person does with their account, as one platform is told of it
)

// The name and the prefix of each kind. Both are part of the API and never change.

func (tenantKind) kind() Kind { return Kind{"tenant", "tnt"} }

func (memberKind) kind() Kind { return Kind{"member", "mem"} }

func (apiKeyKind) kind() Kind { return Kind{"api_key", "key"} }

func (merchantKind) kind() Kind { return Kind{"merchant", "mer"} }

func (applicationKind) kind() Kind { return Kind{"application", "app"} }

func (imageKind) kind() Kind { return Kind{"application_image", "img"} }

func (productKind) kind() Kind { return Kind{"product", "prd"} }

func (splitRuleKind) kind() Kind { return Kind{"split_rule", "spr"} }

func (ruleVersionKind) kind() Kind { return Kind{"split_rule_version", "srv"} }

func (cardKeyKind) kind() Kind { return Kind{"card_key", "crd"} }

func (importKind) kind() Kind { return Kind{"card_key_import", "imp"} }

func (orderKind) kind() Kind { return Kind{"order", "ord"} }

func (orderItemKind) kind() Kind { return Kind{"order_item", "itm"} }

func (paymentKind) kind() Kind { return Kind{"payment", "pay"} }

func (splitKind) kind() Kind { return Kind{"split", "spl"} }

func (splitPartKind) kind() Kind { return Kind{"split_part", "spp"} }

func (settlementKind) kind() Kind { return Kind{"settlement", "stl"} }

func (refundKind) kind() Kind { return Kind{"refund", "rfd"} }

func (eventKind) kind() Kind { return Kind{"event", "evt"} }

func (endpointKind) kind() Kind { return Kind{"webhook_endpoint", "whe"} }

func (deliveryKind) kind() Kind { return Kind{"webhook_delivery", "whd"} }

func (erasureKind) kind() Kind { return Kind{"erasure", "era"} }

func (caseKind) kind() Kind { return Kind{"case", "case"} }

func (caseNoteKind) kind() Kind { return Kind{"case_note", "csn"} }

func (postingKind) kind() Kind { return Kind{"posting", "pst"} }

func (auditKind) kind() Kind { return Kind{"audit_entry", "aud"} }

func (notificationKind) kind() Kind { return Kind{"notification", "ntf"} }

func (requestKind) kind() Kind { return Kind{"request", "req"} }

func (sessionKind) kind() Kind { return Kind{"session", "ses"} }
func (linkKind) kind() Kind    { return Kind{"one_time_link", "lnk"} }
func (passkeyKind) kind() Kind { return Kind{"passkey", "pky"} }

func (personKind) kind() Kind { return Kind{"person", "per"} }

func (invitationKind) kind() Kind { return Kind{"invitation", "inv"} }

func (taskKind) kind() Kind { return Kind{"task", "tsk"} }

func (approvalKind) kind() Kind { return Kind{"approval", "apv"} }

func (fileKind) kind() Kind { return Kind{"file", "fil"} }

func (noticeRouteKind) kind() Kind { return Kind{"notice_route", "nrt"} }

func (noticeKind) kind() Kind { return Kind{"notice", "ntc"} }

func (actKind) kind() Kind { return Kind{"act", "act"} }

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		tenantKind{}.kind(),
		memberKind{}.kind(),
		apiKeyKind{}.kind(),
		merchantKind{}.kind(),
		applicationKind{}.kind(),
		imageKind{}.kind(),
		productKind{}.kind(),
		splitRuleKind{}.kind(),
		ruleVersionKind{}.kind(),
		cardKeyKind{}.kind(),
		importKind{}.kind(),
		orderKind{}.kind(),
		orderItemKind{}.kind(),
		paymentKind{}.kind(),
		splitKind{}.kind(),
		splitPartKind{}.kind(),
		settlementKind{}.kind(),
		refundKind{}.kind(),
		eventKind{}.kind(),
		endpointKind{}.kind(),
		deliveryKind{}.kind(),
		erasureKind{}.kind(),
		caseKind{}.kind(),
		caseNoteKind{}.kind(),
		postingKind{}.kind(),
		auditKind{}.kind(),
		notificationKind{}.kind(),
		requestKind{}.kind(),
		sessionKind{}.kind(),
		linkKind{}.kind(),
		passkeyKind{}.kind(),
		personKind{}.kind(),
		invitationKind{}.kind(),
		taskKind{}.kind(),
		approvalKind{}.kind(),
		fileKind{}.kind(),
		noticeRouteKind{}.kind(),
		noticeKind{}.kind(),
		actKind{}.kind(),
	}
}

// KindOf finds a kind by its name.
func KindOf(name string) (Kind, bool) {
	return find(func(k Kind) bool { return k.Name == name })
}

// ByPattern finds the kind whose [Kind.Pattern] it is.
func ByPattern(pattern string) (Kind, bool) {
	return find(func(k Kind) bool { return k.Pattern() == pattern })
}

func find(is func(Kind) bool) (Kind, bool) {
	all := Kinds()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return Kind{}, false
}

// Pattern is the regular expression of the kind's identifiers, as openapi.yaml has it.
func (k Kind) Pattern() string {
	return "^" + regexp.QuoteMeta(k.Prefix) + "_[0-7][0-9a-hjkmnp-tv-z]{25}$"
}

// Text is the identifier of this kind with the given UUID: ord_01jfts0d3yfk69tap1383q8ktz.
func (k Kind) Text(u uuid.UUID) string { return string(k.append(nil, u)) }

// TextOf is the identifier of the kind with the given name; of a kind that is not known it is the bare UUID.
func TextOf(name string, u uuid.UUID) string {
	if k, ok := KindOf(name); ok {
		return k.Text(u)
	}
	return u.String()
}

func (k Kind) append(to []byte, u uuid.UUID) []byte {
	return appendBase32(append(append(to, k.Prefix...), '_'), u)
}

// Parse reads an identifier of this kind. The error is a sentence that tells what was wrong and repeats nothing but the
// prefix of another kind.
func (k Kind) Parse(s string) (uuid.UUID, error) {
	prefix, suffix, _ := strings.Cut(s, "_")
	if prefix == k.Prefix {
		if u, ok := parseBase32(suffix); ok {
			return u, nil
		}
	} else if other, ok := find(func(o Kind) bool { return o.Prefix == prefix }); ok {
		return uuid.UUID{}, fmt.Errorf("this is the id of %s (%s_…); the id of %s begins with %s_",
			other.article(), other.Prefix, k.article(), k.Prefix)
	}
	return uuid.UUID{}, fmt.Errorf("the id of %s is %s_ and 26 characters", k.article(), k.Prefix)
}

// Name tells what kind of identifier a text is, and its UUID.
func Name(s string) (Kind, uuid.UUID, error) {
	prefix, _, _ := strings.Cut(s, "_")
	k, ok := find(func(k Kind) bool { return k.Prefix == prefix })
	if !ok {
		return Kind{}, uuid.UUID{}, fmt.Errorf("no kind of id begins with %q", prefix)
	}
	u, err := k.Parse(s)
	return k, u, err
}

// article is the kind in a sentence: an order.
func (k Kind) article() string {
	name := strings.ReplaceAll(k.Name, "_", " ")
	if strings.HasPrefix(name, "api ") {
		name = "API" + strings.TrimPrefix(name, "api")
	}
	if strings.ContainsRune("aeioA", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
