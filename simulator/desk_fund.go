package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
)

// deskFunds are transfers and batches at the desk: what the bank or the payer does.
func (s *Simulator) deskFunds(r chi.Router) {
	r.Get("/transfers", desk(s, s.deskTransferList))
	r.Post("/transfers/{order_id}/settle", desk(s, s.deskTransferSettle))
	r.Get("/batches", desk(s, s.deskBatchList))
	r.Post("/batches/{id}/pay", desk(s, s.deskBatchPay))
	r.Get("/risk_reports", desk(s, s.deskRiskReports))
	r.Get("/certify/{id}", desk(s, s.deskCertifyGet))
	r.Post("/certify/{id}", desk(s, s.deskCertifyEnd))
	r.Post("/authorizations", desk(s, s.deskAuthorize))
	r.Delete("/authorizations", desk(s, s.deskUnauthorize))
}

// newest lists a bucket's documents from the end, at most limit of those that keep accepts.
func newest[T any](t *tx, bucket string, limit int, keep func(v *T) bool) ([]*T, error) {
	out := []*T{}
	b := t.bucket(bucket)
	if b == nil {
		return out, nil
	}
	c := b.Cursor()
	for k, _ := c.Last(); k != nil && len(out) < limit; k, _ = c.Prev() {
		v, err := getRaw[T](t, bucket, k)
		if err != nil {
			return nil, err
		}
		if keep(v) {
			out = append(out, v)
		}
	}
	return out, nil
}

func (s *Simulator) deskTransferList(r *http.Request) (deskReply, error) {
	q := r.URL.Query()
	var list []*Transfer
	err := s.view(s.now(), func(tx *tx) (err error) {
		list, err = newest(tx, bucketTransfers, pageSize(r), func(t *Transfer) bool {
			return (q.Get("app_id") == "" || q.Get("app_id") == t.AppID) && (q.Get("out_biz_no") == "" || q.Get("out_biz_no") == t.Out)
		})
		return err
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"transfers": list})
}

