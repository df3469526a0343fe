package retention

import (
	"fmt"
	"time"

	"zhitong/tenants/tasks"
)

// Rule says how long the rows of a table stay. docs/data.md shows the rules.
type Rule struct {
	Table string
	Days  int    // rows are deleted this long after From; 0: nothing deletes them for their age
	From  string // what the days are counted from; of rows that stay: how long they do, and why
	// Setting is the property of a platform's retention that says other days, from Floor to Ceiling; Days are those of
	// a platform that has said nothing.
	Setting        string
	Floor, Ceiling int
}

// Words are what docs/data.md says of the table's rows.
func (r Rule) Words() string {
	if r.Days == 0 {
		return r.From
	}
	return fmt.Sprintf("%d days after %s", r.Days, r.From)
}

const (
	eventsDays   = 90
	attemptsDays = 30
	auditDays    = 730
	imagesDays   = 30
	draftsDays   = 90
	appliedDays  = 90  // notifications that were applied, or needed nothing
	decidedDays  = 730 // notifications that a person had to look at, and closed cases
	codesDays    = 30
	noticesDays  = 30
	requestsDays = 30
	// endpointsDays is how long a deleted endpoint stays: its address may have a token of the platform's own in it.
	endpointsDays = 90
	tasksDays     = int(tasks.Kept / (24 * time.Hour))
	// approvalsDays is for how long it can be read who approved what; the audit log has it, too.
	approvalsDays = 730
	// lastDays is how long the last event of an order stays, so that its next one is numbered on: money is refunded for
	// a year.
	lastDays = 400
)

// Rules are the rules of all tables with rows of tenants. What tells of trade (law asks for three years) is not deleted
// for its age.
func Rules() []Rule {
	const trade, own, used = "for good: trade", "as long as the platform", "until it is deleted or replaced"
	return []Rule{
		{Table: "alipay_connections", From: used},
		{Table: "api_keys", From: own},
		{Table: "api_requests", Days: requestsDays, From: "it was answered"},
		{Table: "application_images", Days: imagesDays, From: "the decision"},
		{Table: "applications", Days: draftsDays, From: "a draft was touched last; a submitted one stays for good",
			Setting: "drafts_days", Floor: 30, Ceiling: 730},
		{Table: "audit_log", Days: auditDays, From: "it was written; who made a key that is in use stays",
			Setting: "audit_log_days", Floor: 180, Ceiling: 3650},
		{Table: "approvals", Days: approvalsDays, From: "it ended"},
		{Table: "book_looks", From: "one row for each look"},
		{Table: "card_key_imports", From: trade},
		{Table: "card_keys", From: trade},
		{Table: "case_notes", From: "as long as the case"},
		{Table: "cases", Days: decidedDays, From: "it was closed, unless its order is still being reviewed"},
		{Table: "chain_heads", From: "a row for each chained table"},
		{Table: "chain_links", From: "as long as the platform; its rows leave before it"},
		{Table: "checkout_codes", Days: codesDays, From: "it ended"},
		{Table: "erasures", From: "for good: who asked for it, and when; the contact goes with the last order"},
		{Table: "events", Days: eventsDays, From: "it was written; the last of a subject stays longer",
			Setting: "events_days", Floor: 30, Ceiling: 730},
		{Table: "file_chunks", From: "as long as the file"},
		{Table: "files", From: "30 days; exports 7"},
		{Table: "idempotency_keys", Days: 1, From: "it was used; 30 where money moves"},
		{Table: "invitations", From: own},
		{Table: "ledger_postings", From: trade},
		{Table: "members", From: used},
		{Table: "merchants", From: trade},
		{Table: "notice_routes", From: used},
		{Table: "notice_templates", From: used},
		{Table: "notices", Days: noticesDays, From: "it was written"},
		{Table: "notifications", Days: appliedDays, From: "it was applied; 730 when it was not"},
		{Table: "order_gates", From: "a row for each gate"},
		{Table: "order_items", From: trade},
		{Table: "order_reviews", From: trade},
		{Table: "orders", From: trade},
		{Table: "overview_figures", From: "as long as the platform: sums, of nobody"},
		{Table: "overview_heads", From: "a row for each platform"},
		{Table: "overview_stages", From: "a row for each merchant and stage"},
		{Table: "payments", From: trade},
		{Table: "products", From: trade},
		{Table: "reconciliations", From: "until the book agrees"},
		{Table: "refund_parts", From: trade},
		{Table: "refunds", From: trade},
		{Table: "retention_marks", From: "a row for each table"},
		{Table: "settlements", From: trade},
		{Table: "shops", From: used},
		{Table: "split_parts", From: trade},
		{Table: "split_rule_parts", From: trade},
		{Table: "split_rule_versions", From: trade},
		{Table: "split_rules", From: trade},
		{Table: "splits", From: trade},
		{Table: "tasks", Days: tasksDays, From: "it ended"},
		{Table: "tenant_data_keys", From: own},
		{Table: "tenants", From: own},
		{Table: "webhook_attempts", Days: attemptsDays, From: "it was made", Setting: "webhook_attempts_days",
			Floor: 7, Ceiling: 365},
		{Table: "webhook_endpoints", Days: endpointsDays,
			From: "it was deleted, once no attempt to deliver to it is kept"},
	}
}
