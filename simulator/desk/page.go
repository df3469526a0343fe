package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
	"zhitong/simulator/complaints"
	"zhitong/simulator/faults"
	"zhitong/simulator/merchants"
	"zhitong/simulator/pages"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Pages are the desk for people: the same lists and actions as the JSON API, as plain forms.
func (d *Desk) Pages(r chi.Router) {
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusFound) })
	r.Get("/desk", d.home)
	r.Get("/desk/apps", d.listPage("apps", "应用与密钥", "Apps and keys", "desk_apps", d.appList))
	r.Get("/desk/apps/{app_id}", d.listPage("apps", "应用", "Application", "desk_app", d.appGet))
	r.Get("/desk/merchants", d.listPage("merchants", "二级商户", "Secondary merchants", "desk_merchants", d.merchantList))
	r.Get("/desk/merchants/{smid}",
		d.listPage("merchants", "二级商户", "Secondary merchant", "desk_merchant", d.merchantGet))
	r.Get("/desk/applications",
		d.listPage("applications", "进件申请", "Applications", "desk_applications", d.applicationList))
	r.Get("/desk/applications/{order_id}",
		d.listPage("applications", "进件申请", "Application", "desk_application", d.applicationGet))
	r.Get("/desk/trades", d.listPage("trades", "交易", "Trades", "desk_trades", d.tradeList))
	r.Get("/desk/trades/{id}", d.listPage("trades", "交易", "Trade", "desk_trade", d.tradeGet))
	r.Get("/desk/notifications",
		d.listPage("notifications", "通知与消息", "Notifications", "desk_notifications", d.noteList))
	r.Get("/desk/notifications/{notify_id}",
		d.listPage("notifications", "通知", "Notification", "desk_notification", d.noteGet))
	r.Get("/desk/complaints", d.listPage("complaints", "投诉", "Complaints", "desk_complaints", d.complaintList))
	r.Get("/desk/complaints/{id}", d.listPage("complaints", "投诉", "Complaint", "desk_complaint", d.complaintGet))
	r.Get("/desk/funds", d.fundsPage)
	r.Get("/desk/mails", d.listPage("mails", "邮件", "Mails", "desk_mails", d.mailList))
	r.Get("/desk/robots", d.listPage("robots", "群机器人", "Robots", "desk_robots", d.robotList))
	r.Get("/desk/clock", d.listPage("clock", "时钟", "Clock", "desk_clock", d.clockGet))
	r.Get("/desk/faults", d.listPage("faults", "故障注入", "Faults", "desk_faults", d.faultList))
	d.forms(r)
}

