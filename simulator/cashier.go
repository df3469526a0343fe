package simulator

import (
	"encoding/binary"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"
	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/money"
)

// cashierRoutes are the buyer's pages: GET opens (and so begins) the trade, POST pays or cancels.
func (s *Simulator) cashierRoutes(r chi.Router) {
	r.Get("/cashier/{token}", s.cashierOpen)
	r.Post("/cashier/{token}", s.cashierPay)
}

// cashierView is what a cashier page shows. A merged payment has several trades; everything else one.
type cashierView struct {
	Token   string
	Kind    string // precreate, create, pay, page, wap, app, merge
	Trades  []*Trade
	Total   money.Fen
	Subject string
	Seller  string
	Status  string // of the first trade
	Buyers  []*Account
	// Problem is the last refusal; ReturnTo where the buyer goes after paying (signed return_url of page and wap), QuitTo after cancelling.
	Problem, SubCode string
	ReturnTo, QuitTo string
}

// cashierAction is what a buyer does at the cashier.
type cashierAction struct {
	Buyer    string // user id or login; empty: the first test buyer
	Channel  string // fund channel; empty: balance
	Password string // empty in a POST by a program means "right"
	Cancel   bool
}

// cashierScan opens what a token names: an order becomes a trade. Returns the view; a refusal is in Problem.
func (s *Simulator) cashierScan(token string) (*cashierView, error) {
	s.runDue(s.now())
	return s.cashierDo(token, func(tx *tx, trades []*Trade) error {
		for _, t := range trades {
			if err := beginTrade(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// cashierPayment pays (or cancels) what a token names. A refusal is in Problem and changes nothing.
func (s *Simulator) cashierPayment(token string, a cashierAction) (*cashierView, error) {
	s.runDue(s.now())
	return s.cashierDo(token, func(tx *tx, trades []*Trade) error {
		for _, t := range trades {
			if err := beginTrade(tx, t); err != nil {
				return err
			}
			if err := cashierOne(tx, t, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func cashierOne(tx *tx, t *Trade, a cashierAction) error {
	if a.Cancel {
		return nil // the buyer goes away; the trade stays open until it expires
	}
	buyer := a.Buyer
	if buyer == "" {
		buyer = "2088000000000001"
	}
	if t.Wanted != "" && a.Buyer == "" {
		buyer = t.Wanted
	}
	acc, err := findAccount(tx, buyer)
	if err != nil {
		return err
	}
	if acc != nil && a.Password != "" && acc.Password != "" && a.Password != acc.Password {
		return acq("PAYMENT_FAIL", "支付密码错误")
	}
	channel := a.Channel
	if channel == "" {
		channel = channelBalance
	}
	return payTrade(tx, t, buyer, channel)
}

// errNoToken: the address names nothing.
var errNoToken = errors.New("no such cashier address")

// cashierDo runs an action on the trades of a token in one transaction and describes the result.
func (s *Simulator) cashierDo(token string, act func(tx *tx, trades []*Trade) error) (*cashierView, error) {
	var v *cashierView
	err := s.update(s.now(), func(tx *tx) error {
		trades, err := s.tradesOfToken(tx, token)
		if err != nil {
			return err
		}
		if err := act(tx, trades); err != nil {
			return err
		}
		v, err = s.describeCashier(tx, token, trades)
		return err
	})
	var biz *bizError
	if !errors.As(err, &biz) {
		return v, err
	}
	err = s.view(s.now(), func(tx *tx) error { // what it is like without the refused action
		trades, err := s.tradesOfToken(tx, token)
		if err != nil {
			return err
		}
		v, err = s.describeCashier(tx, token, trades)
		return err
	})
	if v != nil {
		v.Problem, v.SubCode = biz.SubMsg, biz.SubCode
	}
	return v, err
}

func (s *Simulator) tradesOfToken(tx *tx, token string) ([]*Trade, error) {
	if strings.HasPrefix(token, "mrg") {
		return tradesOfMerge(tx, token)
	}
	seq := s.seqOfToken(token)
	if seq == 0 {
		return nil, errNoToken
	}
	t, err := getTrade(tx, seq)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errNoToken
	}
	return []*Trade{t}, nil
}

func (s *Simulator) describeCashier(tx *tx, token string, trades []*Trade) (*cashierView, error) {
	first := trades[0]
	v := &cashierView{Token: token, Kind: first.Kind, Trades: trades, Subject: first.Subject, Status: first.Status, QuitTo: first.QuitURL, Seller: first.PID}
	for _, t := range trades {
		v.Total += t.Total
	}
	if first.SMID != "" {
		m, err := getMerchant(tx, first.SMID)
		if err != nil {
			return nil, err
		}
		if m != nil {
			v.Seller = m.Name
		}
	}
	err := eachDoc(tx, bucketAccounts, "", "", func(_ string, a *Account) (bool, error) {
		if a.Kind == accountBuyer {
			v.Buyers = append(v.Buyers, a)
		}
		return len(v.Buyers) < 20, nil
	})
	if err != nil {
		return nil, err
	}
	if first.ReturnURL != "" && first.paid() {
		v.ReturnTo, err = s.returnURL(tx, first)
	}
	return v, err
}

// returnURL is the browser's way back after paying: the return_url with signed parameters (page and wap).
func (s *Simulator) returnURL(tx *tx, t *Trade) (string, error) {
	u, _ := url.Parse(t.ReturnURL)
	if u == nil {
		return "", nil // a return_url that is none is the merchant's mistake: the buyer stays here
	}
	p := map[string]string{"app_id": t.AppID, "auth_app_id": t.AppID, "method": "alipay.trade." + t.Kind + ".pay.return", "charset": "utf-8", "version": "1.0",
		"timestamp": beijing(tx.now), "out_trade_no": t.Out, "trade_no": t.TradeNo(), "total_amount": t.Total.Yuan(), "seller_id": t.sellerID(tx)}
	sign, err := signRSA2(s.keys.key, []byte(signText(p, "sign", "sign_type")))
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

func (s *Simulator) cashierOpen(w http.ResponseWriter, r *http.Request) {
	v, err := s.cashierScan(chi.URLParam(r, "token"))
	s.cashierPage(w, r, v, err)
}

func (s *Simulator) cashierPay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad form", http.StatusBadRequest)
		return
	}
	a := cashierAction{Buyer: r.PostForm.Get("buyer"), Channel: r.PostForm.Get("channel"), Password: r.PostForm.Get("password"), Cancel: r.PostForm.Get("action") == "cancel"}
	token := chi.URLParam(r, "token")
	if r.PostForm.Get("view") == "page" {
		s.cashierForm(w, r, token, a)
		return
	}
	v, err := s.cashierPayment(token, a)
	switch {
	case err == nil && a.Cancel && v.QuitTo != "":
		http.Redirect(w, r, v.QuitTo, http.StatusSeeOther)
	case err == nil && v.Problem == "" && v.ReturnTo != "":
		http.Redirect(w, r, v.ReturnTo, http.StatusSeeOther)
	default:
		s.cashierPage(w, r, v, err)
	}
}

// openPage is page.pay, wap.pay and app.pay: the browser comes with the signed order and goes on to the cashier.
func openPage(kind string) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		var token string
		err := c.update(func(tx *tx) error {
			want, err := newOrder(tx, c, c.biz, kind)
			if err != nil {
				return err
			}
			t, _, err := place(tx, want)
			if err != nil {
				return err
			}
			token = c.sim.cashierToken(t)
			return nil
		})
		return token, err
	}
}

// answerPage sends a browser on to the cashier, or shows the refusal: a GBK page with status 200, as the live gateway does.
func (s *Simulator) answerPage(w http.ResponseWriter, r *http.Request, node any, err error) {
	if token, ok := node.(string); ok && err == nil {
		http.Redirect(w, r, s.base(r)+"/cashier/"+token, http.StatusFound)
		return
	}
	var biz *bizError
	if !errors.As(err, &biz) {
		biz = unavailable()
	}
	page := `<!DOCTYPE html><html><head><meta charset="gbk"><title>支付宝 - 错误</title></head><body><h1>` + template.HTMLEscapeString(biz.SubMsg) +
		`</h1><p>错误代码 ` + template.HTMLEscapeString(biz.SubCode) + `</p></body></html>`
	out, encErr := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(page))
	if encErr != nil {
		out = []byte(biz.SubCode)
	}
	w.Header().Set("Content-Type", "text/html;charset=GBK")
	_, _ = w.Write(out)
}

// seqKey reads a stored sequence.
func seqKey(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
