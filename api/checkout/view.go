package checkout

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"
	"time"

	"zhitong/api/pages"
	"zhitong/internal/mask"
	"zhitong/internal/money"
	typed "zhitong/internal/text"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/shops"
)

// view is what the template shows.
type view struct {
	T                      *text
	Lang, Title            string
	Icon, Style, Script    string
	Base                   string // address of the page, for the script
	State, Status          string
	Live                   bool // the page follows the order
	Paying                 bool
	Shop, Payee            string
	Amount, Refunded       string
	PayURL                 string
	QR                     *pages.Code
	ExpiresAt, Now         string // in milliseconds, for the script; empty when nothing runs out
	ExpiresISO             string
	ExpiresClock           string
	Steps                  []step
	Tone, Heading, Explain string
	Groups                 []group
	KeyCount               int
	Hidden                 bool // the card keys are there, and wait to be asked for
	KeyCountText           string
	Code                   *codeView // how an ended page opens again; nil: only the seller can
	Until                  string    // for how long the keys are shown
	Items                  []item
	Contact                string
	Made, MadeISO, PaidAt  string
	Number                 string
	Sandbox                bool
	Cashier                string // the simulator's, for a buyer without a phone; empty: there is none
	Accent, Logo           string // addresses; empty: the product's own
	Theme                  string // the colour of the browser's frame
	Notice                 []string
	ServiceHours, Service  string
	BackTo                 string // the shop's address, once there is nothing left to pay
}

type step struct {
	Name, Class string
	Current     bool
}

type group struct {
	Product string
	Keys    []key
}

type key struct {
	Pieces []piece
	Void   bool
}

// piece is a part of a card key. The page marks what cannot be seen, and what is copied off it is the key itself: the
// marks are the style sheet's. A carriage return is written as a reference, for a browser reads a bare one as a line
// feed.
type piece struct {
	Text string // empty for a carriage return
	Code string // U+202E; empty for a run of characters that are seen
}

func piecesOf(key string) (out []piece) {
	for _, p := range typed.Pieces(key) {
		if p.Unseen != 0 {
			out = append(out, piece{strings.Trim(p.Text, "\r"), fmt.Sprintf("%U", p.Unseen)})
			continue
		}
		for i, run := range strings.Split(p.Text, "\r") {
			if i > 0 {
				out = append(out, piece{})
			}
			if run != "" {
				out = append(out, piece{Text: run})
			}
		}
	}
	return out
}

type item struct {
	Name, Amount string
	Quantity     int32
}

// China has had one time zone and no summer time since 1992.
func beijing(t time.Time) time.Time { return t.In(time.FixedZone("CST", 8*60*60)) }

// viewOf turns an order into what its buyer is shown at the given time.
func viewOf(o orders.CheckoutView, t *text, now time.Time) (view, error) {
	v := view{
		T:       t,
		Lang:    t.Lang,
		Status:  string(o.Status),
		Shop:    o.Platform,
		Sandbox: o.Sandbox,
		Payee:   o.Payee,
		Amount:  yuan(o.Total),
		Number:  o.ID.String(),
		Contact: o.BuyerContact,
		Made:    beijing(o.CreatedAt).Format(t.Time),
		MadeISO: o.CreatedAt.Format(time.RFC3339),
	}
	if o.Refunded > 0 {
		v.Refunded = yuan(o.Refunded)
	}
	if o.PaidAt != nil {
		v.PaidAt = beijing(*o.PaidAt).Format(t.Time)
	}
	for _, it := range o.Items {
		v.Items = append(v.Items, item{it.Name, yuan(it.Amount), it.Quantity})
	}
	v.setState(orders.Status(o.Status), now.Before(o.ExpiresAt))
	if o.Over(now) {
		v.Heading, v.Explain = t.OverTitle, t.OverText
		if o.CodeTo != "" {
			v.Explain = t.OverCode
		}
	}
	if o.Over(now) || o.Hidden { // whoever holds the address is not yet known to be the buyer
		v.Contact = mask.Contact(v.Contact)
	}
	if v.Hidden = o.Hidden; v.Hidden {
		v.Heading, v.Explain = t.HiddenTitle, t.HiddenText
	}
	v.Title = cmp.Or(v.Heading, t.PayTitle+" ¥"+v.Amount)
	if v.Paying && o.Payment.PayURL != "" {
		v.PayURL = o.Payment.PayURL
		v.ExpiresAt, v.Now, v.ExpiresISO = fmt.Sprint(
			o.ExpiresAt.UnixMilli(),
		), fmt.Sprint(
			now.UnixMilli(),
		), o.ExpiresAt.Format(
			time.RFC3339,
		)
		v.ExpiresClock = beijing(o.ExpiresAt).Format("15:04:05")
		if o.ExpiresAt.Sub(now) >= time.Hour {
			v.ExpiresClock = beijing(o.ExpiresAt).Format(t.Time)
		}
		if payments.Channel(o.Payment.Channel) == payments.ChannelQR {
			code, err := pages.Draw(o.Payment.PayURL)
			if err != nil {
				return v, err
			}
			v.QR = code
		}
	}
	if !v.Paying {
		v.BackTo = o.BackTo()
	}
	v.setKeys(o)
	return v, nil
}