// forms turn a form into the JSON call of the same name.
func (d *Desk) forms(r chi.Router) {
	post := func(path, back string, call func(*http.Request) (result, error), fields ...formField) {
		r.Post(path, d.formPage(back, call, fields))
	}
	post("/desk/apps", "/desk/apps/{app_id}", d.appCreate, formField{"name", asText}, formField{"public_key", asText},
		formField{"csr", asText}, formField{"certificate_mode", asBool},
		formField{"app_gateway_url", asText}, formField{"pid", asText})
	post("/desk/apps/{app_id}", "/desk/apps/{app_id}", d.appPatch, formField{"name", asText},
		formField{"status", asText}, formField{"app_gateway_url", asEmptyText},
		formField{"products", asList}, formField{"settings", asJSON}, formField{"public_key", asText})
	post("/desk/merchants", "/desk/merchants/{smid}", d.merchantCreate, formField{"app_id", asText},
		formField{"name", asText}, formField{"external_id", asText}, formField{"cards", asWords})
	post("/desk/merchants/{smid}", "/desk/merchants/{smid}", d.merchantPatch, formField{"status", asText},
		formField{"settle_hold", asBool}, formField{"account_frozen", asBool})
	for name, call := range map[string]func(t *state.Tx, a *merchants.Application,
		in decision) error{"approve": approveAll, "audit": auditStage, "confirm": confirmYes, "refuse": confirmNo} {
		post("/desk/applications/{order_id}/"+name, "/desk/applications/{order_id}", d.decideBy(call),
			formField{"stage", asText}, formField{"result", asText}, formField{"memo", asText},
			formField{"reason", asText})
	}
	post("/desk/trades", "/desk/trades/{id}", d.tradeMake, formField{"app_id", asText},
		formField{"out_trade_no", asText}, formField{"total_fen", asYuan}, formField{"subject", asText},
		formField{"smid", asText}, formField{"notify_url", asText}, formField{"settle_period_time", asText})
	post("/desk/trades/{id}/pay", "/desk/trades/{id}", d.tradePay, formField{"buyer", asText},
		formField{"channel", asText})
	post("/desk/trades/{id}/cancel", "/desk/trades/{id}", d.tradeCancel)
	post("/desk/trades/{id}/refuse", "/desk/trades/{id}", d.tradeRefuse, formField{"sub_code", asEmptyText})
	post("/desk/notifications/{notify_id}/repeat", "/desk/notifications/{notify_id}", d.noteRepeat,
		formField{"times", asInt})
	post("/desk/notifications/{notify_id}/drop", "/desk/notifications/{notify_id}", d.noteDrop)
	post("/desk/complaints", "/desk/complaints/{complain_event_id}", d.complaintMake, formField{"trade", asText},
		formField{"complain_reason", asText}, formField{"content", asText})
	post("/desk/complaints/{id}", "/desk/complaints/{id}", d.complaintPatch, formField{"status", asText},
		formField{"replier_role", asText}, formField{"reply", asText})
	post("/desk/accounts/{id}", "/desk/funds", d.accountPatch, formField{"top_up_fen", asYuan},
		formField{"blocked", asBool})
	post("/desk/transfers/{order_id}/settle", "/desk/funds", d.transferSettle, formField{"result", asText},
		formField{"reason", asText})
	post("/desk/batches/{id}/pay", "/desk/funds", d.batchPay)
	post("/desk/robots", "/desk/robots", d.robotCreate, formField{"kind", asText}, formField{"secret", asText},
		formField{"keywords", asWords})
	post("/desk/clock", "/desk/clock", d.clockMove, formField{"advance_seconds", asSeconds},
		formField{"freeze", asBool}, formField{"unfreeze", asBool})
	post("/desk/faults", "/desk/faults", d.faultAdd, formField{"app_id", asText}, formField{"method", asText},
		formField{"kind", asText}, formField{"nth", asInt}, formField{"every", asInt},
		formField{"probability", asNumber}, formField{"seed", asInt}, formField{"times", asInt},
		formField{"delay_ms", asInt})
	post("/desk/faults/{id}/delete", "/desk/faults", d.faultDelete)
	post("/desk/faults/delete", "/desk/faults", d.faultDelete)
}

// pageData is what the desk's templates get: the API's answer, and what their forms offer.
type pageData struct {
	Data any
	Apps []*state.App
	Base string
}

// Products, FaultKinds and States are the choices of forms.
func (pageData) Products() []string { return state.AllProducts() }

// FaultKinds are the kinds that the form of a fault offers.
func (pageData) FaultKinds() []string { return faults.Kinds() }

// States are those that the form of a complaint offers.
func (pageData) States() []string { return complaintStates() }

// Settings is an application's settings as the form shows them.
func (pageData) Settings(v state.Settings) string {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return "{}" // numbers and booleans always encode
	}
	return string(out)
}

