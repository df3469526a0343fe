package simulator

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"
)

// channelChoice is one way to pay on the cashier page.
type channelChoice struct {
	Code, Class, Sign, Name, Note string
	Off, On                       bool
}

// cashierBody is what the cashier's template gets beside the view.
type cashierBody struct {
	View     *cashierView
	Channels []channelChoice
	Buyer    string
	Done     bool // the buyer has just paid: go back by itself
	Left     bool // the buyer has just cancelled
}

// cashierPage shows the cashier, the result, or why there is none.
func (s *Simulator) cashierPage(w http.ResponseWriter, r *http.Request, v *cashierView, err error) {
	p := s.newPage(w, r)
	switch {
	case errors.Is(err, errNoToken):
		s.notice(w, http.StatusNotFound, p, p.T("二维码已失效", "This code does not exist"), noticeBody{Text: p.T("请回到商家页面重新下单。", "Please order again at the merchant.")})
		return
	case err != nil:
		s.log.Error("cashier", "error", err)
		s.notice(w, http.StatusInternalServerError, p, p.T("系统繁忙", "Something went wrong"), noticeBody{Text: p.T("请稍后再试。", "Please try again later.")})
		return
	}
	b := cashierBody{View: v, Buyer: r.PostFormValue("buyer"), Done: r.URL.Query().Get("done") == "1" && v.Status != statusWait, Left: r.URL.Query().Get("left") == "1" && v.Status == statusWait}
	if b.Buyer == "" {
		b.Buyer = v.Trades[0].Wanted
	}
	b.Channels = channelChoices(p, v, r.PostFormValue("channel"))
	p.Body = b
	s.show(w, http.StatusOK, "cashier", p)
}

// channelChoices are the four ways to pay; what the order forbids is shown, but cannot be chosen.
func channelChoices(p *page, v *cashierView, chosen string) []channelChoice {
	list := []channelChoice{
		{Code: channelBalance, Class: "b", Sign: "￥", Note: p.T("支付宝账户余额", "Alipay account balance")},
		{Code: channelFund, Class: "m", Sign: p.T("宝", "Y"), Note: p.T("货币基金份额", "money market fund")},
		{Code: channelHuabei, Class: "h", Sign: p.T("花", "H"), Note: p.T("本月买，下月还", "pay next month")},
		{Code: channelCard, Class: "k", Sign: p.T("卡", "C"), Note: p.T("储蓄卡（尾号 8888）", "debit card ending 8888")},
	}
	on := false
	for i := range list {
		c := &list[i]
		c.Name = p.Label(c.Code)
		for _, t := range v.Trades {
			if !t.allowed(c.Code) {
				c.Off, c.Note = true, p.T("商家不支持", "not accepted by the merchant")
			}
		}
		if !c.Off && (c.Code == chosen || (chosen == "" && !on)) {
			c.On, on = true, true
		}
	}
	return list
}

