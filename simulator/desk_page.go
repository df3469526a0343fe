package simulator

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
)

// deskPages are the desk for people: the same lists and actions as the JSON API, as plain forms.
func (s *Simulator) deskPages(r chi.Router) {
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/desk", http.StatusFound) })
	r.Get("/desk", s.deskHome)
	r.Get("/desk/apps", s.listPage("apps", "应用与密钥", "Apps and keys", "desk_apps", s.deskAppList))
	r.Get("/desk/apps/{app_id}", s.listPage("apps", "应用", "Application", "desk_app", s.deskAppGet))
	r.Get("/desk/merchants", s.listPage("merchants", "二级商户", "Secondary merchants", "desk_merchants", s.deskMerchantList))
	r.Get("/desk/merchants/{smid}", s.listPage("merchants", "二级商户", "Secondary merchant", "desk_merchant", s.deskMerchantGet))
	r.Get("/desk/applications", s.listPage("applications", "进件申请", "Applications", "desk_applications", s.deskApplicationList))
	r.Get("/desk/applications/{order_id}", s.listPage("applications", "进件申请", "Application", "desk_application", s.deskApplicationGet))
	r.Get("/desk/trades", s.listPage("trades", "交易", "Trades", "desk_trades", s.deskTradeList))
	r.Get("/desk/trades/{id}", s.listPage("trades", "交易", "Trade", "desk_trade", s.deskTradeGet))
	r.Get("/desk/notifications", s.listPage("notifications", "通知与消息", "Notifications", "desk_notifications", s.deskNoteList))
	r.Get("/desk/notifications/{notify_id}", s.listPage("notifications", "通知", "Notification", "desk_notification", s.deskNoteGet))
	r.Get("/desk/complaints", s.listPage("complaints", "投诉", "Complaints", "desk_complaints", s.deskComplaintList))
	r.Get("/desk/complaints/{id}", s.listPage("complaints", "投诉", "Complaint", "desk_complaint", s.deskComplaintGet))
	r.Get("/desk/funds", s.fundsPage)
	r.Get("/desk/clock", s.listPage("clock", "时钟", "Clock", "desk_clock", s.deskClockGet))
	r.Get("/desk/faults", s.listPage("faults", "故障注入", "Faults", "desk_faults", s.deskFaultList))
	s.deskForms(r)
}

