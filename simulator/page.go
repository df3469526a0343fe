package simulator

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
)

// pageFiles are the templates, styles and scripts of the cashier and the desk.
//
//go:embed pages
var pageFiles embed.FS

// templates are parsed once; a broken one is a programmer's error, found by any test of a page.
var templates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("pages").Funcs(template.FuncMap{
		"yuan": func(v any) string {
			switch x := v.(type) {
			case money.Fen:
				return signed(x)
			case int64:
				return signed(money.Fen(x))
			}
			return ""
		},
		"list": func(list ...string) []string { return list },
		"dict": dict,
	}).ParseFS(pageFiles, "pages/*.html"))
})

// dict makes the argument of a template that needs more than one value.
func dict(pairs ...any) (map[string]any, error) {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("dict: names are texts")
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// contentPolicy allows our own styles and scripts and nothing else; nothing inline, no third party.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// page is what every template gets. Texts are Chinese first; ?lang=en asks for English and is remembered in a cookie.
type page struct {
	English bool
	Title   string
	Nav     string // the desk's section
	Path    string
	Query   url.Values
	Now     time.Time
	Frozen  bool
	Body    any
}

// T picks one of two texts.
func (p *page) T(zh, en string) string {
	if p.English {
		return en
	}
	return zh
}

// When is a stored time in Beijing, empty for none.
func (p *page) When(v int64) string {
	if v == 0 {
		return ""
	}
	return beijing(fromMS(v))
}

// WhenRFC is the same for times that the desk API gives as text.
func (p *page) WhenRFC(s string) string {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return ""
	}
	return beijing(at)
}

// Clock is the simulator's time in Beijing.
func (p *page) Clock() string { return beijing(p.Now) }

// Switch is this page in the other language.
func (p *page) Switch() string {
	q := url.Values{}
	for k, v := range p.Query {
		q[k] = v
	}
	q.Set("lang", p.T("en", "zh"))
	return p.Path + "?" + q.Encode()
}

