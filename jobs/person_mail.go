package jobs

import (
	"context"
	"errors"
	"log/slog"

	"github.com/riverqueue/river"

	"zhitong/internal/mail"
	"zhitong/queue"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/people"
)

// refused ends a job whose mail the server takes never.
func refused(ctx context.Context, log *slog.Logger, kind string, err error) error {
	if errors.Is(err, mail.ErrRefused) {
		log.WarnContext(ctx, "a mail was refused by the mail server", slog.String("kind", kind), slog.Any("error", err))
		return river.JobCancel(err)
	}
	return err
}

// personMail tells somebody what has happened to their account.
type personMail struct {
	river.WorkerDefaults[queue.PersonMail]
	people *people.Service
	log    *slog.Logger
}

func (w *personMail) Work(ctx context.Context, job *river.Job[queue.PersonMail]) error {
	return refused(ctx, w.log, job.Kind, w.people.Tell(ctx, job.Args.PersonID.ID, job.Args.What))
}

// placeMail tells somebody that their account was used from a new place.
type placeMail struct {
	river.WorkerDefaults[queue.PlaceMail]
	people *people.Service
	log    *slog.Logger
}

func (w *placeMail) Work(ctx context.Context, job *river.Job[queue.PlaceMail]) error {
	return refused(ctx, w.log, job.Kind, w.people.TellPlace(ctx, job.Args.SessionID.ID))
}

// memberTold tells a platform what a member did with their account.
type memberTold struct {
	river.WorkerDefaults[queue.MemberTold]
	access *access.Service
}

func (w *memberTold) Work(ctx context.Context, job *river.Job[queue.MemberTold]) error {
	a := job.Args
	return w.access.TellMember(ctx, a.TenantID.ID, access.Act{ID: a.ActID.ID, Member: a.MemberID.ID,
		Session: a.SessionID.ID, What: a.What})
}

// linkMail sends a one-time link.
type linkMail struct {
	river.WorkerDefaults[queue.LinkMail]
	people *people.Service
	log    *slog.Logger
}

func (w *linkMail) Work(ctx context.Context, job *river.Job[queue.LinkMail]) error {
	return refused(ctx, w.log, job.Kind, w.people.SendLink(ctx, job.Args.LinkID.ID))
}

// invitationMail sends the link of an invitation.
type invitationMail struct {
	river.WorkerDefaults[queue.InvitationMail]
	access *access.Service
	post   people.Post
	log    *slog.Logger
}

func (w *invitationMail) Work(ctx context.Context, job *river.Job[queue.InvitationMail]) error {
	return refused(ctx, w.log, job.Kind,
		w.access.MailInvitation(ctx, w.post, job.Args.TenantID.ID, job.Args.InvitationID.ID))
}

// resetMail tells somebody that what a member signs in with is to be taken away.
type resetMail struct {
	river.WorkerDefaults[queue.ResetMail]
	approvals *approvals.Service
	post      people.Post
	log       *slog.Logger
}

func (w *resetMail) Work(ctx context.Context, job *river.Job[queue.ResetMail]) error {
	a := job.Args
	return refused(ctx, w.log, job.Kind,
		w.approvals.MailReset(ctx, w.post, a.TenantID.ID, a.ApprovalID.ID, a.MemberID.ID))
}