// setCashier leads a buyer without a phone to the simulator's cashier, when the payment's address is the simulator's;
// what Alipay's own code says only its app can read.
func (v *view) setCashier(o orders.CheckoutView, simulator string) {
	if v.QR != nil && o.Sandbox && simulator != "" && strings.HasPrefix(v.PayURL, simulator+"/") {
		v.Cashier = v.PayURL
	}
}

// setBrand says how the platform looks.
func (v *view) setBrand(o orders.CheckoutView) {
	b := o.Brand
	v.Shop, v.Theme = cmp.Or(b.Name, v.Shop), theme
	v.ServiceHours, v.Service = b.ServiceHours, b.ServiceContact
	if b.Accent != "" {
		v.Accent, v.Theme = accentBelow+accentFile(b.Accent), shops.ColorsOf(b.Accent).Light.Accent
	}
	v.Logo = LogoPath(o.Tenant, b.Logo)
	if b.Notice != "" {
		v.Notice = strings.Split(b.Notice, "\n")
	}
}

// theme is the product's own colour.
const theme = "#1657d9"

// setState says where the order stands. An order whose time is over stays open until Alipay has confirmed that nobody
// paid.
func (v *view) setState(s orders.Status, inTime bool) {
	t := v.T
	steps := func(at int, names ...string) {
		for i, n := range names {
			st := step{Name: n, Current: i == at}
			switch {
			case i < at || (i == at && at == len(names)-1):
				st.Class = "done"
			case i == at:
				st.Class = "now"
			}
			v.Steps = append(v.Steps, st)
		}
	}
	halt := func(names ...string) {
		steps(len(names)-1, names...)
		v.Steps[len(names)-1].Class = "halt"
	}
	switch {
	case s == orders.StatusAwaitingPayment && inTime:
		v.State, v.Live, v.Paying = "pay", true, true
		steps(0, t.StepPay, t.StepPaid, t.StepDone)
	case s == orders.StatusAwaitingPayment:
		v.State, v.Live, v.Tone, v.Heading, v.Explain = "expired", true, "busy", t.ExpiredTitle, t.ExpiredText
		steps(0, t.StepPay, t.StepPaid, t.StepDone)
	case s == orders.StatusPaid:
		v.State, v.Live, v.Tone, v.Heading, v.Explain = "paid", true, "busy", t.PaidTitle, t.PaidText
		steps(1, t.StepPay, t.StepPaid, t.StepDone)
	case s == orders.StatusDelivered:
		v.State, v.Tone, v.Heading, v.Explain = "delivered", "good", t.DeliveredTitle, t.DeliveredText
		steps(2, t.StepPay, t.StepPaid, t.StepDone)
	case s == orders.StatusRefunded:
		v.State, v.Tone, v.Heading, v.Explain = "refunded", "back", t.RefundedTitle, t.RefundedText
		steps(2, t.StepPay, t.StepPaid, t.StepRefunded)
	case s == orders.StatusNeedsReview:
		v.State, v.Live, v.Tone, v.Heading, v.Explain = "review", true, "warn", t.ReviewTitle, t.ReviewText
		halt(t.StepPay, t.StepHalt)
	default:
		v.State, v.Live, v.Tone, v.Heading, v.Explain = "closed", true, "quiet", t.ClosedTitle, t.ClosedText
		halt(t.StepPay, t.StepClosed)
	}
}

func (v *view) setKeys(o orders.CheckoutView) {
	for _, it := range o.Items {
		g := group{Product: it.Name}
		for _, k := range o.CardKeys {
			if k.Product == it.Product {
				g.Keys = append(g.Keys, key{Pieces: piecesOf(k.Key.Reveal()), Void: k.Status == "void"})
			}
		}
		if len(g.Keys) > 0 {
			v.Groups = append(v.Groups, g)
			v.KeyCount += len(g.Keys)
		}
	}
	v.KeyCountText = fmt.Sprintf(v.T.KeyCount, v.KeyCount)
	v.Until = fmt.Sprintf(v.T.Until, beijing(o.ShownUntil).Format(v.T.Time))
}

// yuan writes an amount for people: 1,234.50.
func yuan(f money.Fen) string {
	whole, cents, _ := strings.Cut(f.Yuan(), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + "." + cents
}

// parse reads the page's template.
func parse(source string) (*template.Template, error) {
	return template.New("page").Option("missingkey=error").Parse(source)
}