// cashierForm is a POST of the page's own form (view=page): problems and results are pages, and the way back is a link, because the policy of
// the page lets its forms lead nowhere else. Programs post without it and are redirected at once.
func (s *Simulator) cashierForm(w http.ResponseWriter, r *http.Request, token string, a cashierAction) {
	here := "/cashier/" + url.PathEscape(token)
	action := r.PostForm.Get("action")
	if action == "cancel" {
		http.Redirect(w, r, here+"?left=1", http.StatusSeeOther)
		return
	}
	var v *cashierView
	var err error
	switch {
	case action == "short":
		v, err = s.cashierScan(token)
		withProblem(v, "ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
	case action == "wrong" || a.Password == "":
		v, err = s.cashierScan(token)
		withProblem(v, "ACQ.PAYMENT_FAIL", "支付密码错误")
	default:
		v, err = s.cashierPayment(token, a)
	}
	if err == nil && v.Problem == "" {
		http.Redirect(w, r, here+"?done=1", http.StatusSeeOther)
		return
	}
	s.cashierPage(w, r, v, err)
}

// withProblem shows a refusal without trying: the trade stays as it is.
func withProblem(v *cashierView, code, text string) {
	if v != nil && v.Problem == "" {
		v.Problem, v.SubCode = text, code
	}
}

// noticeBody is a page with a few facts and perhaps a question.
type noticeBody struct {
	Text       string
	Facts      [][2]string
	Action     string
	Hidden     [][2]string
	ChoiceName string
	Choices    [][2]string
	Yes, No    string
	Go         string
}

func (s *Simulator) notice(w http.ResponseWriter, status int, p *page, title string, b noticeBody) {
	p.Title, p.Body = title, b
	s.show(w, status, "notice", p)
}

// peoplePages are the pages that merchants and buyers open beside the cashier: confirming an application (quickcreate's link), paying a batch,
// proving one's identity, and letting a third party act.
func (s *Simulator) peoplePages(r chi.Router) {
	r.Get("/onboarding/{token}", s.signPage)
	r.Post("/onboarding/{token}", s.signAnswer)
	r.Get("/cashier/batch/{token}", s.batchPage)
	r.Post("/cashier/batch/{token}", s.batchAnswer)
	r.Get("/cashier/certify/{id}", s.certifyPage)
	r.Post("/cashier/certify/{id}", s.certifyAnswer)
	r.Get("/oauth2/appToAppAuth.htm", s.authPage)
	r.Post("/oauth2/appToAppAuth.htm", s.authAnswer)
}

// applicationOfSign finds the application a signing link names, nil when there is none.
func (s *Simulator) applicationOfSign(token string) (*Application, error) {
	var a *Application
	err := s.view(s.now(), func(tx *tx) (err error) {
		b := tx.bucket(bucketSigning)
		if b == nil {
			return nil
		}
		if id := b.Get([]byte(token)); id != nil {
			a, err = getApplication(tx, string(id))
		}
		return err
	})
	return a, err
}

func (s *Simulator) signPage(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	a, err := s.applicationOfSign(chi.URLParam(r, "token"))
	if err != nil || a == nil {
		s.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("商户", "Merchant"), a.Name}, {p.T("申请单", "Application"), a.OrderID}, {p.T("签约账号", "Account"), maskLogon(a.Logon)}, {p.T("状态", "State"), p.Label(a.Status)}}}
	if a.Status == applyReview && (a.Confirm == auditCreate || a.Confirm == confirmWait) {
		b.Text = p.T("平台申请为您开通支付宝收款，请核对后确认签约。", "A platform wants to open Alipay collection for you. Please check and confirm.")
		b.Action, b.Yes, b.No = r.URL.Path, p.T("确认签约", "Confirm"), p.T("拒绝", "Refuse")
	} else {
		b.Text = p.T("无需再操作。", "Nothing is left to do.") + " " + p.Label(a.Confirm)
	}
	s.notice(w, http.StatusOK, p, p.T("商户签约确认", "Confirm the agreement"), b)
}