// Form is an application's form as indented JSON.
func (pageData) Form(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

// Has reports whether a product is in a list.
func (pageData) Has(list []string, name string) bool { return slices.Contains(list, name) }

// Param is one parameter of a notification.
type Param struct{ Name, Value string }

// Params are a notification's parameters in order.
func (pageData) Params(m map[string]string) []Param {
	out := make([]Param, 0, len(m))
	for k, v := range m {
		out = append(out, Param{k, v})
	}
	slices.SortFunc(out, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// AppName is an application's name, or its number.
func (b pageData) AppName(id string) string {
	for _, a := range b.Apps {
		if a.AppID == id && a.Name != "" {
			return a.Name
		}
	}
	return id
}

// pageRows is how many lines a list page shows.
const pageRows = "50"

// listPage shows the answer of a JSON call in a template.
func (d *Desk) listPage(nav, zh, en, name string, call func(*http.Request) (result, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := pages.New(d.st, w, r)
		p.Title, p.Nav = p.T(zh, en), nav
		q := r.URL.Query()
		if q.Get("limit") == "" {
			q.Set("limit", pageRows)
			r.URL.RawQuery = q.Encode()
		}
		reply, err := call(r)
		if err != nil {
			d.problem(w, p, err, "/desk/"+nav)
			return
		}
		p.Body = pageData{Data: reply.Body, Apps: d.st.Apps.All(), Base: d.st.BaseURL(r)}
		pages.Show(d.st, w, http.StatusOK, name, p)
	}
}

// home is what the desk's first page counts.
type home struct {
	Apps, Merchants, Open, Complaints, Faults int
	Waiting                                   []*merchants.Application
	Trades                                    any
}

func (d *Desk) home(w http.ResponseWriter, r *http.Request) {
	p := pages.New(d.st, w, r)
	p.Title, p.Nav = p.T("支付宝模拟器", "Alipay simulator"), "home"
	h := home{Apps: len(d.st.Apps.All()), Faults: len(d.st.Faults.All())}
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		var err error
		if h.Waiting, _, err = applications(tx, "", merchants.ApplyReview, "", "", 8); err != nil {
			return err
		}
		h.Open = len(h.Waiting)
		if b := tx.Bucket(merchants.Bucket); b != nil {
			h.Merchants = b.Stats().KeyN
		}
		return state.Each(tx, complaints.Bucket, "", "", func(_ string, c *complaints.Complaint) (bool, error) {
			if c.Finished == 0 {
				h.Complaints++
			}
			return true, nil
		})
	})
	if err == nil {
		q := r.URL.Query()
		q.Set("limit", "8")
		r.URL.RawQuery = q.Encode()
		var reply result
		if reply, err = d.tradeList(r); err == nil {
			h.Trades = reply.Body
		}
	}
	if err != nil {
		d.problem(w, p, err, "/desk")
		return
	}
	p.Body = pageData{Data: h, Apps: d.st.Apps.All(), Base: d.st.BaseURL(r)}
	pages.Show(d.st, w, http.StatusOK, "desk_home", p)
}

// fundsPage is accounts, transfers and batches together.
func (d *Desk) fundsPage(w http.ResponseWriter, r *http.Request) {
	p := pages.New(d.st, w, r)
	p.Title, p.Nav = p.T("资金", "Money"), "funds"
	data := map[string]any{}
	for name, call := range map[string]func(*http.Request) (result, error){"accounts": d.accountList,
		"transfers": d.transferList, "batches": d.batchList} {
		reply, err := call(r)
		if err != nil {
			d.problem(w, p, err, "/desk")
			return
		}
		if m, ok := reply.Body.(map[string]any); ok {
			data[name] = m[name]
		}
	}
	p.Body = pageData{Data: data, Apps: d.st.Apps.All(), Base: d.st.BaseURL(r)}
	pages.Show(d.st, w, http.StatusOK, "desk_funds", p)
}

// problem shows a refusal with a way back.
func (d *Desk) problem(w http.ResponseWriter, p *pages.Page, err error, back string) {
	var refusal *state.Refusal
	var biz *protocol.BizError
	status, text := http.StatusInternalServerError, p.T("系统异常", "Something went wrong")
	switch {
	case errors.As(err, &refusal):
		status, text = refusal.Status, refusal.Message
	case errors.As(err, &biz):
		status, text = http.StatusConflict, biz.SubMsg+"（"+biz.SubCode+"）"
	default:
		d.st.Log.Error("desk", "path", p.Path, "error", err)
	}
	p.Title = p.T("未能完成", "Not done")
	p.Body = struct{ Text, Back string }{text, back}
	pages.Show(d.st, w, status, "desk_problem", p)
}

// formKind says how a form's text becomes JSON.
type formKind uint8

const (
	asText      formKind = iota // left out when empty
	asEmptyText                 // an empty text is a value
	asBool                      // "true" or absent (false)
	asInt
	asNumber
	asYuan    // yuan as typed → fen
	asSeconds // 90s, 15m, 3h, 2d → seconds
	asList    // all values of the name
	asWords   // one text, split at spaces and commas
	asJSON    // a JSON object as typed
)

type formField struct {
	Name string
	Kind formKind
}

// formPage runs a JSON call with what a form says, and goes back to a page ({name} is filled from the answer or the
// path).
func (d *Desk) formPage(back string, call func(*http.Request) (result, error), fields []formField) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := pages.New(d.st, w, r)
		p.Nav = strings.Split(strings.TrimPrefix(r.URL.Path, "/desk/"), "/")[0]
		body, err := readForm(w, r, fields)
		if err != nil {
			d.problem(w, p, state.BadInput(err), backTo(r, back, nil))
			return
		}
		call2 := r.Clone(r.Context())
		call2.Body = io.NopCloser(bytes.NewReader(protocol.EncodeJSON(body)))
		reply, err := call(call2)
		if err != nil {
			d.problem(w, p, err, backTo(r, back, nil))
			return
		}
		http.Redirect(w, r, backTo(r, back, reply.Body), http.StatusSeeOther)
	}
}