// deskForms turn a form into the JSON call of the same name.
func (s *Simulator) deskForms(r chi.Router) {
	post := func(path, back string, call func(*http.Request) (deskReply, error), fields ...formField) {
		r.Post(path, s.formPage(back, call, fields))
	}
	post("/desk/apps", "/desk/apps/{app_id}", s.deskAppCreate, formField{"name", asText}, formField{"public_key", asText}, formField{"csr", asText}, formField{"certificate_mode", asBool},
		formField{"app_gateway_url", asText}, formField{"pid", asText})
	post("/desk/apps/{app_id}", "/desk/apps/{app_id}", s.deskAppPatch, formField{"name", asText}, formField{"status", asText}, formField{"app_gateway_url", asEmptyText},
		formField{"products", asList}, formField{"settings", asJSON}, formField{"public_key", asText})
	post("/desk/merchants", "/desk/merchants/{smid}", s.deskMerchantCreate, formField{"app_id", asText}, formField{"name", asText}, formField{"external_id", asText}, formField{"cards", asWords})
	post("/desk/merchants/{smid}", "/desk/merchants/{smid}", s.deskMerchantPatch, formField{"status", asText}, formField{"settle_hold", asBool}, formField{"account_frozen", asBool})
	for name, call := range map[string]func(t *tx, a *Application, in decision) error{"approve": approveAll, "audit": auditStage, "confirm": confirmYes, "refuse": confirmNo} {
		post("/desk/applications/{order_id}/"+name, "/desk/applications/{order_id}", s.deskDecide(call),
			formField{"stage", asText}, formField{"result", asText}, formField{"memo", asText}, formField{"reason", asText})
	}
	post("/desk/trades", "/desk/trades/{id}", s.deskTradeMake, formField{"app_id", asText}, formField{"out_trade_no", asText}, formField{"total_fen", asYuan}, formField{"subject", asText},
		formField{"smid", asText}, formField{"notify_url", asText}, formField{"settle_period_time", asText})
	post("/desk/trades/{id}/pay", "/desk/trades/{id}", s.deskTradePay, formField{"buyer", asText}, formField{"channel", asText})
	post("/desk/trades/{id}/cancel", "/desk/trades/{id}", s.deskTradeCancel)
	post("/desk/trades/{id}/refuse", "/desk/trades/{id}", s.deskTradeRefuse, formField{"sub_code", asEmptyText})
	post("/desk/notifications/{notify_id}/repeat", "/desk/notifications/{notify_id}", s.deskNoteRepeat, formField{"times", asInt})
	post("/desk/notifications/{notify_id}/drop", "/desk/notifications/{notify_id}", s.deskNoteDrop)
	post("/desk/complaints", "/desk/complaints/{complain_event_id}", s.deskComplaintMake, formField{"trade", asText}, formField{"complain_reason", asText}, formField{"content", asText})
	post("/desk/complaints/{id}", "/desk/complaints/{id}", s.deskComplaintPatch, formField{"status", asText}, formField{"replier_role", asText}, formField{"reply", asText})
	post("/desk/accounts/{id}", "/desk/funds", s.deskAccountPatch, formField{"top_up_fen", asYuan}, formField{"blocked", asBool})
	post("/desk/transfers/{order_id}/settle", "/desk/funds", s.deskTransferSettle, formField{"result", asText}, formField{"reason", asText})
	post("/desk/batches/{id}/pay", "/desk/funds", s.deskBatchPay)
	post("/desk/clock", "/desk/clock", s.deskClockMove, formField{"advance_seconds", asSeconds}, formField{"freeze", asBool}, formField{"unfreeze", asBool})
	post("/desk/faults", "/desk/faults", s.deskFaultAdd, formField{"app_id", asText}, formField{"method", asText}, formField{"kind", asText}, formField{"nth", asInt}, formField{"every", asInt},
		formField{"probability", asNumber}, formField{"seed", asInt}, formField{"times", asInt}, formField{"delay_ms", asInt})
	post("/desk/faults/{id}/delete", "/desk/faults", s.deskFaultDelete)
	post("/desk/faults/delete", "/desk/faults", s.deskFaultDelete)
}

// deskBody is what the desk's templates get: the API's answer, and what their forms offer.
type deskBody struct {
	Data any
	Apps []*App
	Base string
}

// Products, FaultKinds and States are the choices of forms.
func (deskBody) Products() []string   { return allProducts() }
func (deskBody) FaultKinds() []string { return faultKinds() }
func (deskBody) States() []string     { return complaintStates() }

// Settings is an application's settings as the form shows them.
func (deskBody) Settings(v Settings) string {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return "{}" // numbers and booleans always encode
	}
	return string(out)
}

