package cashier

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/access"
	"zhitong/simulator/merchants"
	"zhitong/simulator/pages"
	"zhitong/simulator/people"
	"zhitong/simulator/state"
	"zhitong/simulator/transfers"
)

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

func (c *Cashier) notice(w http.ResponseWriter, status int, p *pages.Page, title string, b noticeBody) {
	p.Title, p.Body = title, b
	pages.Show(c.st, w, status, "notice", p)
}

// People are the pages that merchants and buyers open beside the cashier: confirming an application (quickcreate's
// link), paying a batch, proving one's identity, and letting a third party act.
func (c *Cashier) People(r chi.Router) {
	r.Get("/onboarding/{token}", c.signPage)
	r.Post("/onboarding/{token}", c.signAnswer)
	r.Get("/cashier/batch/{token}", c.batchPage)
	r.Post("/cashier/batch/{token}", c.batchAnswer)
	r.Get("/cashier/certify/{id}", c.certifyPage)
	r.Post("/cashier/certify/{id}", c.certifyAnswer)
	r.Get("/oauth2/appToAppAuth.htm", c.authPage)
	r.Post("/oauth2/appToAppAuth.htm", c.authAnswer)
}

// applicationOfSign finds the application a signing link names, nil when there is none.
func (c *Cashier) applicationOfSign(token string) (*merchants.Application, error) {
	var a *merchants.Application
	err := c.st.View(c.st.Now(), func(tx *state.Tx) (err error) {
		b := tx.Bucket(merchants.BucketSigning)
		if b == nil {
			return nil
		}
		if id := b.Get([]byte(token)); id != nil {
			a, err = merchants.GetApplication(tx, string(id))
		}
		return err
	})
	return a, err
}

func (c *Cashier) signPage(w http.ResponseWriter, r *http.Request) {
	p := pages.New(c.st, w, r)
	a, err := c.applicationOfSign(chi.URLParam(r, "token"))
	if err != nil || a == nil {
		c.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("商户", "Merchant"), a.Name}, {p.T("申请单", "Application"), a.OrderID},
		{p.T("签约账号", "Account"), state.MaskLogon(a.Logon)}, {p.T("状态", "State"), p.Label(a.Status)}}}
	if a.Status == merchants.ApplyReview && (a.Confirm == merchants.AuditCreate || a.Confirm == merchants.ConfirmWait) {
		b.Text = p.T("平台申请为您开通支付宝收款，请核对后确认签约。",
			"A platform wants to open Alipay collection for you. Please check and confirm.")
		b.Action, b.Yes, b.No = r.URL.Path, p.T("确认签约", "Confirm"), p.T("拒绝", "Refuse")
	} else {
		b.Text = p.T("无需再操作。", "Nothing is left to do.") + " " + p.Label(a.Confirm)
	}
	c.notice(w, http.StatusOK, p, p.T("商户签约确认", "Confirm the agreement"), b)
}

