package contacts

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/vault"
)

// Codes of this package.
const (
	CodeErasureNotFound fault.Code = "erasure_not_found"
	CodeMerchantActive  fault.Code = "merchant_still_active"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeErasureNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such erasure",
			TitleZh:   "没有该删除任务",
			Meaning:   "The tenant has no erasure with this id.",
			MeaningZh: "租户内没有此标识的删除任务。",
		},
		{
			Code:    CodeMerchantActive,
			Status:  http.StatusConflict,
			Title:   "The merchant is active",
			TitleZh: "商户仍处于启用状态",
			Meaning: "The contact of a merchant that can receive payments stays: whoever settles with it must " +
				"reach it. Suspend the merchant first.",
			MeaningZh: "可收款商户的联系方式须保留，以便结算联系。请先暂停该商户。",
		},
	}
}

// Erasure is a contact that is to be erased, and how far that is.
type Erasure struct {
	ID        id.Erasure
	Subject   vocabulary.ErasureSubject
	Merchant  id.Merchant // zero for a buyer
	Status    vocabulary.ErasureStatus
	Erased    int32 // orders that the contact is gone from
	Waiting   int32 // orders that are not final; they go on as they are, and are erased then
	CreatedAt time.Time
	DoneAt    *time.Time
}

func erasureOf(r dbsqlc.Erasure) Erasure {
	return Erasure{ID: r.ID, Subject: r.Subject, Merchant: r.MerchantID, Status: r.Status, Erased: r.OrdersErased,
		Waiting: r.OrdersWaiting, CreatedAt: r.CreatedAt, DoneAt: r.DoneAt}
}

// Person is whose contact is to be erased: one of the two.
type Person struct {
	BuyerContact string // in any notation that [tenants.NormalContact] takes for the same
	Merchant     id.Merchant
}

// oneOpen is violated by a second erasure of a contact while the first is not done.
const oneOpen = "erasures_one_open"

// Erase has the contact of a person erased. Of a buyer it goes from every order made so far, in the background, once
// the order is final. Of a merchant it goes at once. While an erasure of a contact is not done, the same one is
// returned. It returns invalid_request, merchant_not_found and merchant_still_active.
func (s *Service) Erase(ctx context.Context, a tenants.Actor, p Person) (e Erasure, err error) {
	contact := tenants.NormalContact(p.BuyerContact)
	if (contact == "") == p.Merchant.IsZero() {
		return Erasure{}, fault.New(tenants.CodeInvalidRequest, "Name either a buyer's contact or a merchant.")
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return Erasure{}, err
	}
	erase := s.eraseBuyer
	if contact == "" {
		erase = s.eraseMerchant
	}
	for range 2 {
		err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
			e, err = erase(ctx, tx, a, Person{contact, p.Merchant})
			return err
		})
		if !db.Violates(err, oneOpen) { // another request was faster: its erasure is found now
			break
		}
	}
	return e, err
}

func (s *Service) eraseBuyer(ctx context.Context, tx db.TenantTx, a tenants.Actor, p Person) (Erasure, error) {
	digest, err := s.vault.Digest(ctx, s.db, tx.Tenant(), vault.ByBuyerContact, p.BuyerContact)
	if err != nil {
		return Erasure{}, err
	}
	open, err := q.ErasureOpen(ctx, tx, digest)
	if err == nil {
		return erasureOf(open), nil
	}
	if !db.IsNoRows(err) {
		return Erasure{}, fmt.Errorf("look for an erasure: %w", err)
	}
	e := dbsqlc.Erasure{ID: id.New[id.Erasure](), Subject: vocabulary.ErasureOfBuyer, Digest: digest,
		Status: vocabulary.ErasurePending, CreatedAt: s.clock.Now()}
	e.SealedContact, err = vault.ErasedContact.SealText(ctx, tx, s.vault, e.ID, p.BuyerContact)
	if err != nil {
		return Erasure{}, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return Erasure{}, err
	}
	if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.ContactErase{TenantID: queue.RefTo(tx.Tenant()),
		ErasureID: queue.RefTo(e.ID)}}); err != nil {
		return Erasure{}, err
	}
	if err := tell(ctx, tx, vocabulary.EventErasureCreated, events.ByActor(a), e, e.CreatedAt); err != nil {
		return Erasure{}, err
	}
	// the digest tells whether two entries are about one contact, and nobody finds the contact by it
	return erasureOf(e), audit.Record(ctx, tx, audit.Actor(a), "eraseContact", "erasure", e.ID,
		"buyer "+hex.EncodeToString(digest))
}

