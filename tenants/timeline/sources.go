package timeline

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/payments"
)

// kind is the kind of identifiers with a name.
func kind(name string) id.Kind {
	k, _ := id.KindOf(name)
	return k
}

// since is when something ended, or began as long as it has not.
func since(began time.Time, ended *time.Time) time.Time {
	if ended != nil {
		return *ended
	}
	return began
}

func fen(f money.Fen) *money.Fen { return &f }

// first are the reads that need nothing but the order's identifier.
func (r *reader) first() []read {
	r.subjects = []uuid.UUID{uuid.UUID(r.order)}
	reads := []read{r.made, r.payments()}
	if r.see.Splits {
		reads = append(reads, r.settlements(), r.splits())
	}
	if r.see.Refunds {
		reads = append(reads, r.refunds(), r.refundParts())
	}
	if r.see.Cases {
		reads = append(reads, r.cases())
	}
	if r.see.Reviews {
		reads = append(reads, r.reviews())
	}
	if r.see.Codes {
		reads = append(reads, r.code())
	}
	return reads
}

// second are the reads that need what belongs to the order.
func (r *reader) second() (reads []read) {
	if r.see.Payments {
		reads = append(reads, r.notifications())
	}
	if r.see.Webhooks {
		reads = append(reads, r.attempts())
	}
	if r.see.Acts {
		reads = append(reads, r.acts())
	}
	return reads
}

func (r *reader) made(ctx context.Context, asked db.Asked) error {
	o, err := q.TimelineOrder(ctx, asked, r.order)
	if db.IsNoRows(err) {
		return tenants.OrderNotFound()
	}
	if err != nil {
		return fmt.Errorf("read order %s: %w", r.order, err)
	}
	about := func(at time.Time, k vocabulary.TimelineKind, area vocabulary.TimelineArea) Entry {
		return Entry{At: at, Kind: k, Area: area, Subject: kind("order"), ID: uuid.UUID(o.ID)}
	}
	e := about(o.CreatedAt, vocabulary.TimelineOrderCreated, vocabulary.AreaPeople)
	e.Amount, e.facts.pieces = fen(o.TotalFen), int(o.Pieces)
	if r.see.Acts {
		e.Actor = actorOf("", o.CreatedBy, o.CreatedFrom)
	}
	r.add(e)
	if o.DeliveredAt != nil {
		e := about(*o.DeliveredAt, vocabulary.TimelineOrderDelivered, vocabulary.AreaGoods)
		e.facts.pieces = int(o.Pieces)
		r.add(e)
	}
	if o.ClosedAt != nil {
		r.add(about(*o.ClosedAt, vocabulary.TimelineOrderClosed, vocabulary.AreaGoods))
	}
	return nil
}

// payments are read in any case: Alipay's notifications name them.
func (r *reader) payments() read {
	return source(r, "the payments",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelinePaymentsRow, error) {
			return q.TimelinePayments(ctx, asked, r.order, fetch)
		},
		func(p dbsqlc.TimelinePaymentsRow) {
			r.subjects = append(r.subjects, uuid.UUID(p.ID))
			r.numbers = append(r.numbers, payments.OutTradeNo(p.ID))
			if !r.see.Payments {
				return
			}
			e := Entry{At: p.CreatedAt, Kind: vocabulary.TimelinePaymentCreated, Area: vocabulary.AreaMoney,
				Status: string(p.Status), Subject: kind("payment"), ID: uuid.UUID(p.ID), Amount: fen(p.AmountFen),
				facts: facts{channel: p.Channel}}
			r.add(e)
			if p.PaidAt != nil {
				e.At, e.Kind = *p.PaidAt, vocabulary.TimelinePaymentPaid
				if e.At.Before(p.CreatedAt) { // Alipay tells whole seconds
					e.At = p.CreatedAt
				}
				if p.TradeNo != nil {
					e.facts.number = *p.TradeNo
				}
				r.add(e)
			}
		})
}

