package desk

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/merchants"
	"zhitong/simulator/state"
)

// applications are the applications at the desk: whoever plays Alipay's reviewers, or the merchant who confirms.
func (d *Desk) applications(r chi.Router) {
	r.Get("/applications", d.answer(d.applicationList))
	r.Get("/applications/{order_id}", d.answer(d.applicationGet))
	for name, how := range map[string]func(t *state.Tx, a *merchants.Application,
		in decision) error{"approve": approveAll, "audit": auditStage, "reject": rejectStage, "confirm": confirmYes,
		"refuse": confirmNo} {
		r.Post("/applications/{order_id}/"+name, d.answer(d.decideBy(how)))
	}
}

func approveAll(_ *state.Tx, a *merchants.Application, in decision) error {
	a.Memo = in.Memo
	a.PassAll()
	return nil
}

func auditStage(t *state.Tx, a *merchants.Application, in decision) error {
	if err := merchants.KnownStage(in.Stage); err != nil {
		return err
	}
	if in.Result != "pass" && in.Result != "reject" {
		return state.BadInput(errors.New("result: pass or reject"))
	}
	return a.Audit(t, in.Stage, in.Result == "pass", in.Memo)
}

func rejectStage(t *state.Tx, a *merchants.Application, in decision) error {
	if in.Stage == "" {
		in.Stage = "kz"
	}
	if in.Memo == "" {
		in.Memo = in.Reason
	}
	in.Result = "reject"
	return auditStage(t, a, in)
}

func confirmYes(t *state.Tx, a *merchants.Application, _ decision) error {
	return a.Confirmed(t, true, "")
}

func confirmNo(t *state.Tx, a *merchants.Application, in decision) error {
	return a.Confirmed(t, false, in.Reason)
}

// decision is the body of every decision on an application; each takes what it needs.
type decision struct {
	Stage  string `json:"stage"`
	Result string `json:"result"`
	Memo   string `json:"memo"`
	Reason string `json:"reason"`
}

// applications lists newest first, filtered; before is an order_id to go on from.
func applications(t *state.Tx, appID, status, externalID, before string, limit int) (out []*merchants.Application,
	next string, err error) {
	b := t.Bucket(merchants.BucketApplications)
	if b == nil {
		return nil, "", nil
	}
	c := b.Cursor()
	k, _ := c.Last()
	if before != "" {
		c.Seek([]byte(before))
		k, _ = c.Prev()
	}
	for ; k != nil; k, _ = c.Prev() {
		a, err := merchants.GetApplication(t, string(k))
		if err != nil {
			return nil, "", err
		}
		if (appID != "" && a.AppID != appID) || (status != "" && a.Status != status) ||
			(externalID != "" && a.ExternalID != externalID) {
			continue
		}
		if len(out) == limit {
			return out, out[limit-1].OrderID, nil
		}
		out = append(out, a)
	}
	return out, "", nil
}

func (d *Desk) applicationList(r *http.Request) (result, error) {
	q := r.URL.Query()
	var list []*merchants.Application
	var next string
	err := d.st.View(d.st.Now(), func(t *state.Tx) (err error) {
		list, next, err = applications(t, q.Get("app_id"), q.Get("status"), q.Get("external_id"), q.Get("before"),
			pageSize(r))
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"applications": append([]*merchants.Application{}, list...), "next": next})
}

func (d *Desk) applicationGet(r *http.Request) (result, error) {
	var a *merchants.Application
	err := d.st.View(d.st.Now(), func(t *state.Tx) (err error) {
		a, err = merchants.GetApplication(t, chi.URLParam(r, "order_id"))
		return err
	})
	if err != nil {
		return result{}, err
	}
	if a == nil {
		return result{}, state.NotFound("application")
	}
	return ok(a)
}

func (d *Desk) decideBy(how func(t *state.Tx, a *merchants.Application, in decision) error) func(r *http.Request) (
	result, error) {
	return func(r *http.Request) (result, error) {
		var in decision
		if err := readJSON(r, &in); err != nil {
			return result{}, err
		}
		a, err := d.decide(chi.URLParam(r, "order_id"), in, how)
		if err != nil {
			return result{}, err
		}
		return ok(a)
	}
}

func (d *Desk) decide(orderID string, in decision,
	how func(t *state.Tx, a *merchants.Application, in decision) error) (a *merchants.Application, err error) {
	err = d.st.Update(d.st.Now(), func(t *state.Tx) error {
		a, err = merchants.Decide(t, orderID, func(a *merchants.Application) error { return how(t, a, in) })
		return err
	})
	return a, err
}
