package simulator

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"
)

// deskApplications are the applications at the desk: whoever plays Alipay's reviewers, or the merchant who confirms.
func (s *Simulator) deskApplications(r chi.Router) {
	r.Get("/applications", desk(s, s.deskApplicationList))
	r.Get("/applications/{order_id}", desk(s, s.deskApplicationGet))
	for name, how := range map[string]func(t *tx, a *Application, in decision) error{"approve": approveAll, "audit": auditStage, "reject": rejectStage, "confirm": confirmYes, "refuse": confirmNo} {
		r.Post("/applications/{order_id}/"+name, desk(s, s.deskDecide(how)))
	}
}

func approveAll(_ *tx, a *Application, in decision) error {
	a.Memo = in.Memo
	a.passAll()
	return nil
}

func auditStage(t *tx, a *Application, in decision) error {
	if err := knownStage(in.Stage); err != nil {
		return err
	}
	if in.Result != "pass" && in.Result != "reject" {
		return badInput(errors.New("result: pass or reject"))
	}
	return a.audit(t, in.Stage, in.Result == "pass", in.Memo)
}

func rejectStage(t *tx, a *Application, in decision) error {
	if in.Stage == "" {
		in.Stage = "kz"
	}
	if in.Memo == "" {
		in.Memo = in.Reason
	}
	in.Result = "reject"
	return auditStage(t, a, in)
}

func confirmYes(t *tx, a *Application, _ decision) error { return a.confirmed(t, true, "") }

func confirmNo(t *tx, a *Application, in decision) error { return a.confirmed(t, false, in.Reason) }

// decision is the body of every decision on an application; each takes what it needs.
type decision struct {
	Stage  string `json:"stage"`
	Result string `json:"result"`
	Memo   string `json:"memo"`
	Reason string `json:"reason"`
}

// applications lists newest first, filtered; before is an order_id to go on from.
func applications(t *tx, appID, status, externalID, before string, limit int) (out []*Application, next string, err error) {
	b := t.bucket(bucketApplications)
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
		a, err := getApplication(t, string(k))
		if err != nil {
			return nil, "", err
		}
		if (appID != "" && a.AppID != appID) || (status != "" && a.Status != status) || (externalID != "" && a.ExternalID != externalID) {
			continue
		}
		if len(out) == limit {
			return out, out[limit-1].OrderID, nil
		}
		out = append(out, a)
	}
	return out, "", nil
}

func (s *Simulator) deskApplicationList(r *http.Request) (deskReply, error) {
	q := r.URL.Query()
	var list []*Application
	var next string
	err := s.view(s.now(), func(t *tx) (err error) {
		list, next, err = applications(t, q.Get("app_id"), q.Get("status"), q.Get("external_id"), q.Get("before"), pageSize(r))
		return err
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"applications": append([]*Application{}, list...), "next": next})
}

func (s *Simulator) deskApplicationGet(r *http.Request) (deskReply, error) {
	var a *Application
	err := s.view(s.now(), func(t *tx) (err error) { a, err = getApplication(t, chi.URLParam(r, "order_id")); return err })
	if err != nil {
		return deskReply{}, err
	}
	if a == nil {
		return deskReply{}, notFound("application")
	}
	return ok(a)
}

func (s *Simulator) deskDecide(how func(t *tx, a *Application, in decision) error) func(r *http.Request) (deskReply, error) {
	return func(r *http.Request) (deskReply, error) {
		var in decision
		if err := readJSON(r, &in); err != nil {
			return deskReply{}, err
		}
		a, err := s.decide(chi.URLParam(r, "order_id"), in, how)
		if err != nil {
			return deskReply{}, err
		}
		return ok(a)
	}
}

func (s *Simulator) decide(orderID string, in decision, how func(t *tx, a *Application, in decision) error) (a *Application, err error) {
	err = s.update(s.now(), func(t *tx) error {
		a, err = decide(t, orderID, func(a *Application) error { return how(t, a, in) })
		return err
	})
	return a, err
}
