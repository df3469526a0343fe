package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/complaints"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// complaints are complaints at the desk: what buyers and Alipay's service do.
func (d *Desk) complaints(r chi.Router) {
	r.Get("/complaints", d.answer(d.complaintList))
	r.Post("/complaints", d.answer(d.complaintMake))
	r.Get("/complaints/{id}", d.answer(d.complaintGet))
	r.Patch("/complaints/{id}", d.answer(d.complaintPatch))
}

func (d *Desk) complaintList(r *http.Request) (result, error) {
	q := r.URL.Query()
	var list []*complaints.Complaint
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, complaints.Bucket, pageSize(r), func(p *complaints.Complaint) bool {
			return (q.Get("app_id") == "" || q.Get("app_id") == p.AppID) &&
				(q.Get("status") == "" || q.Get("status") == p.Status)
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"complaints": list})
}

// newComplaint is what a buyer says; empty texts get ordinary ones.
type newComplaint struct {
	Trade    string   `json:"trade"` // trade_no or out_trade_no
	AppID    string   `json:"app_id"`
	Category string   `json:"leaf_category_name"`
	Reason   string   `json:"complain_reason"`
	Content  string   `json:"content"`
	Phone    string   `json:"phone_no"`
	Images   []string `json:"images"`
}

func (d *Desk) complain(in newComplaint) (*complaints.Complaint, error) {
	p := &complaints.Complaint{Category: in.Category, Reason: in.Reason, Content: in.Content, Phone: in.Phone,
		Images: in.Images}
	for _, d := range []struct {
		to   *string
		text string
	}{{&p.Category, "退款"}, {&p.Reason, "卡密无法使用"}, {&p.Content, "购买的卡密提示已被使用，联系商家无人回复"}, {&p.Phone, "138****0000"}} {
		if *d.to == "" {
			*d.to = d.text
		}
	}
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		t, err := d.anyTrade(tx, in.AppID, in.Trade)
		if err != nil {
			return err
		}
		if !t.IsPaid() {
			return state.BadInput(errors.New("trade: not paid"))
		}
		return complaints.Add(tx, t, p)
	})
	return p, err
}

func (d *Desk) complaintMake(r *http.Request) (result, error) {
	var in newComplaint
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	p, err := d.complain(in)
	if err != nil {
		return result{}, err
	}
	return result{http.StatusCreated, p}, nil
}

func (d *Desk) complaintGet(r *http.Request) (result, error) {
	var p *complaints.Complaint
	if err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		p, err = state.Get[complaints.Complaint](tx, complaints.Bucket, chi.URLParam(r, "id"))
		return err
	}); err != nil {
		return result{}, err
	}
	if p == nil {
		return result{}, state.NotFound("complaint")
	}
	return ok(p)
}

// complaintChange is what the buyer or Alipay's service does: a new status, or words.
type complaintChange struct {
	Status string `json:"status"`
	Role   string `json:"replier_role"` // USER (default), SYSTEM, AUDITOR
	Reply  string `json:"reply"`
}

func complaintStates() []string {
	return []string{complaints.Open, complaints.Answered, complaints.Late, complaints.WithPlatform, complaints.Decided,
		complaints.Finished, complaints.Dropped, complaints.Closed}
}

func (d *Desk) changeComplaint(id string, in complaintChange) (*complaints.Complaint, error) {
	if in.Status == "" && in.Reply == "" {
		return nil, state.BadInput(errors.New("status, reply: one is needed"))
	}
	if in.Status != "" && !slices.Contains(complaintStates(), in.Status) {
		return nil, state.BadInput(fmt.Errorf("status: one of %v", complaintStates()))
	}
	if in.Role == "" {
		in.Role = complaints.RoleUser
	}
	if !slices.Contains([]string{complaints.RoleUser, complaints.RoleSystem, complaints.RoleAuditor}, in.Role) {
		return nil, state.BadInput(errors.New("replier_role: USER, SYSTEM or AUDITOR"))
	}
	var p *complaints.Complaint
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		if p, err = state.Get[complaints.Complaint](tx, complaints.Bucket, id); err != nil {
			return err
		}
		if p == nil {
			return state.NotFound("complaint")
		}
		if in.Status != "" {
			p.Status = in.Status
		}
		if in.Reply != "" {
			names := map[string]string{complaints.RoleUser: "买家", complaints.RoleSystem: "系统",
				complaints.RoleAuditor: "支付宝客服"}
			p.Replies = append(p.Replies,
				complaints.Reply{Name: names[in.Role], Role: in.Role, At: protocol.Millis(tx.Now), Content: in.Reply})
		}
		return complaints.Change(tx, p)
	})
	return p, err
}

func (d *Desk) complaintPatch(r *http.Request) (result, error) {
	var in complaintChange
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	p, err := d.changeComplaint(chi.URLParam(r, "id"), in)
	if err != nil {
		return result{}, err
	}
	return ok(p)
}