// deskTransferSettle is the bank's answer to a transfer under way: success, fail or refund.
func (s *Simulator) deskTransferSettle(r *http.Request) (deskReply, error) {
	in := struct {
		Result string `json:"result"`
		Code   string `json:"error_code"`
		Reason string `json:"reason"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	states := map[string]string{"success": transferSuccess, "fail": transferFail, "refund": transferRefund}
	if states[in.Result] == "" {
		return deskReply{}, badInput(errors.New("result: success, fail or refund"))
	}
	var t *Transfer
	err := s.update(s.now(), func(tx *tx) (err error) {
		if t, err = transferByKey(tx, "i|"+chi.URLParam(r, "order_id")); err != nil {
			return err
		}
		switch {
		case t == nil:
			return notFound("transfer")
		case t.Status != transferDealing:
			return &deskError{http.StatusConflict, "already_decided", "转账已结束：" + t.Status}
		}
		if err := delTimer(tx, t.Due, timerTransfer, num(t.Seq)); err != nil {
			return err
		}
		return endTransfer(tx, t, states[in.Result], in.Code, in.Reason)
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(t)
}

func (s *Simulator) deskBatchList(r *http.Request) (deskReply, error) {
	var list []*Batch
	err := s.view(s.now(), func(tx *tx) (err error) {
		list, err = newest(tx, bucketBatches, pageSize(r), func(b *Batch) bool {
			return r.URL.Query().Get("app_id") == "" || r.URL.Query().Get("app_id") == b.AppID
		})
		return err
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"batches": list})
}

// deskBatchPay pays a created batch, as its payer at the cashier does.
func (s *Simulator) deskBatchPay(r *http.Request) (deskReply, error) {
	b, err := s.payBatchNow(chi.URLParam(r, "id"))
	if err != nil {
		return deskReply{}, err
	}
	return ok(b)
}

func (s *Simulator) payBatchNow(id string) (*Batch, error) {
	var b *Batch
	err := s.update(s.now(), func(tx *tx) (err error) {
		if b, err = batchOf(tx, "", "", id); err != nil {
			return err
		}
		switch {
		case b == nil:
			return notFound("batch")
		case b.Status != batchInit || (b.Expire > 0 && ms(tx.now) >= b.Expire):
			return &deskError{http.StatusConflict, "already_decided", "批次不可支付：" + b.Status}
		}
		if err := payBatch(tx, id); err != nil {
			return err
		}
		b, err = batchOf(tx, "", "", id)
		return err
	})
	return b, err
}

func (s *Simulator) deskRiskReports(r *http.Request) (deskReply, error) {
	var list []*RiskReport
	err := s.view(s.now(), func(tx *tx) (err error) {
		list, err = newest(tx, bucketRisk, pageSize(r), func(v *RiskReport) bool {
			return r.URL.Query().Get("app_id") == "" || r.URL.Query().Get("app_id") == v.AppID
		})
		return err
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"risk_reports": list})
}

func (s *Simulator) deskCertifyGet(r *http.Request) (deskReply, error) {
	var v *Certify
	if err := s.view(s.now(), func(tx *tx) (err error) {
		v, err = getDoc[Certify](tx, bucketCertify, chi.URLParam(r, "id"))
		return err
	}); err != nil {
		return deskReply{}, err
	}
	if v == nil {
		return deskReply{}, notFound("certify")
	}
	return ok(v)
}

// deskCertifyEnd is the person in front of the camera: {pass, reason}.
func (s *Simulator) deskCertifyEnd(r *http.Request) (deskReply, error) {
	in := struct {
		Pass   bool   `json:"pass"`
		Reason string `json:"reason"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	var v *Certify
	if err := s.update(s.now(), func(tx *tx) (err error) {
		v, err = endCertify(tx, chi.URLParam(r, "id"), in.Pass, in.Reason)
		return err
	}); err != nil {
		return deskReply{}, err
	}
	return ok(v)
}

// twoApps reads the third-party application and the merchant's.
func (s *Simulator) twoApps(isv, merchant string) (a, b *App, err error) {
	if a = s.apps.get(isv); a == nil || !slices.Contains(a.Products, ProductISV) {
		return nil, nil, badInput(fmt.Errorf("app_id: not an application with the product %q", ProductISV))
	}
	if b = s.apps.get(merchant); b == nil || b == a {
		return nil, nil, badInput(errors.New("auth_app_id: unknown, or the same application"))
	}
	return a, b, nil
}

type authorization struct {
	AppID     string   `json:"app_id"`
	AuthAppID string   `json:"auth_app_id"`
	Products  []string `json:"products"`
}

// deskAuthorize is a merchant's consent at the authorisation page: it gives the code that open.auth.token.app exchanges.
func (s *Simulator) deskAuthorize(r *http.Request) (deskReply, error) {
	var in authorization
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	isv, merchant, err := s.twoApps(in.AppID, in.AuthAppID)
	if err != nil {
		return deskReply{}, err
	}
	if err := knownProducts(in.Products); err != nil {
		return deskReply{}, err
	}
	var code string
	if err := s.update(s.now(), func(tx *tx) (err error) { code, err = grantCode(tx, isv, merchant, in.Products); return err }); err != nil {
		return deskReply{}, err
	}
	return deskReply{http.StatusCreated, map[string]string{"app_auth_code": code, "app_id": isv.AppID, "auth_app_id": merchant.AppID}}, nil
}

// deskUnauthorize withdraws the consent: every token of the two applications dies, and the third party is told.
func (s *Simulator) deskUnauthorize(r *http.Request) (deskReply, error) {
	q := r.URL.Query()
	isv, merchant, err := s.twoApps(q.Get("app_id"), q.Get("auth_app_id"))
	if err != nil {
		return deskReply{}, err
	}
	err = s.update(s.now(), func(tx *tx) error {
		if err := revokeTokens(tx, isv.AppID, merchant.AppID); err != nil {
			return err
		}
		return sendMessage(tx, isv.AppID, "alipay.open.auth.appauth.cancelled", map[string]string{"app_id": isv.AppID, "auth_app_id": merchant.AppID, "user_id": merchant.PID, "cancel_time": beijing(tx.now)})
	})
	return deskReply{Status: http.StatusNoContent}, err
}