// Form is an application's form as indented JSON.
func (deskBody) Form(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

// Has reports whether a product is in a list.
func (deskBody) Has(list []string, name string) bool { return slices.Contains(list, name) }

// Param is one parameter of a notification.
type Param struct{ Name, Value string }

// Params are a notification's parameters in order.
func (deskBody) Params(m map[string]string) []Param {
	out := make([]Param, 0, len(m))
	for k, v := range m {
		out = append(out, Param{k, v})
	}
	slices.SortFunc(out, func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// AppName is an application's name, or its number.
func (b deskBody) AppName(id string) string {
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
func (s *Simulator) listPage(nav, zh, en, name string, call func(*http.Request) (deskReply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := s.newPage(w, r)
		p.Title, p.Nav = p.T(zh, en), nav
		q := r.URL.Query()
		if q.Get("limit") == "" {
			q.Set("limit", pageRows)
			r.URL.RawQuery = q.Encode()
		}
		reply, err := call(r)
		if err != nil {
			s.deskProblem(w, p, err, "/desk/"+nav)
			return
		}
		p.Body = deskBody{Data: reply.Body, Apps: s.apps.all(), Base: s.base(r)}
		s.show(w, http.StatusOK, name, p)
	}
}

// home is what the desk's first page counts.
type home struct {
	Apps, Merchants, Open, Complaints, Faults int
	Waiting                                   []*Application
	Trades                                    any
}

func (s *Simulator) deskHome(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	p.Title, p.Nav = p.T("支付宝模拟器", "Alipay simulator"), "home"
	h := home{Apps: len(s.apps.all()), Faults: len(s.faults.all())}
	err := s.view(s.now(), func(tx *tx) error {
		var err error
		if h.Waiting, _, err = applications(tx, "", applyReview, "", "", 8); err != nil {
			return err
		}
		h.Open = len(h.Waiting)
		if b := tx.bucket(bucketMerchants); b != nil {
			h.Merchants = b.Stats().KeyN
		}
		return eachDoc(tx, bucketComplaints, "", "", func(_ string, c *Complaint) (bool, error) {
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
		var reply deskReply
		if reply, err = s.deskTradeList(r); err == nil {
			h.Trades = reply.Body
		}
	}
	if err != nil {
		s.deskProblem(w, p, err, "/desk")
		return
	}
	p.Body = deskBody{Data: h, Apps: s.apps.all(), Base: s.base(r)}
	s.show(w, http.StatusOK, "desk_home", p)
}

// fundsPage is accounts, transfers and batches together.
func (s *Simulator) fundsPage(w http.ResponseWriter, r *http.Request) {
	p := s.newPage(w, r)
	p.Title, p.Nav = p.T("资金", "Money"), "funds"
	data := map[string]any{}
	for name, call := range map[string]func(*http.Request) (deskReply, error){"accounts": s.deskAccountList, "transfers": s.deskTransferList, "batches": s.deskBatchList} {
		reply, err := call(r)
		if err != nil {
			s.deskProblem(w, p, err, "/desk")
			return
		}
		if m, ok := reply.Body.(map[string]any); ok {
			data[name] = m[name]
		}
	}
	p.Body = deskBody{Data: data, Apps: s.apps.all(), Base: s.base(r)}
	s.show(w, http.StatusOK, "desk_funds", p)
}

// deskProblem shows a refusal with a way back.
func (s *Simulator) deskProblem(w http.ResponseWriter, p *page, err error, back string) {
	var refusal *deskError
	var biz *bizError
	status, text := http.StatusInternalServerError, p.T("系统异常", "Something went wrong")
	switch {
	case errors.As(err, &refusal):
		status, text = refusal.Status, refusal.Message
	case errors.As(err, &biz):
		status, text = http.StatusConflict, biz.SubMsg+"（"+biz.SubCode+"）"
	default:
		s.log.Error("desk", "path", p.Path, "error", err)
	}
	p.Title = p.T("未能完成", "Not done")
	p.Body = struct{ Text, Back string }{text, back}
	s.show(w, status, "desk_problem", p)
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

// formPage runs a JSON call with what a form says, and goes back to a page ({name} is filled from the answer or the path).
func (s *Simulator) formPage(back string, call func(*http.Request) (deskReply, error), fields []formField) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := s.newPage(w, r)
		p.Nav = strings.Split(strings.TrimPrefix(r.URL.Path, "/desk/"), "/")[0]
		body, err := readForm(w, r, fields)
		if err != nil {
			s.deskProblem(w, p, badInput(err), backTo(r, back, nil))
			return
		}
		call2 := r.Clone(r.Context())
		call2.Body = io.NopCloser(bytes.NewReader(encodeJSON(body)))
		reply, err := call(call2)
		if err != nil {
			s.deskProblem(w, p, err, backTo(r, back, nil))
			return
		}
		http.Redirect(w, r, backTo(r, back, reply.Body), http.StatusSeeOther)
	}
}

// readForm makes the JSON body of a form.
func readForm(w http.ResponseWriter, r *http.Request, fields []formField) (map[string]any, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxDeskBody)
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
		if v, err = parseAmount(minus); sign {
			v = -v
		}
		out[f.Name] = v
	case asSeconds:
		out[f.Name], err = seconds(text)
	case asWords:
		out[f.Name] = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '，' || r == '\n' })
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

// backTo fills {name} from the answer's members, else from the path; a name that neither has ends the address before it.
func backTo(r *http.Request, pattern string, answer any) string {
	i := strings.IndexByte(pattern, '{')
	if i < 0 {
		return pattern
	}
	name := strings.TrimSuffix(pattern[i+1:], "}")
	id := chi.URLParam(r, name)
	if id == "" && answer != nil {
		var m map[string]any
		if err := json.Unmarshal(encodeJSON(answer), &m); err == nil {
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
