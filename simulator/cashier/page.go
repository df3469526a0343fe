package cashier

import (
	"errors"
	"net/http"
	"net/url"

	"zhitong/simulator/pages"
	"zhitong/simulator/trades"
)

// channelChoice is one way to pay on the cashier page.
type channelChoice struct {
	Code, Class, Sign, Name, Note string
	Off, On                       bool
}

// pageBody is what the cashier's template gets beside the view.
type pageBody struct {
	View     *view
	Channels []channelChoice
	Buyer    string
	Done     bool // the buyer has just paid: go back by itself
	Left     bool // the buyer has just cancelled
}

// page shows the cashier, the result, or why there is none.
func (c *Cashier) page(w http.ResponseWriter, r *http.Request, v *view, err error) {
	p := pages.New(c.st, w, r)
	switch {
	case errors.Is(err, trades.ErrNoToken):
		c.notice(w, http.StatusNotFound, p, p.T("二维码已失效", "This code does not exist"),
			noticeBody{Text: p.T("请回到商家页面重新下单。", "Please order again at the merchant.")})
		return
	case err != nil:
		c.st.Log.Error("cashier", "error", err)
		c.notice(w, http.StatusInternalServerError, p, p.T("系统繁忙", "Something went wrong"),
			noticeBody{Text: p.T("请稍后再试。", "Please try again later.")})
		return
	}
	b := pageBody{View: v, Buyer: r.PostFormValue("buyer"), Done: r.URL.Query().Get("done") == "1" &&
		v.Status != trades.StatusWait, Left: r.URL.Query().Get("left") == "1" && v.Status == trades.StatusWait}
	if b.Buyer == "" {
		b.Buyer = v.Trades[0].Wanted
	}
	b.Channels = channelChoices(p, v, r.PostFormValue("channel"))
	p.Body = b
	pages.Show(c.st, w, http.StatusOK, "cashier", p)
}

// channelChoices are the four ways to pay; what the order forbids is shown, but cannot be chosen.
func channelChoices(p *pages.Page, v *view, chosen string) []channelChoice {
	list := []channelChoice{
		{Code: trades.ChannelBalance, Class: "b", Sign: "￥", Note: p.T("支付宝账户余额", "Alipay account balance")},
		{Code: trades.ChannelFund, Class: "m", Sign: p.T("宝", "Y"), Note: p.T("货币基金份额", "money market fund")},
		{Code: trades.ChannelHuabei, Class: "h", Sign: p.T("花", "H"), Note: p.T("本月买，下月还", "pay next month")},
		{Code: trades.ChannelCard, Class: "k", Sign: p.T("卡", "C"),
			Note: p.T("储蓄卡（尾号 8888）", "debit card ending 8888")},
	}
	on := false
	for i := range list {
		c := &list[i]
		c.Name = p.Label(c.Code)
		for _, t := range v.Trades {
			if !t.Allows(c.Code) {
				c.Off, c.Note = true, p.T("商家不支持", "not accepted by the merchant")
			}
		}
		if !c.Off && (c.Code == chosen || (chosen == "" && !on)) {
			c.On, on = true, true
		}
	}
	return list
}

// form is a POST of the page's own form (view=page): problems and results are pages, and the way back is a link,
// because the policy of the page lets its forms lead nowhere else. Programs post without it and are redirected at once.
func (c *Cashier) form(w http.ResponseWriter, r *http.Request, token string, a trades.BuyerAction) {
	here := "/cashier/" + url.PathEscape(token)
	action := r.PostForm.Get("action")
	if action == "cancel" {
		http.Redirect(w, r, here+"?left=1", http.StatusSeeOther)
		return
	}
	var v *view
	var err error
	switch {
	case action == "short":
		v, err = c.scan(token)
		withProblem(v, "ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
	case action == "wrong" || a.Password == "":
		v, err = c.scan(token)
		withProblem(v, "ACQ.PAYMENT_FAIL", "支付密码错误")
	default:
		v, err = c.payment(token, a)
	}
	if err == nil && v.Problem == "" {
		http.Redirect(w, r, here+"?done=1", http.StatusSeeOther)
		return
	}
	c.page(w, r, v, err)
}

// withProblem shows a refusal without trying: the trade stays as it is.
func withProblem(v *view, code, text string) {
	if v != nil && v.Problem == "" {
		v.Problem, v.SubCode = text, code
	}
}