// With is this page's address with one query value changed (and the place in the list forgotten).
func (p *page) With(key, value string) string {
	q := url.Values{}
	for k, v := range p.Query {
		if k != "before" && k != "from" && k != "lang" {
			q[k] = v
		}
	}
	q.Set(key, value)
	if value == "" {
		q.Del(key)
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// Label is a code in words; unknown codes stay as they are.
func (p *page) Label(code string) string {
	if l, ok := labels()[code]; ok {
		return p.T(l[0], l[1])
	}
	return code
}

// Tone is the colour class of a code.
func (p *page) Tone(code string) string {
	switch code {
	case statusSuccess, statusFinished, applyFinished, auditPass, confirmFinish, notifyDone, merchantActive, appOnline, "SUCCESS", complaintFinished, complaintDecided:
		return "good"
	case applyFailed, auditReject, confirmFail, notifyFailed, merchantPunished, "REFUND", complaintLate:
		return "bad"
	case statusWait, applyReview, auditCreate, confirmWait, notifyPending, "DEALING", "INIT", complaintOpen, complaintPlatform, "PART_SUCCESS":
		return "busy"
	}
	return "calm"
}

// Problem is a refusal at the cashier in the page's language.
func (p *page) Problem(text, code string) string {
	english := map[string]string{
		"ACQ.BUYER_BALANCE_NOT_ENOUGH": "Not enough money", "ACQ.PAYMENT_FAIL": "Wrong password, or the payment was refused", "ACQ.TRADE_HAS_SUCCESS": "Already paid",
		"ACQ.TRADE_HAS_CLOSE": "The trade is closed", "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR": "The time to pay is over", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": "The merchant does not take this way to pay",
		"ACQ.BUYER_ENABLE_STATUS_FORBID": "The buyer's account is not usable", "ACQ.BUYER_SELLER_EQUAL": "Buyer and seller are the same", "ACQ.TRADE_BUYER_NOT_MATCH": "The order is for another buyer",
	}
	if en, ok := english[code]; ok && p.English {
		return en
	}
	return text
}

func labels() map[string][2]string {
	return map[string][2]string{
		statusAsked: {"待扫码", "not opened"}, statusWait: {"等待付款", "waiting for payment"}, statusSuccess: {"支付成功", "paid"}, statusFinished: {"交易完结", "finished"}, statusClosed: {"交易关闭", "closed"},
		channelBalance: {"余额", "Balance"}, channelFund: {"余额宝", "Yu'e Bao"}, channelHuabei: {"花呗", "Huabei credit"}, channelCard: {"银行卡", "Bank card"},
		applyReview: {"审核中", "in review"}, applyFinished: {"已完成", "finished"}, applyFailed: {"已拒绝", "rejected"},
		auditCreate: {"待处理", "waiting"}, auditSkip: {"无需", "not needed"}, auditPass: {"通过", "passed"}, auditReject: {"驳回", "rejected"},
		confirmWait: {"待商户确认", "merchant must confirm"}, confirmFinish: {"已确认", "confirmed"}, confirmFail: {"失败", "failed"},
		notifyPending: {"待发送", "pending"}, notifyDone: {"已送达", "delivered"}, notifyFailed: {"发送失败", "failed"}, notifyDropped: {"已丢弃", "dropped"},
		merchantActive: {"正常", "active"}, merchantClosed: {"已关闭", "closed"}, merchantPunished: {"已处罚", "punished"}, appOnline: {"已上线", "online"}, appOffline: {"未上线", "offline"},
		complaintOpen: {"待商家处理", "waiting for the merchant"}, complaintAnswered: {"商家已反馈", "merchant answered"}, complaintLate: {"商家反馈超时", "merchant too late"},
		complaintPlatform: {"平台处理中", "platform at work"}, complaintDecided: {"平台处理完成", "platform decided"}, complaintFinished: {"已完结", "finished"}, complaintDropped: {"已撤销", "withdrawn"}, complaintClosed: {"系统关闭", "closed"},
		"SUCCESS": {"成功", "success"}, "DEALING": {"处理中", "under way"}, "REFUND": {"退票", "returned"}, "INIT": {"待支付", "to be paid"}, "PART_SUCCESS": {"部分成功", "partly"}, "DISUSE": {"已作废", "void"},
		accountBuyer: {"买家", "buyer"}, accountPlatform: {"平台", "platform"}, accountPerson: {"收款人", "receiver"}, accountMerchant: {"商户", "merchant"},
		applyConsult: {"预校验", "dry run"}, applyCreate: {"新进件", "new merchant"}, applyModify: {"变更", "change"},
	}
}

// newPage reads language and address of a request.
func (s *Simulator) newPage(w http.ResponseWriter, r *http.Request) *page {
	p := &page{Path: r.URL.Path, Query: r.URL.Query(), Now: s.now(), Frozen: s.clk.Frozen()}
	lang := r.URL.Query().Get("lang")
	switch {
	case lang == "en" || lang == "zh":
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	default:
		if c, err := r.Cookie("lang"); err == nil {
			lang = c.Value
		}
	}
	p.English = lang == "en"
	return p
}

// show writes a page with its headers; a template that fails writes nothing of itself.
func (s *Simulator) show(w http.ResponseWriter, status int, name string, p *page) {
	var b bytes.Buffer
	if err := templates().ExecuteTemplate(&b, name, p); err != nil {
		s.log.Error("write a page", "page", name, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// assets serves styles and scripts by name.
func (s *Simulator) assets(r chi.Router) {
	r.Get("/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		name := chi.URLParam(r, "name")
		kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
		data, err := fs.ReadFile(pageFiles, "pages/"+path.Base(name))
		kind := kinds[path.Ext(name)]
		if err != nil || kind == "" {
			http.NotFound(w, r)
			return
		}
		sum := sha256.Sum256(data)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(data)
	})
}

// guarded refuses form posts that another site's page sends.
func guarded(next http.Handler) http.Handler { return http.NewCrossOriginProtection().Handler(next) }