func (r *reader) settlements() read {
	return source(r, "the settlements",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineSettlementsRow, error) {
			return q.TimelineSettlements(ctx, asked, r.order, fetch)
		},
		func(s dbsqlc.TimelineSettlementsRow) {
			r.add(Entry{At: since(s.CreatedAt, s.DoneAt), Kind: vocabulary.TimelineSettlement,
				Area: vocabulary.AreaMoney, Status: string(s.Status), Subject: kind("settlement"), ID: uuid.UUID(s.ID),
				Amount: fen(s.AmountFen), facts: facts{alipay: s.Reason}})
		})
}

func (r *reader) splits() read {
	var last id.Split
	return source(r, "the splits",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineSplitPartsRow, error) {
			return q.TimelineSplitParts(ctx, asked, r.order, fetch)
		},
		func(s dbsqlc.TimelineSplitPartsRow) {
			e := Entry{At: since(s.CreatedAt, s.DoneAt), Kind: vocabulary.TimelineSplit, Area: vocabulary.AreaMoney,
				Status: string(s.Status), Subject: kind("split"), ID: uuid.UUID(s.ID),
				facts: facts{number: s.SettleNo, alipay: s.Reason}}
			if s.ID != last {
				last = s.ID
				r.subjects = append(r.subjects, uuid.UUID(s.ID))
				r.add(e)
			}
			if s.Position == 0 {
				return
			}
			e.Kind, e.Amount = vocabulary.TimelineSplitPart, fen(money.Fen(s.PartFen))
			e.facts = facts{receiver: receiver(vocabulary.SplitReceiver(s.Receiver), s.Merchant),
				returned: money.Fen(s.Returned)}
			r.add(e)
		})
}

// platform stands for the platform where a merchant's name would; a text of the language replaces it.
const platform = "\x00platform"

func receiver(to vocabulary.SplitReceiver, merchant string) string {
	if to == vocabulary.ToPlatform {
		return platform
	}
	return merchant
}

func (r *reader) refunds() read {
	return source(r, "the refunds",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineRefundsRow, error) {
			return q.TimelineRefunds(ctx, asked, r.order, fetch)
		},
		func(f dbsqlc.TimelineRefundsRow) {
			r.subjects = append(r.subjects, uuid.UUID(f.ID))
			e := Entry{At: f.CreatedAt, Kind: vocabulary.TimelineRefund, Area: vocabulary.AreaMoney,
				Status: string(vocabulary.RefundPending), Subject: kind("refund"), ID: uuid.UUID(f.ID),
				Amount: fen(f.AmountFen), facts: facts{note: f.Reason, number: f.OutsideNo}}
			if f.Origin == vocabulary.RefundOutside {
				e.Status = string(f.Origin)
				r.add(e)
				return
			}
			r.add(e)
			if f.Status != vocabulary.RefundPending {
				e.At, e.Status = since(f.CreatedAt, f.DoneAt), string(f.Status)
				e.facts = facts{alipay: f.Failure}
				r.add(e)
			}
		})
}

func (r *reader) refundParts() read {
	return source(r, "the parts of refunds",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineRefundPartsRow, error) {
			return q.TimelineRefundParts(ctx, asked, r.order, fetch)
		},
		func(p dbsqlc.TimelineRefundPartsRow) {
			r.add(Entry{At: since(p.CreatedAt, p.DoneAt), Kind: vocabulary.TimelineRefundPart,
				Area: vocabulary.AreaMoney, Status: string(p.Status), Subject: kind("refund"), ID: uuid.UUID(p.ID),
				Amount: fen(p.AmountFen), facts: facts{receiver: receiver(p.Receiver, p.Merchant)}})
		})
}

func (r *reader) cases() read {
	return source(r, "the cases",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineCasesRow, error) {
			return q.TimelineCases(ctx, asked, uuid.UUID(r.order), fetch)
		},
		func(c dbsqlc.TimelineCasesRow) {
			r.subjects = append(r.subjects, uuid.UUID(c.ID))
			e := Entry{At: c.CreatedAt, Kind: vocabulary.TimelineCaseOpened, Area: vocabulary.AreaPeople,
				Status: string(c.Kind), Subject: kind("case"), ID: uuid.UUID(c.ID),
				facts: facts{note: c.Detail, times: int(c.Occurrences)}}
			r.add(e)
			if c.ClosedAt != nil {
				e.At, e.Kind, e.facts = *c.ClosedAt, vocabulary.TimelineCaseClosed, facts{}
				r.add(e)
			}
		})
}

