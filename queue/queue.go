// Package queue is the catalogue of jobs: what each kind carries, and in which queue it waits. The arguments are a
// stored format: fields are added, never renamed, and a golden file holds each kind to that. They carry the tenant and
// identifiers, never secrets or copies of rows.
//
// Insert writes jobs in the transaction that makes them necessary, as River would, but without waiting for an answer
// and without a NOTIFY.
package queue

import (
	"github.com/riverqueue/river"

	"zhitong/internal/id"
)

// Queues. Each has its own workers, so that a slow webhook never delays a split.
const (
	QueuePayments = "payments"
	QueueMoney    = "money"
	QueueWebhooks = "webhooks"
	// QueueFailing has the webhooks of endpoints that did not take their last delivery: whoever hangs there delays only
	// those that fail too.
	QueueFailing     = "webhooks_failing"
	QueueOnboarding  = "onboarding"
	QueueMaintenance = "maintenance"
	// QueueBooks has questions to acquirers that nobody waits for.
	QueueBooks = "books"
	QueueMails = "mails"
	// QueueFigures sums what a platform reads of how it does.
	QueueFigures = "figures"
	// QueueTasks has long work that somebody asked for.
	QueueTasks = "tasks"
	// QueueNotices has what people are told.
	QueueNotices = "notices"
)

// How often a job of a queue is tried before it is discarded and a person has to look.
const (
	attemptsPayments    = 50
	attemptsMoney       = 50
	attemptsWebhooks    = 13 // one more than the delays of the webhook schedule
	attemptsOnboarding  = 50
	attemptsErasure     = 50
	attemptsMaintenance = 3
	attemptsMails       = 8
	attemptsTasks       = 12
	attemptsTold        = 50
)

// JobArgs is what a kind of job carries, and how it is queued.
type JobArgs interface {
	river.JobArgs
	river.JobArgsWithInsertOpts
}

// PaymentWatch asks Alipay about an unpaid payment until it is paid or its time is up.
type PaymentWatch struct {
	TenantID  Ref[id.Tenant]  `json:"tenant_id"`
	PaymentID Ref[id.Payment] `json:"payment_id"`
}

// Kind implements river.JobArgs.
func (PaymentWatch) Kind() string { return "payment_watch" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PaymentWatch) InsertOpts() river.InsertOpts { return opts(QueuePayments, attemptsPayments) }

// SplitExecute settles a payment and splits it.
type SplitExecute struct {
	TenantID  Ref[id.Tenant]  `json:"tenant_id"`
	PaymentID Ref[id.Payment] `json:"payment_id"`
}

// Kind implements river.JobArgs.
func (SplitExecute) Kind() string { return "split_execute" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SplitExecute) InsertOpts() river.InsertOpts { return opts(QueueMoney, attemptsMoney) }

// RefundExecute gives a buyer's money back.
type RefundExecute struct {
	TenantID Ref[id.Tenant] `json:"tenant_id"`
	RefundID Ref[id.Refund] `json:"refund_id"`
}

