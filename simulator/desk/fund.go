package desk

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/access"
	"zhitong/simulator/notify"
	"zhitong/simulator/people"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/transfers"
)

// funds are transfers and batches at the desk: what the bank or the payer does.
func (d *Desk) funds(r chi.Router) {
	r.Get("/transfers", d.answer(d.transferList))
	r.Post("/transfers/{order_id}/settle", d.answer(d.transferSettle))
	r.Get("/batches", d.answer(d.batchList))
	r.Post("/batches/{id}/pay", d.answer(d.batchPay))
	r.Get("/risk_reports", d.answer(d.riskReports))
	r.Get("/certify/{id}", d.answer(d.certifyGet))
	r.Post("/certify/{id}", d.answer(d.certifyEnd))
	r.Post("/authorizations", d.answer(d.authorize))
	r.Delete("/authorizations", d.answer(d.unauthorize))
}

// newest lists a bucket's documents from the end, at most limit of those that keep accepts.
func newest[T any](t *state.Tx, bucket string, limit int, keep func(v *T) bool) ([]*T, error) {
	out := []*T{}
	b := t.Bucket(bucket)
	if b == nil {
		return out, nil
	}
	c := b.Cursor()
	for k, _ := c.Last(); k != nil && len(out) < limit; k, _ = c.Prev() {
		v, err := state.GetRaw[T](t, bucket, k)
		if err != nil {
			return nil, err
		}
		if keep(v) {
			out = append(out, v)
		}
	}
	return out, nil
}

func (d *Desk) transferList(r *http.Request) (result, error) {
	q := r.URL.Query()
	var list []*transfers.Transfer
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, transfers.Bucket, pageSize(r), func(t *transfers.Transfer) bool {
			return (q.Get("app_id") == "" || q.Get("app_id") == t.AppID) &&
				(q.Get("out_biz_no") == "" || q.Get("out_biz_no") == t.Out)
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"transfers": list})
}

// transferSettle is the bank's answer to a transfer under way: success, fail or refund.
func (d *Desk) transferSettle(r *http.Request) (result, error) {
	in := struct {
		Result string `json:"result"`
		Code   string `json:"error_code"`
		Reason string `json:"reason"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	states := map[string]string{"success": transfers.Succeeded, "fail": transfers.Failed, "refund": transfers.Returned}
	if states[in.Result] == "" {
		return result{}, state.BadInput(errors.New("result: success, fail or refund"))
	}
	var t *transfers.Transfer
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		if t, err = transfers.ByKey(tx, "i|"+chi.URLParam(r, "order_id")); err != nil {
			return err
		}
		switch {
		case t == nil:
			return state.NotFound("transfer")
		case t.Status != transfers.Dealing:
			return &state.Refusal{Status: http.StatusConflict, Code: "already_decided", Message: "转账已结束：" + t.Status}
		}
		if err := state.DeleteTimer(tx, t.Due, transfers.TimerBank, state.Key(t.Seq)); err != nil {
			return err
		}
		return transfers.End(tx, t, states[in.Result], in.Code, in.Reason)
	})
	if err != nil {
		return result{}, err
	}
	return ok(t)
}

func (d *Desk) batchList(r *http.Request) (result, error) {
	var list []*transfers.Batch
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, transfers.BucketBatches, pageSize(r), func(b *transfers.Batch) bool {
			return r.URL.Query().Get("app_id") == "" || r.URL.Query().Get("app_id") == b.AppID
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"batches": list})
}

// batchPay pays a created batch, as its payer at the cashier does.
func (d *Desk) batchPay(r *http.Request) (result, error) {
	b, err := transfers.PayBatchNow(d.st, chi.URLParam(r, "id"))
	if err != nil {
		return result{}, err
	}
	return ok(b)
}

func (d *Desk) riskReports(r *http.Request) (result, error) {
	var list []*people.RiskReport
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, people.BucketRisk, pageSize(r), func(v *people.RiskReport) bool {
			return r.URL.Query().Get("app_id") == "" || r.URL.Query().Get("app_id") == v.AppID
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"risk_reports": list})
}

func (d *Desk) certifyGet(r *http.Request) (result, error) {
	var v *people.Certify
	if err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		v, err = state.Get[people.Certify](tx, people.BucketCertify, chi.URLParam(r, "id"))
		return err
	}); err != nil {
		return result{}, err
	}
	if v == nil {
		return result{}, state.NotFound("certify")
	}
	return ok(v)
}

// certifyEnd is the person in front of the camera: {pass, reason}.
func (d *Desk) certifyEnd(r *http.Request) (result, error) {
	in := struct {
		Pass   bool   `json:"pass"`
		Reason string `json:"reason"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	var v *people.Certify
	if err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		v, err = people.EndCertify(tx, chi.URLParam(r, "id"), in.Pass, in.Reason)
		return err
	}); err != nil {
		return result{}, err
	}
	return ok(v)
}

type authorization struct {
	AppID     string   `json:"app_id"`
	AuthAppID string   `json:"auth_app_id"`
	Products  []string `json:"products"`
}

// authorize is a merchant's consent at the authorisation page: it gives the code that open.auth.token.app exchanges.
func (d *Desk) authorize(r *http.Request) (result, error) {
	var in authorization
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	isv, merchant, err := access.TwoApps(d.st, in.AppID, in.AuthAppID)
	if err != nil {
		return result{}, err
	}
	if err := knownProducts(in.Products); err != nil {
		return result{}, err
	}
	var code string
	if err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		code, err = access.GrantCode(tx, isv, merchant, in.Products)
		return err
	}); err != nil {
		return result{}, err
	}
	return result{http.StatusCreated,
		map[string]string{"app_auth_code": code, "app_id": isv.AppID, "auth_app_id": merchant.AppID}}, nil
}

// unauthorize withdraws the consent: every token of the two applications dies, and the third party is told.
func (d *Desk) unauthorize(r *http.Request) (result, error) {
	q := r.URL.Query()
	isv, merchant, err := access.TwoApps(d.st, q.Get("app_id"), q.Get("auth_app_id"))
	if err != nil {
		return result{}, err
	}
	err = d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		if err := access.RevokeTokens(tx, isv.AppID, merchant.AppID); err != nil {
			return err
		}
		return notify.SendMessage(tx, isv.AppID, "alipay.open.auth.appauth.cancelled",
			map[string]string{"app_id": isv.AppID, "auth_app_id": merchant.AppID, "user_id": merchant.PID,
				"cancel_time": protocol.Beijing(tx.Now)})
	})
	return result{Status: http.StatusNoContent}, err
}
