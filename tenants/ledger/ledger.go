// Package ledger is the book: double-entry, in fen, append-only. Every movement of an order's money is one posting from
// one account to another, so that a transaction sums to zero by construction, and a balance is nothing but the sum of
// its entries.
//
// The accounts follow the money at Alipay: the buyer pays into the merchant's unsettled money; settle.confirm moves it
// to frozen (when there is a split) or to settled; order.settle moves parts of the frozen money to the platform's
// commission or to another merchant's settled money and releases the rest; a refund moves all of it back. No account is
// anyone's wallet: each says where Alipay keeps the money.
package ledger

import (
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
)

var q = dbsqlc.New()

// Kind is why money moved.
type Kind = vocabulary.PostingKind

// The kinds of postings.
const (
	KindPayment     = vocabulary.PostingPayment     // buyer → unsettled
	KindSettlement  = vocabulary.PostingSettlement  // unsettled → frozen, or → settled
	KindSplit       = vocabulary.PostingSplit       // frozen → commission, or → another merchant's settled
	KindRelease     = vocabulary.PostingRelease     // frozen → settled
	KindSplitReturn = vocabulary.PostingSplitReturn // commission, or another merchant's settled → settled
	KindRefund      = vocabulary.PostingRefund      // unsettled, or settled → buyer
)

// Account is a place where money is. Buyer and Commission have no merchant.
type Account struct {
	Name     vocabulary.AccountName
	Merchant id.Merchant
}

// Names of the accounts, as stored.
const (
	NameBuyer      = vocabulary.AccountBuyer
	NameUnsettled  = vocabulary.AccountUnsettled
	NameFrozen     = vocabulary.AccountFrozen
	NameSettled    = vocabulary.AccountSettled
	NameCommission = vocabulary.AccountCommission
)

// Buyer is the buyer of an order; its balance is minus what was paid and not refunded.
func Buyer() Account { return Account{Name: NameBuyer} }

// Commission is the platform's own Alipay account, as far as splits of its orders filled it.
func Commission() Account { return Account{Name: NameCommission} }

// Unsettled is a merchant's money of paid orders before settle.confirm.
func Unsettled(m id.Merchant) Account { return Account{Name: NameUnsettled, Merchant: m} }

// Frozen is a merchant's money that settle.confirm keeps for the split.
func Frozen(m id.Merchant) Account { return Account{Name: NameFrozen, Merchant: m} }

// Settled is what went to a merchant's bank card or Alipay account.
func Settled(m id.Merchant) Account { return Account{Name: NameSettled, Merchant: m} }

// OfReceiver is the account that a receiver's part of a split goes to.
func OfReceiver(r vocabulary.SplitReceiver, m id.Merchant) Account {
	if r == vocabulary.ToPlatform {
		return Commission()
	}
	return Settled(m)
}

// Posting moves Amount, in fen and above zero, from one account to another.
type Posting struct {
	Kind   Kind
	Order  id.Order
	Source uuid.UUID // the payment, settlement, split or refund that caused it
	From   Account
	To     Account
	Amount money.Fen
	At     time.Time
}

// Entry is a posting as it was written.
type Entry struct {
	ID id.Posting
	Posting
}

// Post writes a posting with the transaction's next round trip or commit. It does not guard against a repetition: the
// caller does, by the status that it moves in the same transaction.
func Post(ctx context.Context, tx db.TenantTx, p Posting) error {
	if p.Amount <= 0 {
		return fmt.Errorf("post %s of order %s: amount %d fen is not above zero", p.Kind, p.Order, p.Amount)
	}
	if p.From == p.To {
		return fmt.Errorf("post %s of order %s: from %s to itself", p.Kind, p.Order, p.From.Name)
	}
	if p.At.IsZero() {
		return fmt.Errorf("post %s of order %s: no time", p.Kind, p.Order)
	}
	return q.LedgerPostingInsert(ctx, tx.Later(), dbsqlc.LedgerPostingInsertParams{
		ID: id.New[id.Posting](), Kind: p.Kind, OrderID: p.Order, SourceID: p.Source,
		FromAccount: p.From.Name, FromMerchantID: p.From.Merchant, ToAccount: p.To.Name, ToMerchantID: p.To.Merchant,
		AmountFen: p.Amount, CreatedAt: p.At,
	})
}

// ByOrder reads a page of an order's postings, oldest first; After and Last are the only bounds. An order has a
// handful: one payment, one settlement, at most five parts, one release, and their returns.
func ByOrder(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	page tenants.Page[id.Posting],
) (out tenants.PageOf[Entry], err error) {
	page.OldestFirst = true
	rows, err := q.LedgerPostingListByOrder(ctx, tx, order, page.Floor(), page.Fetch())
	if err != nil {
		return out, fmt.Errorf("read the order's postings: %w", err)
	}
	return tenants.Cut(page, rows, func(r dbsqlc.LedgerPosting) string { return r.ID.String() }, entryOf), nil
}

func entryOf(r dbsqlc.LedgerPosting) Entry {
	return Entry{ID: r.ID, Posting: Posting{
		Kind: Kind(r.Kind), Order: r.OrderID, Source: r.SourceID,
		From: Account{r.FromAccount, r.FromMerchantID}, To: Account{r.ToAccount, r.ToMerchantID},
		Amount: r.AmountFen, At: r.CreatedAt,
	}}
}
