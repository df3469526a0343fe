// Package fulfilment is how what was sold comes to its buyer. There is one Kind for each sort of goods; an order's
// items may be of several. Some kinds deliver in the transaction that learns of the payment, others queue the delivery
// and end it later; what state each item of an order is in is written beside it.
//
// Everything here is atomic: it works on the caller's transaction, which has locked the order.
package fulfilment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
)

var q = dbsqlc.New()

// transitions lists what an item's state may become. A state that is missing is an end.
var transitions = map[vocabulary.DeliveryState][]vocabulary.DeliveryState{
	vocabulary.DeliveryReserved: {
		vocabulary.DeliveryQueued, vocabulary.DeliveryDelivered, vocabulary.DeliveryReleased, vocabulary.DeliveryVoid,
	},
	vocabulary.DeliveryQueued:    {vocabulary.DeliveryDelivered, vocabulary.DeliveryVoid},
	vocabulary.DeliveryDelivered: {vocabulary.DeliveryVoid},
}

// sources lists the states from which an item may come into a state.
func sources(to vocabulary.DeliveryState) []string {
	var out []string
	for _, from := range vocabulary.DeliveryStates() {
		if slices.Contains(transitions[from], to) {
			out = append(out, string(from))
		}
	}
	return out
}

// Item is what an order asks for.
type Item struct {
	Product  id.Product
	Quantity int32
	Kind     vocabulary.FulfilmentKind
}

// Kind delivers one sort of goods. Its functions work on all of the order's items of this kind, leave their writes for
// the commit, and write the items' states, by Mark or in the statement that delivers them. What cannot be done breaks
// the transaction off.
type Kind interface {
	// Reserve sets the items aside. They are sorted by product: two orders never wait for each other. Items begin as
	// reserved.
	Reserve(ctx context.Context, tx db.TenantTx, order id.Order, items []Item) error
	// Deliver gives the items to the buyer, or queues that: it returns delivered or queued. Who queues ends it later by
	// orders.Service.Fulfilled.
	Deliver(ctx context.Context, tx db.TenantTx, order id.Order, at time.Time) (vocabulary.DeliveryState, error)
	// Release makes what was set aside for an unpaid order free again.
	Release(ctx context.Context, tx db.TenantTx, order id.Order) error
	// Void makes the items of a refunded order worthless, in whatever state they are.
	Void(ctx context.Context, tx db.TenantTx, order id.Order) error
}

// Kinds are the kinds that a program delivers.
type Kinds map[vocabulary.FulfilmentKind]Kind

// of finds the named kinds, in one order for every transaction.
func (k Kinds) of(names []string) ([]Kind, error) {
	out := make([]Kind, 0, 1)
	for _, n := range slices.Sorted(slices.Values(names)) {
		kind, ok := k[vocabulary.FulfilmentKind(n)]
		if !ok {
			return nil, fmt.Errorf("nobody delivers goods of kind %q", n)
		}
		out = append(out, kind)
	}
	return out, nil
}

// Reserve sets an order's items aside.
func (k Kinds) Reserve(ctx context.Context, tx db.TenantTx, order id.Order, items []Item) error {
	by := map[vocabulary.FulfilmentKind][]Item{}
	for _, it := range items {
		by[it.Kind] = append(by[it.Kind], it)
	}
	for _, n := range slices.Sorted(maps.Keys(by)) {
		kind, ok := k[n]
		if !ok {
			return fmt.Errorf("nobody delivers goods of kind %q", n)
		}
		slices.SortFunc(by[n], func(a, b Item) int { return slices.Compare(a.Product[:], b.Product[:]) })
		if err := kind.Reserve(ctx, tx, order, by[n]); err != nil {
			return err
		}
	}
	return nil
}

// Deliver delivers or queues an order's items, which are of the named kinds. all tells that every one is delivered.
func (k Kinds) Deliver(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	names []string,
	at time.Time,
) (all bool, err error) {
	kinds, err := k.of(names)
	if err != nil {
		return false, err
	}
	all = true
	for _, kind := range kinds {
		state, err := kind.Deliver(ctx, tx, order, at)
		if err != nil {
			return false, err
		}
		all = all && state == vocabulary.DeliveryDelivered
	}
	return all, nil
}

// Release makes what was set aside for an unpaid order free again.
func (k Kinds) Release(ctx context.Context, tx db.TenantTx, order id.Order, names []string) error {
	kinds, err := k.of(names)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if err := kind.Release(ctx, tx, order); err != nil {
			return err
		}
	}
	return nil
}

// Void makes the items of a refunded order worthless.
func (k Kinds) Void(ctx context.Context, tx db.TenantTx, order id.Order, names []string) error {
	kinds, err := k.of(names)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if err := kind.Void(ctx, tx, order); err != nil {
			return err
		}
	}
	return nil
}

// ConstraintState is violated when an item is not in a state from which it may come into the one that is asked for.
const ConstraintState = "order_item_delivery"

// Mark writes the state of the order's items of a kind. The commit fails with ConstraintState when one of them cannot
// come into it. Items that were released stay so when the order is given back.
func Mark(ctx context.Context, tx db.TenantTx, order id.Order, kind vocabulary.FulfilmentKind,
	to vocabulary.DeliveryState) error {
	return mark(ctx, tx, order, kind, to, sources(to))
}

// Ended marks the order's items of a kind as delivered whose delivery was queued. The commit fails with ConstraintState
// when one of them is in another state: what is only set aside is not paid for.
func Ended(ctx context.Context, tx db.TenantTx, order id.Order, kind vocabulary.FulfilmentKind) error {
	return mark(ctx, tx, order, kind, vocabulary.DeliveryDelivered, []string{string(vocabulary.DeliveryQueued)})
}

func mark(ctx context.Context, tx db.TenantTx, order id.Order, kind vocabulary.FulfilmentKind,
	to vocabulary.DeliveryState, sources []string) error {
	return q.OrderItemSetDelivery(ctx, tx.Later(), dbsqlc.OrderItemSetDeliveryParams{
		OrderID:        order,
		FulfilmentKind: kind,
		Delivery:       to,
		Sources:        sources,
	})
}
