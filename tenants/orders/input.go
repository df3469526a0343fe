package orders

import (
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/port"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/payments"
)

// How long an order waits for its payment.
const (
	PaymentWindow    = 15 * time.Minute // unless another time is asked for
	PaymentWindowMin = time.Minute
	PaymentWindowMax = 24 * time.Hour
	// qrMax is how long Alipay keeps the code of a precreate.
	qrMax = 2 * time.Hour
)

// returnURLMax is the length of a return address, in characters.
const returnURLMax = 2000

// check returns invalid_request for what no order can have.
func (in CheckoutInput) check(mode vocabulary.TenantMode) error {
	longest := PaymentWindowMax
	if in.Channel == payments.ChannelQR {
		longest = qrMax
	}
	if in.Expires != 0 && (in.Expires < PaymentWindowMin || in.Expires > longest) {
		return fault.New(tenants.CodeInvalidRequest, "The order cannot wait that long, or that short.").
			At("/expires_in_seconds", "range",
				fmt.Sprintf("Must be from %.0f to %.0f for this channel.", PaymentWindowMin.Seconds(),
					longest.Seconds()))
	}
	if in.ReturnURL == "" {
		return nil
	}
	refuse := func(code, detail string) error {
		return fault.New(tenants.CodeInvalidRequest, "The buyer cannot be led back to that address.").
			At("/return_url", code, detail)
	}
	u, err := url.Parse(in.ReturnURL)
	switch {
	case utf8.RuneCountInString(in.ReturnURL) > returnURLMax:
		return refuse("max_length", fmt.Sprintf("Must have at most %d characters.", returnURLMax))
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return refuse("format", "Must be an absolute address.")
	case !port.InURL(u):
		return refuse("format", "Must have a port from 1 to 65535, or none.")
	case u.User != nil:
		return refuse("credentials", "Must have no user name and no password.")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && mode == tenants.ModeSandbox && local(u.Hostname()):
		return nil
	}
	return refuse("scheme", "Must begin with https://; a sandbox may use http:// on localhost.")
}

func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// BackTo is the shop's address for the buyer of the order: the return address with the order's id in its query; empty
// when the order has none.
func (o Order) BackTo() string { return backTo(o.ReturnURL, o.ID) }

func backTo(address string, order id.Order) string {
	u, err := url.Parse(address)
	if address == "" || err != nil { // it was checked when the order was made
		return ""
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "order_id=" + order.String()
	return u.String()
}