// Kind implements river.JobArgs.
func (RefundExecute) Kind() string { return "refund_execute" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (RefundExecute) InsertOpts() river.InsertOpts { return opts(QueueMoney, attemptsMoney) }

// PaymentReconcile compares a payment's money with the acquirer's book, and books what moved without us.
type PaymentReconcile struct {
	TenantID  Ref[id.Tenant]  `json:"tenant_id"`
	PaymentID Ref[id.Payment] `json:"payment_id"`
}

// Kind implements river.JobArgs.
func (PaymentReconcile) Kind() string { return "payment_reconcile" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PaymentReconcile) InsertOpts() river.InsertOpts { return opts(QueueMoney, attemptsMoney) }

// WebhookDeliver sends one event to one endpoint.
type WebhookDeliver struct {
	TenantID   Ref[id.Tenant]          `json:"tenant_id"`
	EventID    Ref[id.Event]           `json:"event_id"`
	EndpointID Ref[id.WebhookEndpoint] `json:"endpoint_id"`
}

// Kind implements river.JobArgs.
func (WebhookDeliver) Kind() string { return "webhook_deliver" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WebhookDeliver) InsertOpts() river.InsertOpts { return opts(QueueWebhooks, attemptsWebhooks) }

// OnboardingSubmit sends an application to Alipay.
type OnboardingSubmit struct {
	TenantID      Ref[id.Tenant]      `json:"tenant_id"`
	ApplicationID Ref[id.Application] `json:"application_id"`
}

// Kind implements river.JobArgs.
func (OnboardingSubmit) Kind() string { return "onboarding_submit" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (OnboardingSubmit) InsertOpts() river.InsertOpts {
	return opts(QueueOnboarding, attemptsOnboarding)
}

// OnboardingWatch asks Alipay how an application stands, for as long as it is open.
type OnboardingWatch struct {
	TenantID      Ref[id.Tenant]      `json:"tenant_id"`
	ApplicationID Ref[id.Application] `json:"application_id"`
}

// Kind implements river.JobArgs.
func (OnboardingWatch) Kind() string { return "onboarding_watch" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (OnboardingWatch) InsertOpts() river.InsertOpts {
	return opts(QueueOnboarding, attemptsOnboarding)
}

func opts(queue string, attempts int) river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: attempts, Priority: 1}
}

// Shards is into how many parts the tenants are divided for what is done to all of them.
const Shards = 16

// Sweep says which tenants a job goes through: those of a shard, from the tenant after After on.
type Sweep struct {
	Shard int            `json:"shard"` // 0 to Shards-1
	After Ref[id.Tenant] `json:"after"`
}

// RetentionSweep deletes what has been kept long enough, in every tenant of a shard.
type RetentionSweep struct{ Sweep }

// Kind implements river.JobArgs.
func (RetentionSweep) Kind() string { return "retention_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (RetentionSweep) InsertOpts() river.InsertOpts {
	return opts(QueueMaintenance, attemptsMaintenance)
}

// SealSweep seals what programs of before wrote as it was, in every tenant of a shard.
type SealSweep struct{ Sweep }

// Kind implements river.JobArgs.
func (SealSweep) Kind() string { return "seal_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SealSweep) InsertOpts() river.InsertOpts { return opts(QueueMaintenance, attemptsMaintenance) }

// Recovery gives what lost its job a new one, in every tenant of a shard.
type Recovery struct{ Sweep }

// Kind implements river.JobArgs.
func (Recovery) Kind() string { return "recovery" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (Recovery) InsertOpts() river.InsertOpts { return opts(QueueMaintenance, attemptsMaintenance) }

// BookLook compares the book with the acquirer's, for the payments of every tenant of a shard whose time has come.
type BookLook struct{ Sweep }

// Kind implements river.JobArgs.
func (BookLook) Kind() string { return "book_look" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (BookLook) InsertOpts() river.InsertOpts { return opts(QueueBooks, attemptsMaintenance) }

// ChainClose closes what must stay as it was written, in every tenant of a shard.
type ChainClose struct{ Sweep }

// Kind implements river.JobArgs.
func (ChainClose) Kind() string { return "chain_close" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ChainClose) InsertOpts() river.InsertOpts { return opts(QueueMaintenance, attemptsMaintenance) }

// OverviewRoll sums what has happened, in every tenant of a shard.
type OverviewRoll struct{ Sweep }

// Kind implements river.JobArgs.
func (OverviewRoll) Kind() string { return "overview_roll" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (OverviewRoll) InsertOpts() river.InsertOpts { return opts(QueueFigures, attemptsMaintenance) }

// ApprovalExpire ends the approvals that nobody has decided in time, and does what was approved and whose time has
// come, in every tenant of a shard.
type ApprovalExpire struct{ Sweep }

// Kind implements river.JobArgs.
func (ApprovalExpire) Kind() string { return "approval_expire" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ApprovalExpire) InsertOpts() river.InsertOpts {
	return opts(QueueMaintenance, attemptsMaintenance)
}

// SandboxSweep ends the sandboxes that nobody uses, of a shard.
type SandboxSweep struct{ Sweep }

// Kind implements river.JobArgs.
func (SandboxSweep) Kind() string { return "sandbox_sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SandboxSweep) InsertOpts() river.InsertOpts { return opts(QueueMaintenance, attemptsMaintenance) }

// SandboxMail tells the owners that their sandbox is to end.
type SandboxMail struct {
	TenantID Ref[id.Tenant] `json:"tenant_id"`
}

// Kind implements river.JobArgs.
func (SandboxMail) Kind() string { return "sandbox_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SandboxMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// CheckoutCode sends the buyer a one-time code that opens an ended checkout page again.
type CheckoutCode struct {
	TenantID Ref[id.Tenant] `json:"tenant_id"`
	OrderID  Ref[id.Order]  `json:"order_id"`
}

// Kind implements river.JobArgs.
func (CheckoutCode) Kind() string { return "checkout_code" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (CheckoutCode) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// PersonMail tells somebody what has happened to their account.
type PersonMail struct {
	PersonID Ref[id.Person] `json:"person_id"`
	What     string         `json:"what"` // password, factors or failures
}

// Kind implements river.JobArgs.
func (PersonMail) Kind() string { return "person_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PersonMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// PlaceMail tells somebody that their account was used from a new place.
type PlaceMail struct {
	SessionID Ref[id.Session] `json:"session_id"`
}

// Kind implements river.JobArgs.
func (PlaceMail) Kind() string { return "place_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PlaceMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// MemberTold tells a platform what a member did with the account that they sign in with.
type MemberTold struct {
	TenantID  Ref[id.Tenant]  `json:"tenant_id"`
	MemberID  Ref[id.Member]  `json:"member_id"`
	ActID     Ref[id.Act]     `json:"act_id"`
	SessionID Ref[id.Session] `json:"session_id"` // which began at a new place; zero of other acts
	What      string          `json:"what"`       // place, password or factors
}

// Kind implements river.JobArgs.
func (MemberTold) Kind() string { return "member_told" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (MemberTold) InsertOpts() river.InsertOpts { return opts(QueueNotices, attemptsTold) }

// LinkMail sends a one-time link to whom it is for.
type LinkMail struct {
	LinkID Ref[id.Link] `json:"link_id"`
}

// Kind implements river.JobArgs.
func (LinkMail) Kind() string { return "link_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (LinkMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// InvitationMail sends the link of an invitation.
type InvitationMail struct {
	TenantID     Ref[id.Tenant]     `json:"tenant_id"`
	InvitationID Ref[id.Invitation] `json:"invitation_id"`
}

// Kind implements river.JobArgs.
func (InvitationMail) Kind() string { return "invitation_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (InvitationMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// ResetMail tells somebody that what a member signs in with is to be taken away: the member, or who asked for it.
type ResetMail struct {
	TenantID   Ref[id.Tenant]   `json:"tenant_id"`
	ApprovalID Ref[id.Approval] `json:"approval_id"`
	MemberID   Ref[id.Member]   `json:"member_id"` // who is mailed
}

// Kind implements river.JobArgs.
func (ResetMail) Kind() string { return "reset_mail" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ResetMail) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// TaskRun does the next steps of a task.
type TaskRun struct {
	TenantID Ref[id.Tenant] `json:"tenant_id"`
	TaskID   Ref[id.Task]   `json:"task_id"`
}

// Kind implements river.JobArgs.
func (TaskRun) Kind() string { return "task_run" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (TaskRun) InsertOpts() river.InsertOpts { return opts(QueueTasks, attemptsTasks) }

// ContactErase erases a buyer's contact from the orders of a platform.
type ContactErase struct {
	TenantID  Ref[id.Tenant]  `json:"tenant_id"`
	ErasureID Ref[id.Erasure] `json:"erasure_id"`
}

// Kind implements river.JobArgs.
func (ContactErase) Kind() string { return "contact_erase" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (ContactErase) InsertOpts() river.InsertOpts { return opts(QueueMaintenance, attemptsErasure) }

// NoticeTake looks for what people are to be told, in every tenant that has routes for it, from the tenant after After
// on.
type NoticeTake struct {
	After Ref[id.Tenant] `json:"after"`
}

// Kind implements river.JobArgs.
func (NoticeTake) Kind() string { return "notice_take" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (NoticeTake) InsertOpts() river.InsertOpts { return opts(QueueNotices, attemptsMaintenance) }

// NoticeSend sends a message to people.
type NoticeSend struct {
	TenantID Ref[id.Tenant] `json:"tenant_id"`
	NoticeID Ref[id.Notice] `json:"notice_id"`
}

// Kind implements river.JobArgs.
func (NoticeSend) Kind() string { return "notice_send" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (NoticeSend) InsertOpts() river.InsertOpts { return opts(QueueNotices, attemptsMaintenance) }

// NoticeAlarm tells the owners that people are no longer told by a route.
type NoticeAlarm struct {
	TenantID Ref[id.Tenant]      `json:"tenant_id"`
	RouteID  Ref[id.NoticeRoute] `json:"route_id"`
}

// Kind implements river.JobArgs.
func (NoticeAlarm) Kind() string { return "notice_alarm" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (NoticeAlarm) InsertOpts() river.InsertOpts { return opts(QueueMails, attemptsMails) }

// All lists one of each kind.
func All() []JobArgs {
	return []JobArgs{
		PaymentWatch{},
		SplitExecute{},
		RefundExecute{},
		PaymentReconcile{},
		WebhookDeliver{},
		OnboardingSubmit{},
		OnboardingWatch{},
		RetentionSweep{},
		SealSweep{},
		ContactErase{},
		Recovery{},
		BookLook{},
		ChainClose{},
		OverviewRoll{},
		ApprovalExpire{},
		SandboxSweep{},
		SandboxMail{},
		CheckoutCode{},
		PersonMail{},
		PlaceMail{},
		MemberTold{},
		LinkMail{},
		InvitationMail{},
		ResetMail{},
		TaskRun{},
		NoticeTake{},
		NoticeSend{},
		NoticeAlarm{},
		DiscardedRetry{},
	}
}

// DiscardedRetry takes up again the jobs that were given up and must not be.
type DiscardedRetry struct{}

// Kind implements river.JobArgs.
func (DiscardedRetry) Kind() string { return "discarded_retry" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (DiscardedRetry) InsertOpts() river.InsertOpts {
	return opts(QueueMaintenance, attemptsMaintenance)
}
