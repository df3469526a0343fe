package apitest_test

import (
	"net/http"
	"testing"

	"zhitong/api/apitest"
)

// TestClosedEventSaysWhen closes an order: the event has the time that the order has.
func TestClosedEventSaysWhen(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var o struct {
		ClosedAt string `json:"closed_at"`
	}
	order, _ := w.Order(t, p)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders/"+order+"/close", nil, &o)
	var list struct {
		Data []struct {
			Data struct {
				OrderID  string `json:"order_id"`
				ClosedAt string `json:"closed_at"`
			}
		}
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/events?type=order.closed", nil, &list)
	if len(list.Data) != 1 || o.ClosedAt == "" || list.Data[0].Data.ClosedAt != o.ClosedAt ||
		list.Data[0].Data.OrderID != order {
		t.Errorf("the order was closed at %q, the events are %+v", o.ClosedAt, list.Data)
	}
}
