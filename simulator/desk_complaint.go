package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
)

// deskComplaints are complaints at the desk: what buyers and Alipay's service do.
func (s *Simulator) deskComplaints(r chi.Router) {
	r.Get("/complaints", desk(s, s.deskComplaintList))
	r.Post("/complaints", desk(s, s.deskComplaintMake))
	r.Get("/complaints/{id}", desk(s, s.deskComplaintGet))
	r.Patch("/complaints/{id}", desk(s, s.deskComplaintPatch))
}

func (s *Simulator) deskComplaintList(r *http.Request) (deskReply, error) {
	q := r.URL.Query()
	var list []*Complaint
	err := s.view(s.now(), func(tx *tx) (err error) {
		list, err = newest(tx, bucketComplaints, pageSize(r), func(p *Complaint) bool {
			return (q.Get("app_id") == "" || q.Get("app_id") == p.AppID) && (q.Get("status") == "" || q.Get("status") == p.Status)
		})
		return err
	})
	if err != nil {
		return deskReply{}, err
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

func (s *Simulator) complain(in newComplaint) (*Complaint, error) {
	p := &Complaint{Category: in.Category, Reason: in.Reason, Content: in.Content, Phone: in.Phone, Images: in.Images}
	for _, d := range []struct {
		to   *string
		text string
	}{{&p.Category, "退款"}, {&p.Reason, "卡密无法使用"}, {&p.Content, "购买的卡密提示已被使用，联系商家无人回复"}, {&p.Phone, "138****0000"}} {
		if *d.to == "" {
			*d.to = d.text
		}
	}
	err := s.update(s.now(), func(tx *tx) error {
		t, err := s.anyTrade(tx, in.AppID, in.Trade)
		if err != nil {
			return err
		}
		if !t.paid() {
			return badInput(errors.New("trade: not paid"))
		}
		return addComplaint(tx, t, p)
	})
	return p, err
}

func (s *Simulator) deskComplaintMake(r *http.Request) (deskReply, error) {
	var in newComplaint
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	p, err := s.complain(in)
	if err != nil {
		return deskReply{}, err
	}
	return deskReply{http.StatusCreated, p}, nil
}

func (s *Simulator) deskComplaintGet(r *http.Request) (deskReply, error) {
	var p *Complaint
	if err := s.view(s.now(), func(tx *tx) (err error) {
		p, err = getDoc[Complaint](tx, bucketComplaints, chi.URLParam(r, "id"))
		return err
	}); err != nil {
		return deskReply{}, err
	}
	if p == nil {
		return deskReply{}, notFound("complaint")
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
	return []string{complaintOpen, complaintAnswered, complaintLate, complaintPlatform, complaintDecided, complaintFinished, complaintDropped, complaintClosed}
}

func (s *Simulator) changeComplaint(id string, in complaintChange) (*Complaint, error) {
	if in.Status == "" && in.Reply == "" {
		return nil, badInput(errors.New("status, reply: one is needed"))
	}
	if in.Status != "" && !slices.Contains(complaintStates(), in.Status) {
		return nil, badInput(fmt.Errorf("status: one of %v", complaintStates()))
	}
	if in.Role == "" {
		in.Role = roleUser
	}
	if !slices.Contains([]string{roleUser, roleSystem, roleAuditor}, in.Role) {
		return nil, badInput(errors.New("replier_role: USER, SYSTEM or AUDITOR"))
	}
	var p *Complaint
	err := s.update(s.now(), func(tx *tx) (err error) {
		if p, err = getDoc[Complaint](tx, bucketComplaints, id); err != nil {
			return err
		}
		if p == nil {
			return notFound("complaint")
		}
		if in.Status != "" {
			p.Status = in.Status
		}
		if in.Reply != "" {
			names := map[string]string{roleUser: "买家", roleSystem: "系统", roleAuditor: "支付宝客服"}
			p.Replies = append(p.Replies, Reply{Name: names[in.Role], Role: in.Role, At: ms(tx.now), Content: in.Reply})
		}
		return changeComplaint(tx, p)
	})
	return p, err
}

func (s *Simulator) deskComplaintPatch(r *http.Request) (deskReply, error) {
	var in complaintChange
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	p, err := s.changeComplaint(chi.URLParam(r, "id"), in)
	if err != nil {
		return deskReply{}, err
	}
	return ok(p)
}