// readForm makes the JSON body of a form.
func readForm(w http.ResponseWriter, r *http.Request, fields []formField) (map[string]any, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, errors.New("form too large or broken")
	}
	out := map[string]any{}
	for _, f := range fields {
		if err := f.read(r.PostForm, out); err != nil {
			return nil, errors.New(f.Name + ": " + err.Error())
		}
	}
	return out, nil
}

func (f formField) read(form url.Values, out map[string]any) (err error) {
	text := strings.TrimSpace(form.Get(f.Name))
	switch f.Kind {
	case asBool:
		out[f.Name] = text == "true"
		return nil
	case asEmptyText:
		out[f.Name] = text
		return nil
	case asList:
		out[f.Name] = append([]string{}, form[f.Name]...)
		return nil
	default: // an empty field of the others is not sent
	}
	if text == "" {
		return nil
	}
	switch f.Kind {
	case asInt:
		out[f.Name], err = strconv.ParseInt(text, 10, 64)
	case asNumber:
		out[f.Name], err = strconv.ParseFloat(text, 64)
	case asYuan:
		var v money.Fen
		minus, sign := strings.CutPrefix(text, "-")
		if v, err = protocol.ParseAmount(minus); sign {
			v = -v
		}
		out[f.Name] = v
	case asSeconds:
		out[f.Name], err = seconds(text)
	case asWords:
		out[f.Name] = strings.FieldsFunc(text, func(r rune) bool {
			return r == ',' || r == ' ' || r == '，' || r == '\n'
		})
	case asJSON:
		var v map[string]any
		err = json.Unmarshal([]byte(text), &v)
		out[f.Name] = v
	default:
		out[f.Name] = text
	}
	return err
}

// seconds reads 90, 90s, 15m, 3h or 2d.
func seconds(text string) (int64, error) {
	units := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
	unit := int64(1)
	if u, ok := units[text[len(text)-1]]; ok {
		unit, text = u, text[:len(text)-1]
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, errors.New("90s, 15m, 3h, 2d")
	}
	return n * unit, nil
}

// backTo fills {name} from the answer's members, else from the path; a name that neither has ends the address before
// it.
func backTo(r *http.Request, pattern string, answer any) string {
	i := strings.IndexByte(pattern, '{')
	if i < 0 {
		return pattern
	}
	name := strings.TrimSuffix(pattern[i+1:], "}")
	id := chi.URLParam(r, name)
	if id == "" && answer != nil {
		var m map[string]any
		if err := json.Unmarshal(protocol.EncodeJSON(answer), &m); err == nil {
			id, _ = m[name].(string)
			if id == "" {
				id, _ = m["out_trade_no"].(string)
			}
		}
	}
	if id == "" {
		return strings.TrimSuffix(pattern[:i], "/")
	}
	return pattern[:i] + url.PathEscape(id)
}