func (s *Simulator) signAnswer(w http.ResponseWriter, r *http.Request) {
	a, err := s.applicationOfSign(chi.URLParam(r, "token"))
	if err != nil || a == nil {
		s.gone(w, s.newPage(w, r), err)
		return
	}
	yes := r.PostFormValue("action") == "yes"
	_, err = s.decide(a.OrderID, decision{}, func(t *tx, a *Application, _ decision) error { return a.confirmed(t, yes, "") })
	var refusal *deskError
	if err != nil && !errors.As(err, &refusal) {
		s.gone(w, s.newPage(w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

// gone is the page for an address that names nothing, or for a failure.
func (s *Simulator) gone(w http.ResponseWriter, p *page, err error) {
	status, title := http.StatusNotFound, p.T("链接已失效", "This link does not exist")
	if err != nil {
		s.log.Error("page", "path", p.Path, "error", err)
		status, title = http.StatusInternalServerError, p.T("系统繁忙", "Something went wrong")
	}
	s.notice(w, status, p, title, noticeBody{})
}

func (s *Simulator) batchPage(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	var batch *Batch
	err := s.view(s.now(), func(tx *tx) (err error) {
		batch, err = batchOf(tx, "", "", s.batchOfToken(chi.URLParam(r, "token")))
		return err
	})
	if err != nil || batch == nil {
		s.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("批次号", "Batch"), batch.Out}, {p.T("笔数", "Transfers"), strconv.Itoa(len(batch.Lines))}, {p.T("总金额", "Total"), "￥" + batch.Total.Yuan()}, {p.T("状态", "State"), p.Label(batch.Status)}}}
	if batch.Status == batchInit {
		b.Action, b.Yes = r.URL.Path, p.T("确认付款", "Pay")
	}
	s.notice(w, http.StatusOK, p, p.T("批量付款", "Batch payment"), b)
}

func (s *Simulator) batchAnswer(w http.ResponseWriter, r *http.Request) {
	_, err := s.payBatchNow(s.batchOfToken(chi.URLParam(r, "token")))
	var refusal *deskError
	if err != nil && !errors.As(err, &refusal) {
		s.gone(w, s.newPage(w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

func (s *Simulator) certifyPage(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	var v *Certify
	err := s.view(s.now(), func(tx *tx) (err error) {
		v, err = getDoc[Certify](tx, bucketCertify, chi.URLParam(r, "id"))
		return err
	})
	if err != nil || v == nil {
		s.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("姓名", "Name"), v.Name}, {p.T("证件号", "ID number"), maskLogon(v.No)}, {p.T("方式", "Way"), v.Biz}}}
	if v.Passed == "" {
		b.Text = p.T("请将面部置于取景框内（模拟）。", "Please look into the camera (simulated).")
		b.Action, b.Yes, b.No = r.URL.Path, p.T("认证通过", "Pass"), p.T("认证不通过", "Fail")
	} else {
		b.Text = p.T("认证已完成：", "Done: ") + v.Passed
		b.Go = v.Return
	}
	s.notice(w, http.StatusOK, p, p.T("身份认证", "Prove who you are"), b)
}

func (s *Simulator) certifyAnswer(w http.ResponseWriter, r *http.Request) {
	pass := r.PostFormValue("action") == "yes"
	err := s.update(s.now(), func(tx *tx) error {
		_, err := endCertify(tx, chi.URLParam(r, "id"), pass, "")
		return err
	})
	var refusal *deskError
	if err != nil {
		if errors.As(err, &refusal) {
			err = nil
		}
		s.gone(w, s.newPage(w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

// authPage is the authorisation page: a merchant lets a third-party application act for one of its applications.
func (s *Simulator) authPage(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	q := r.URL.Query()
	isv := s.apps.get(q.Get("app_id"))
	if isv == nil || !isv.has(ProductISV) || !webAddress(q.Get("redirect_uri")) {
		s.gone(w, p, nil)
		return
	}
	b := noticeBody{Text: p.T("该第三方应用将代您调用支付宝接口。", "This third-party application will call Alipay for you."), Action: r.URL.Path,
		Facts:  [][2]string{{p.T("第三方应用", "Third party"), isv.Name + " " + isv.AppID}},
		Hidden: [][2]string{{"app_id", isv.AppID}, {"redirect_uri", q.Get("redirect_uri")}, {"state", q.Get("state")}},
		Yes:    p.T("同意授权", "Allow"), ChoiceName: p.T("授权应用", "Application")}
	for _, a := range s.apps.all() {
		if a.AppID != isv.AppID {
			b.Choices = append(b.Choices, [2]string{a.AppID, a.Name + " " + a.AppID})
		}
	}
	if len(b.Choices) == 0 {
		b.Action, b.Text = "", p.T("还没有可授权的应用，请先在服务台注册。", "No application to authorise yet: register one at the desk.")
	}
	s.notice(w, http.StatusOK, p, p.T("应用授权", "Authorise an application"), b)
}

func (s *Simulator) authAnswer(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	to, err := url.Parse(r.PostFormValue("redirect_uri"))
	isv, merchant, appErr := s.twoApps(r.PostFormValue("app_id"), r.PostFormValue("choice"))
	if err != nil || appErr != nil || !webAddress(r.PostFormValue("redirect_uri")) {
		s.gone(w, p, nil)
		return
	}
	var code string
	if err := s.update(s.now(), func(tx *tx) (err error) { code, err = grantCode(tx, isv, merchant, nil); return err }); err != nil {
		s.gone(w, p, err)
		return
	}
	q := to.Query()
	q.Set("app_id", isv.AppID)
	q.Set("app_auth_code", code)
	q.Set("source", "alipay_app_auth")
	if state := r.PostFormValue("state"); state != "" {
		q.Set("state", state)
	}
	to.RawQuery = q.Encode()
	s.notice(w, http.StatusOK, p, p.T("授权成功", "Authorised"), noticeBody{Text: p.T("正在返回第三方应用。", "Going back to the third party."), Go: to.String()})
}

// webAddress is an absolute http(s) address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
