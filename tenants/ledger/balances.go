package ledger

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// breachesMax bounds how many breaches Check reports of each sort.
const breachesMax = 100

// Balances is the balance of each account that ever moved, in fen. They sum to zero.
type Balances map[Account]money.Fen

// OrderBalances sums an order's entries per account.
func OrderBalances(ctx context.Context, tx db.TenantTx, order id.Order) (Balances, error) {
	rows, err := q.LedgerBalancesByOrder(ctx, tx, order)
	if err != nil {
		return nil, fmt.Errorf("read the order's balances: %w", err)
	}
	b := Balances{}
	for _, r := range rows {
		b[Account{vocabulary.AccountName(r.Account), r.MerchantID}] = money.Fen(r.Balance)
	}
	return b, nil
}

// TenantBalances sums every entry of the tenant per account. It reads the whole book: for verification, not for a page.
func TenantBalances(ctx context.Context, tx db.TenantTx) (Balances, error) {
	rows, err := q.LedgerBalances(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the tenant's balances: %w", err)
	}
	b := Balances{}
	for _, r := range rows {
		b[Account{vocabulary.AccountName(r.Account), r.MerchantID}] = money.Fen(r.Balance)
	}
	return b, nil
}

// Sum is the sum of all balances: zero, or the book is broken.
func (b Balances) Sum() (money.Fen, error) {
	var sum money.Fen
	for a, v := range b {
		var err error
		if sum, err = sum.Add(v); err != nil {
			return 0, fmt.Errorf("sum the balances at %s: %w", a.Name, err)
		}
	}
	return sum, nil
}

// Breach is an order whose book cannot be right.
type Breach struct {
	Order   id.Order
	Rule    string // unbalanced: the entries do not sum to zero; overdrawn: more left an account than came in
	Account Account
	Balance money.Fen
}

// Check looks for breaches of the book's invariants in the tenant's orders, at most a hundred of each sort. It reads
// the whole book.
func Check(ctx context.Context, tx db.TenantTx) ([]Breach, error) {
	unbalanced, err := q.LedgerUnbalanced(ctx, tx, breachesMax)
	if err != nil {
		return nil, fmt.Errorf("look for unbalanced orders: %w", err)
	}
	overdrawn, err := q.LedgerOverdrawn(ctx, tx, breachesMax)
	if err != nil {
		return nil, fmt.Errorf("look for overdrawn accounts: %w", err)
	}
	var out []Breach
	for _, r := range unbalanced {
		out = append(out, Breach{Order: r.OrderID, Rule: "unbalanced", Balance: money.Fen(r.Balance)})
	}
	for _, r := range overdrawn {
		out = append(out, Breach{
			Order:   r.OrderID,
			Rule:    "overdrawn",
			Account: Account{vocabulary.AccountName(r.Account), r.MerchantID},
			Balance: money.Fen(r.Balance),
		})
	}
	return out, nil
}