func (c *Cashier) signAnswer(w http.ResponseWriter, r *http.Request) {
	a, err := c.applicationOfSign(chi.URLParam(r, "token"))
	if err != nil || a == nil {
		c.gone(w, pages.New(c.st, w, r), err)
		return
	}
	yes := r.PostFormValue("action") == "yes"
	err = c.st.Update(c.st.Now(), func(t *state.Tx) error {
		_, err := merchants.Decide(t, a.OrderID, func(a *merchants.Application) error {
			return a.Confirmed(t, yes, "")
		})
		return err
	})
	var refusal *state.Refusal
	if err != nil && !errors.As(err, &refusal) {
		c.gone(w, pages.New(c.st, w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

// gone is the page for an address that names nothing, or for a failure.
func (c *Cashier) gone(w http.ResponseWriter, p *pages.Page, err error) {
	status, title := http.StatusNotFound, p.T("链接已失效", "This link does not exist")
	if err != nil {
		c.st.Log.Error("page", "path", p.Path, "error", err)
		status, title = http.StatusInternalServerError, p.T("系统繁忙", "Something went wrong")
	}
	c.notice(w, status, p, title, noticeBody{})
}

func (c *Cashier) batchPage(w http.ResponseWriter, r *http.Request) {
	p := pages.New(c.st, w, r)
	var batch *transfers.Batch
	err := c.st.View(c.st.Now(), func(tx *state.Tx) (err error) {
		batch, err = transfers.BatchOf(tx, "", "", transfers.BatchOfToken(c.st, chi.URLParam(r, "token")))
		return err
	})
	if err != nil || batch == nil {
		c.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("批次号", "Batch"), batch.Out},
		{p.T("笔数", "Transfers"), strconv.Itoa(len(batch.Lines))}, {p.T("总金额", "Total"), "￥" + batch.Total.Yuan()},
		{p.T("状态", "State"), p.Label(batch.Status)}}}
	if batch.Status == transfers.BatchInit {
		b.Action, b.Yes = r.URL.Path, p.T("确认付款", "Pay")
	}
	c.notice(w, http.StatusOK, p, p.T("批量付款", "Batch payment"), b)
}

func (c *Cashier) batchAnswer(w http.ResponseWriter, r *http.Request) {
	_, err := transfers.PayBatchNow(c.st, transfers.BatchOfToken(c.st, chi.URLParam(r, "token")))
	var refusal *state.Refusal
	if err != nil && !errors.As(err, &refusal) {
		c.gone(w, pages.New(c.st, w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

func (c *Cashier) certifyPage(w http.ResponseWriter, r *http.Request) {
	p := pages.New(c.st, w, r)
	var v *people.Certify
	err := c.st.View(c.st.Now(), func(tx *state.Tx) (err error) {
		v, err = state.Get[people.Certify](tx, people.BucketCertify, chi.URLParam(r, "id"))
		return err
	})
	if err != nil || v == nil {
		c.gone(w, p, err)
		return
	}
	b := noticeBody{Facts: [][2]string{{p.T("姓名", "Name"), v.Name}, {p.T("证件号", "ID number"), state.MaskLogon(v.No)},
		{p.T("方式", "Way"), v.Biz}}}
	if v.Passed == "" {
		b.Text = p.T("请将面部置于取景框内（模拟）。", "Please look into the camera (simulated).")
		b.Action, b.Yes, b.No = r.URL.Path, p.T("认证通过", "Pass"), p.T("认证不通过", "Fail")
	} else {
		b.Text = p.T("认证已完成：", "Done: ") + v.Passed
		b.Go = v.Return
	}
	c.notice(w, http.StatusOK, p, p.T("身份认证", "Prove who you are"), b)
}

func (c *Cashier) certifyAnswer(w http.ResponseWriter, r *http.Request) {
	pass := r.PostFormValue("action") == "yes"
	err := c.st.Update(c.st.Now(), func(tx *state.Tx) error {
		_, err := people.EndCertify(tx, chi.URLParam(r, "id"), pass, "")
		return err
	})
	var refusal *state.Refusal
	if err != nil {
		if errors.As(err, &refusal) {
			err = nil
		}
		c.gone(w, pages.New(c.st, w, r), err)
		return
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
}

// authPage is the authorisation page: a merchant lets a third-party application act for one of its applications.
func (c *Cashier) authPage(w http.ResponseWriter, r *http.Request) {
	p := pages.New(c.st, w, r)
	q := r.URL.Query()
	isv := c.st.Apps.Get(q.Get("app_id"))
	if isv == nil || !isv.Has(state.ProductISV) || !webAddress(q.Get("redirect_uri")) {
		c.gone(w, p, nil)
		return
	}
	b := noticeBody{Text: p.T("该第三方应用将代您调用支付宝接口。", "This third-party application will call Alipay for you."),
		Action: r.URL.Path,
		Facts:  [][2]string{{p.T("第三方应用", "Third party"), isv.Name + " " + isv.AppID}},
		Hidden: [][2]string{{"app_id", isv.AppID}, {"redirect_uri", q.Get("redirect_uri")}, {"state", q.Get("state")}},
		Yes:    p.T("同意授权", "Allow"), ChoiceName: p.T("授权应用", "Application")}
	for _, a := range c.st.Apps.All() {
		if a.AppID != isv.AppID {
			b.Choices = append(b.Choices, [2]string{a.AppID, a.Name + " " + a.AppID})
		}
	}
	if len(b.Choices) == 0 {
		b.Action, b.Text = "", p.T("还没有可授权的应用，请先在服务台注册。", "No application to authorise yet: register one at the desk.")
	}
	c.notice(w, http.StatusOK, p, p.T("应用授权", "Authorise an application"), b)
}

func (c *Cashier) authAnswer(w http.ResponseWriter, r *http.Request) {
	p := pages.New(c.st, w, r)
	to, err := url.Parse(r.PostFormValue("redirect_uri"))
	isv, merchant, appErr := access.TwoApps(c.st, r.PostFormValue("app_id"), r.PostFormValue("choice"))
	if err != nil || appErr != nil || !webAddress(r.PostFormValue("redirect_uri")) {
		c.gone(w, p, nil)
		return
	}
	var code string
	if err := c.st.Update(c.st.Now(), func(tx *state.Tx) (err error) {
		code, err = access.GrantCode(tx, isv, merchant, nil)
		return err
	}); err != nil {
		c.gone(w, p, err)
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
	c.notice(w, http.StatusOK, p, p.T("授权成功", "Authorised"),
		noticeBody{Text: p.T("正在返回第三方应用。", "Going back to the third party."), Go: to.String()})
}

// webAddress is an absolute http(s) address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