func (r *reader) reviews() read {
	return source(r, "the decisions",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineReviewsRow, error) {
			return q.TimelineReviews(ctx, asked, r.order, fetch)
		},
		func(v dbsqlc.TimelineReviewsRow) {
			e := Entry{At: v.AskedAt, Kind: vocabulary.TimelineReviewAsked, Area: vocabulary.AreaPeople,
				Status: string(v.Decision), Subject: kind("order"), ID: uuid.UUID(r.order), Amount: fen(v.AmountFen),
				Actor: actorOf("", v.AskedBy, ""), facts: facts{number: v.TradeNo, note: v.Note}}
			r.add(e)
			if v.EndedAt != nil && v.Status != vocabulary.ReviewAsked {
				e.At, e.Kind, e.Status = *v.EndedAt, vocabulary.TimelineReviewEnded, string(v.Status)
				e.Actor, e.facts = actorOf("", v.EndedBy, ""), facts{}
				r.add(e)
			}
		})
}

func (r *reader) code() read {
	return source(r, "the one-time codes",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineCodeRow, error) {
			return q.TimelineCode(ctx, asked, r.order)
		},
		func(c dbsqlc.TimelineCodeRow) {
			r.add(Entry{At: c.AskedAt, Kind: vocabulary.TimelineCodeAsked, Area: vocabulary.AreaGoods,
				Subject: kind("order"), ID: uuid.UUID(r.order), facts: facts{times: int(c.Asked)}})
		})
}

func (r *reader) notifications() read {
	return source(r, "the notifications",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineNotificationsRow, error) {
			return q.TimelineNotifications(ctx, asked, r.numbers, fetch)
		},
		func(n dbsqlc.TimelineNotificationsRow) {
			r.add(Entry{At: n.ReceivedAt, Kind: vocabulary.TimelineNotification, Area: vocabulary.AreaNotices,
				Status: string(n.Verdict), Subject: kind("notification"), ID: uuid.UUID(n.ID),
				facts: facts{alipay: n.State}})
		})
}

func (r *reader) attempts() read {
	return source(r, "the webhook attempts",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineAttemptsRow, error) {
			return q.TimelineAttempts(ctx, asked, r.subjects, fetch)
		},
		func(t dbsqlc.TimelineAttemptsRow) {
			e := Entry{At: t.CreatedAt, Kind: vocabulary.TimelineWebhookAttempt, Area: vocabulary.AreaNotices,
				Status: "failed", Subject: kind("webhook_delivery"), ID: uuid.UUID(t.ID), facts: facts{event: t.Type,
					times: int(t.Attempt), failure: t.Error, took: time.Duration(t.DurationMs) * time.Millisecond}}
			if t.ResponseStatus != nil {
				e.facts.answer = int(*t.ResponseStatus)
			}
			if e.facts.answer/100 == 2 {
				e.Status = "succeeded"
			}
			r.add(e)
		})
}

// reveals are the actions by which card keys are shown.
func reveals() map[string]bool {
	return map[string]bool{"getOrderCardKeys": true, "checkout": true}
}

func (r *reader) acts() read {
	return source(r, "what people did",
		func(ctx context.Context, asked db.Asked) ([]dbsqlc.TimelineAuditRow, error) {
			return q.TimelineAudit(ctx, asked, r.subjects, fetch)
		},
		func(l dbsqlc.TimelineAuditRow) {
			e := Entry{At: l.CreatedAt, Kind: vocabulary.TimelineAct, Area: vocabulary.AreaPeople,
				Subject: kind(cmp.Or(l.SubjectType, "order")), ID: l.SubjectID,
				Actor: actorOf(l.ActorKind, l.ActorID, l.ClientAddress),
				facts: facts{action: l.Action, note: l.Detail}}
			if reveals()[l.Action] {
				e.Kind = vocabulary.TimelineRevealed
			}
			r.add(e)
		})
}
