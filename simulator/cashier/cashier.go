// Package cashier is what buyers open to pay, and what merchants and payers open to confirm something.
package cashier

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/money"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// Cashier is where buyers pay, and where merchants and buyers confirm what Alipay asks them.
type Cashier struct{ st *state.State }

// New works on the state.
func New(st *state.State) *Cashier { return &Cashier{st: st} }

// Routes are the buyer's pages: GET opens (and so begins) the trade, POST pays or cancels.
func (c *Cashier) Routes(r chi.Router) {
	r.Get("/cashier/{token}", c.open)
	r.Post("/cashier/{token}", c.pay)
}

// view is what a cashier page shows. A merged payment has several trades; everything else one.
type view struct {
	Token   string
	Kind    string // precreate, create, pay, page, wap, app, merge
	Trades  []*trades.Trade
	Total   money.Fen
	Subject string
	Seller  string
	Status  string // of the first trade
	Buyers  []*state.Account
	// Problem is the last refusal; ReturnTo where the buyer goes after paying (signed return_url of page and wap),
	// QuitTo after cancelling.
	Problem, SubCode string
	ReturnTo, QuitTo string
}

// scan opens what a token names: an order becomes a trade. Returns the view; a refusal is in Problem.
func (c *Cashier) scan(token string) (*view, error) {
	c.st.RunDue(c.st.Now())
	return c.do(token, func(tx *state.Tx, opened []*trades.Trade) error {
		for _, t := range opened {
			if err := trades.Begin(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// payment pays (or cancels) what a token names. A refusal is in Problem and changes nothing.
func (c *Cashier) payment(token string, a trades.BuyerAction) (*view, error) {
	c.st.RunDue(c.st.Now())
	return c.do(token, func(tx *state.Tx, opened []*trades.Trade) error {
		for _, t := range opened {
			if err := trades.Begin(tx, t); err != nil {
				return err
			}
			if err := trades.Act(tx, t, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// do runs an action on the trades of a token in one transaction and describes the result.
func (c *Cashier) do(token string, act func(tx *state.Tx, trades []*trades.Trade) error) (*view, error) {
	var v *view
	err := c.st.Update(c.st.Now(), func(tx *state.Tx) error {
		trades, err := trades.OfToken(c.st, tx, token)
		if err != nil {
			return err
		}
		if err := act(tx, trades); err != nil {
			return err
		}
		v, err = c.describe(tx, token, trades)
		return err
	})
	var biz *protocol.BizError
	if !errors.As(err, &biz) {
		return v, err
	}
	err = c.st.View(c.st.Now(), func(tx *state.Tx) error { // what it is like without the refused action
		trades, err := trades.OfToken(c.st, tx, token)
		if err != nil {
			return err
		}
		v, err = c.describe(tx, token, trades)
		return err
	})
	if v != nil {
		v.Problem, v.SubCode = biz.SubMsg, biz.SubCode
	}
	return v, err
}

func (c *Cashier) describe(tx *state.Tx, token string, trades []*trades.Trade) (*view, error) {
	first := trades[0]
	v := &view{Token: token, Kind: first.Kind, Trades: trades, Subject: first.Subject, Status: first.Status,
		QuitTo: first.QuitURL, Seller: first.PID}
	for _, t := range trades {
		v.Total += t.Total
	}
	if first.SMID != "" {
		m, err := merchants.Get(tx, first.SMID)
		if err != nil {
			return nil, err
		}
		if m != nil {
			v.Seller = m.Name
		}
	}
	err := state.Each(tx, state.BucketAccounts, "", "", func(_ string, a *state.Account) (bool, error) {
		if a.Kind == state.AccountBuyer {
			v.Buyers = append(v.Buyers, a)
		}
		return len(v.Buyers) < 20, nil
	})
	if err != nil {
		return nil, err
	}
	if first.ReturnURL != "" && first.IsPaid() {
		v.ReturnTo, err = c.returnURL(tx, first)
	}
	return v, err
}

// returnURL is the browser's way back after paying: the return_url with signed parameters (page and wap).
func (c *Cashier) returnURL(tx *state.Tx, t *trades.Trade) (string, error) {
	u, _ := url.Parse(t.ReturnURL)
	if u == nil {
		return "", nil // a return_url that is none is the merchant's mistake: the buyer stays here
	}
	p := map[string]string{"app_id": t.AppID, "auth_app_id": t.AppID, "method": "alipay.trade." + t.Kind +
		".pay.return", "charset": "utf-8", "version": "1.0",
		"timestamp": protocol.Beijing(tx.Now), "out_trade_no": t.Out, "trade_no": t.TradeNo(),
		"total_amount": t.Total.Yuan(), "seller_id": t.SellerID(tx)}
	sign, err := protocol.SignRSA2(c.st.Keys.Key, []byte(protocol.SignText(p, "sign", "sign_type")))
	if err != nil {
		return "", err
	}
	q := u.Query()
	for k, v := range p {
		q.Set(k, v)
	}
	q.Set("sign_type", "RSA2")
	q.Set("sign", sign)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func (c *Cashier) open(w http.ResponseWriter, r *http.Request) {
	v, err := c.scan(chi.URLParam(r, "token"))
	c.page(w, r, v, err)
}

func (c *Cashier) pay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	a := trades.BuyerAction{Buyer: r.PostForm.Get("buyer"), Channel: r.PostForm.Get("channel"),
		Password: r.PostForm.Get("password"), Cancel: r.PostForm.Get("action") == "cancel"}
	token := chi.URLParam(r, "token")
	if r.PostForm.Get("view") == "page" {
		c.form(w, r, token, a)
		return
	}
	v, err := c.payment(token, a)
	switch {
	case err == nil && a.Cancel && v.QuitTo != "":
		http.Redirect(w, r, v.QuitTo, http.StatusSeeOther)
	case err == nil && v.Problem == "" && v.ReturnTo != "":
		http.Redirect(w, r, v.ReturnTo, http.StatusSeeOther)
	default:
		c.page(w, r, v, err)
	}
}

// AnswerPage sends a browser on to the cashier, or shows the refusal: a GBK page with status 200, as the live gateway
// does.
func (c *Cashier) AnswerPage(w http.ResponseWriter, r *http.Request, node any, err error) {
	if token, ok := node.(string); ok && err == nil {
		http.Redirect(w, r, c.st.BaseURL(r)+"/cashier/"+token, http.StatusFound)
		return
	}
	var biz *protocol.BizError
	if !errors.As(err, &biz) {
		biz = protocol.Unavailable()
	}
	// The code without "isv.", as live pages print it (fzlee/alipay issue 54, chloerei/alipay issue 90).
	code, reason := strings.TrimPrefix(biz.SubCode, "isv."), biz.SubMsg
	if !strings.Contains(reason, protocol.SignedTextIs) { // that text is escaped already
		reason = template.HTMLEscapeString(reason)
	}
	page := `<!DOCTYPE html><html><head><meta charset="gbk"><title>支付宝 - 错误</title></head><body>` +
		`<h1>调试错误，请回到请求来源地，重新发起请求。</h1><p>错误代码 ` + template.HTMLEscapeString(code) +
		` 错误原因: ` + reason + `</p></body></html>`
	out, encErr := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(page))
	if encErr != nil {
		out = []byte(biz.SubCode)
	}
	w.Header().Set("Content-Type", "text/html;charset=GBK")
	_, _ = w.Write(out)
}