func (s *Service) eraseMerchant(ctx context.Context, tx db.TenantTx, a tenants.Actor, p Person) (Erasure, error) {
	m, err := q.MerchantGetForUpdate(ctx, tx, p.Merchant)
	if db.IsNoRows(err) {
		return Erasure{}, tenants.MerchantNotFound()
	}
	if err != nil {
		return Erasure{}, fmt.Errorf("read the merchant: %w", err)
	}
	if m.Status == vocabulary.MerchantActive {
		return Erasure{}, fault.New(CodeMerchantActive, "Suspend the merchant first.")
	}
	now := s.clock.Now()
	e := dbsqlc.Erasure{ID: id.New[id.Erasure](), Subject: vocabulary.ErasureOfMerchant, MerchantID: p.Merchant,
		Status: vocabulary.ErasureDone, CreatedAt: now, DoneAt: &now}
	if err := q.MerchantErase(ctx, tx.Later(), p.Merchant); err != nil {
		return Erasure{}, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return Erasure{}, err
	}
	if err := tell(ctx, tx, vocabulary.EventErasureCreated, events.ByActor(a), e, now); err != nil {
		return Erasure{}, err
	}
	if err := tell(ctx, tx, vocabulary.EventErasureCompleted, events.ByActor(a), e, now); err != nil {
		return Erasure{}, err
	}
	return erasureOf(e), audit.Record(ctx, tx, audit.Actor(a), "eraseContact", "erasure", e.ID,
		"merchant "+p.Merchant.String())
}

// event is the picture of an erasure in its events: whose contact it is, and never the contact.
type event struct {
	events.By
	ErasureID  id.Erasure                `json:"erasure_id"`
	Subject    vocabulary.ErasureSubject `json:"subject"`
	MerchantID *id.Merchant              `json:"merchant_id,omitempty"`
}

func tell(
	ctx context.Context,
	tx db.TenantTx,
	kind vocabulary.EventType,
	by events.By,
	e dbsqlc.Erasure,
	at time.Time,
) error {
	data := event{By: by, ErasureID: e.ID, Subject: e.Subject}
	if !e.MerchantID.IsZero() {
		data.MerchantID = &e.MerchantID
	}
	return events.Emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectErasure, SubjectID: e.ID,
		Data: data, At: at})
}

func insert(ctx context.Context, tx db.TenantTx, e dbsqlc.Erasure) error {
	err := q.ErasureInsert(ctx, tx, dbsqlc.ErasureInsertParams{ID: e.ID, Subject: e.Subject, MerchantID: e.MerchantID,
		Digest: e.Digest, SealedContact: e.SealedContact, Status: e.Status, CreatedAt: e.CreatedAt, DoneAt: e.DoneAt})
	if err != nil {
		return fmt.Errorf("write the erasure: %w", err)
	}
	return nil
}

// Erasure reads an erasure. It returns erasure_not_found.
func (s *Service) Erasure(ctx context.Context, a tenants.Actor, erasure id.Erasure) (e Erasure, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.ErasureGet(ctx, tx, erasure)
		e = erasureOf(r)
		return foundErasure(err)
	})
	return e, err
}

func foundErasure(err error) error {
	if db.IsNoRows(err) {
		return fault.New(CodeErasureNotFound, "There is no such erasure.")
	}
	if err != nil {
		return fmt.Errorf("read the erasure: %w", err)
	}
	return nil
}
