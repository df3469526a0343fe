package simulator

import (
	_ "embed" // desk.yaml
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
)

//go:embed desk.yaml
var deskYAML []byte

// deskAPI is the JSON side of the desk; families add their routes here.
func (s *Simulator) deskAPI(r chi.Router) {
	r.Post("/apps", desk(s, s.deskAppCreate))
	r.Get("/apps", desk(s, s.deskAppList))
	r.Get("/apps/{app_id}", desk(s, s.deskAppGet))
	r.Patch("/apps/{app_id}", desk(s, s.deskAppPatch))
	r.Post("/merchants", desk(s, s.deskMerchantCreate))
	r.Get("/merchants", desk(s, s.deskMerchantList))
	r.Get("/merchants/{smid}", desk(s, s.deskMerchantGet))
	r.Patch("/merchants/{smid}", desk(s, s.deskMerchantPatch))
	r.Get("/clock", desk(s, s.deskClockGet))
	r.Post("/clock", desk(s, s.deskClockMove))
	r.Get("/faults", desk(s, s.deskFaultList))
	r.Post("/faults", desk(s, s.deskFaultAdd))
	r.Delete("/faults", desk(s, s.deskFaultDelete))
	r.Delete("/faults/{id}", desk(s, s.deskFaultDelete))
	r.Get("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(deskYAML)
	})
	s.deskTrades(r)
	s.deskNotifications(r)
	s.deskAccounts(r)
	s.deskApplications(r)
	s.deskFunds(r)
	s.deskComplaints(r)
}

const maxDeskBody = 1 << 20

// deskReply is a JSON answer with its status.
type deskReply struct {
	Status int
	Body   any
}

// deskError is a refusal of the desk.
type deskError struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *deskError) Error() string { return e.Code + ": " + e.Message }

func notFound(what string) error {
	return &deskError{http.StatusNotFound, "not_found", what + " 不存在"}
}

func badInput(err error) error { return &deskError{http.StatusBadRequest, "bad_input", err.Error()} }

// desk makes a handler of a function: its value as JSON, its error as {code, message}. A *bizError is a 409 with Alipay's sub_code.
func desk(s *Simulator, fn func(r *http.Request) (deskReply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxDeskBody)
		reply, err := fn(r)
		var refusal *deskError
		var biz *bizError
		switch {
		case err == nil:
		case errors.As(err, &refusal):
			reply = deskReply{refusal.Status, refusal}
		case errors.As(err, &biz):
			reply = deskReply{http.StatusConflict, &deskError{Code: biz.SubCode, Message: biz.SubMsg}}
		default:
			s.log.Error("desk", "path", r.URL.Path, "error", err)
			reply = deskReply{http.StatusInternalServerError, &deskError{Code: "internal", Message: "internal error"}}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(reply.Status)
		if reply.Body != nil {
			_, _ = w.Write(append(encodeJSON(reply.Body), '\n'))
		}
	}
}

func ok(v any) (deskReply, error) { return deskReply{http.StatusOK, v}, nil }

// readJSON reads the request's body into v; unknown fields are refused. An empty body leaves v as it is.
func readJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return badInput(fmt.Errorf("body: %w", err))
	}
	return nil
}

// pageSize reads ?limit=, 1 … 1000, default 100.
func pageSize(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || n < 1 {
		return 100
	}
	return min(n, 1000)
}

type appCreate struct {
	Name       string   `json:"name"`
	PID        string   `json:"pid"`
	PublicKey  string   `json:"public_key"`
	CSR        string   `json:"csr"`
	CertMode   bool     `json:"certificate_mode"`
	Products   []string `json:"products"`
	GatewayURL string   `json:"app_gateway_url"`
	Settings   Settings `json:"settings"`
}

type appReply struct {
	*App
	AlipayPublicKey string `json:"alipay_public_key"`
	GatewayDo       string `json:"gateway_url"`
	AlipayCert      string `json:"alipay_certificate,omitempty"`
	RootCert        string `json:"root_certificate,omitempty"`
}

func (s *Simulator) appReply(r *http.Request, a *App) appReply {
	out := appReply{App: a, AlipayPublicKey: s.keys.publicText, GatewayDo: s.base(r) + "/gateway.do"}
	if ca := s.keys.current(); a.CertMode && ca != nil {
		out.AlipayCert, out.RootCert = pemCert(ca.Alipay), ca.Bundle
	}
	return out
}

// deskAppCreate registers an application by its public key or certificate request.
func (s *Simulator) deskAppCreate(r *http.Request) (deskReply, error) {
	var in appCreate
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if err := knownProducts(in.Products); err != nil {
		return deskReply{}, err
	}
	if in.PID != "" && (len(in.PID) != 16 || !digits(in.PID)) {
		return deskReply{}, badInput(errors.New("pid: 16 digits"))
	}
	if in.CSR == "" {
		if _, err := parsePublicKey(in.PublicKey); err != nil {
			return deskReply{}, badInput(fmt.Errorf("public_key: %w", err))
		}
	}
	a := &App{Name: in.Name, PID: in.PID, PublicKey: in.PublicKey, CertMode: in.CertMode, Products: in.Products, GatewayURL: in.GatewayURL, Settings: in.Settings}
	if err := s.newApp(a, in.CSR); err != nil {
		return deskReply{}, badInput(err)
	}
	return deskReply{http.StatusCreated, s.appReply(r, a)}, nil
}

func knownProducts(list []string) error {
	for _, p := range list {
		if !slices.Contains(allProducts(), p) {
			return badInput(fmt.Errorf("products: %q is not one of %v", p, allProducts()))
		}
	}
	return nil
}

func (s *Simulator) deskAppList(r *http.Request) (deskReply, error) {
	out := []appReply{}
	for _, a := range s.apps.all() {
		out = append(out, s.appReply(r, a))
	}
	return ok(map[string]any{"apps": out})
}

func (s *Simulator) deskAppGet(r *http.Request) (deskReply, error) {
	a := s.apps.get(chi.URLParam(r, "app_id"))
	if a == nil {
		return deskReply{}, notFound("app")
	}
	return ok(s.appReply(r, a))
}

// deskAppPatch changes products, status, gateway address, key and settings; what is absent stays.
func (s *Simulator) deskAppPatch(r *http.Request) (deskReply, error) {
	old := s.apps.get(chi.URLParam(r, "app_id"))
	if old == nil {
		return deskReply{}, notFound("app")
	}
	a := *old
	in := struct {
		Name       *string         `json:"name"`
		Products   *[]string       `json:"products"`
		Status     *string         `json:"status"`
		GatewayURL *string         `json:"app_gateway_url"`
		PublicKey  *string         `json:"public_key"`
		MaxRatio   *int            `json:"max_ratio"`
		Settings   json.RawMessage `json:"settings"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if in.Products != nil {
		if err := knownProducts(*in.Products); err != nil {
			return deskReply{}, err
		}
		a.Products = *in.Products
	}
	if in.Status != nil {
		if *in.Status != appOnline && *in.Status != appOffline {
			return deskReply{}, badInput(errors.New("status: online or offline"))
		}
		a.Status = *in.Status
	}
	if in.Name != nil {
		a.Name = *in.Name
	}
	if in.GatewayURL != nil {
		a.GatewayURL = *in.GatewayURL
	}
	if len(in.Settings) > 0 {
		if err := json.Unmarshal(in.Settings, &a.Settings); err != nil {
			return deskReply{}, badInput(fmt.Errorf("settings: %w", err))
		}
	}
	if in.MaxRatio != nil {
		a.Settings.MaxRatio = *in.MaxRatio
	}
	if a.Settings.MaxRatio < 0 || a.Settings.MaxRatio > 100 {
		return deskReply{}, badInput(errors.New("max_ratio: 0 … 100"))
	}
	err := s.update(s.now(), func(tx *tx) error {
		if in.PublicKey != nil {
			a.PublicKey = *in.PublicKey
			if err := a.setKey(tx, ""); err != nil {
				return badInput(err)
			}
		}
		return putDoc(tx, bucketApps, a.AppID, &a)
	})
	if err != nil {
		return deskReply{}, err
	}
	s.apps.set(&a)
	return ok(s.appReply(r, &a))
}

// deskMerchantCreate makes a secondary merchant without an application, for programs that only want to trade.
func (s *Simulator) deskMerchantCreate(r *http.Request) (deskReply, error) {
	in := struct {
		AppID      string   `json:"app_id"`
		PID        string   `json:"pid"`
		ExternalID string   `json:"external_id"`
		Name       string   `json:"name"`
		Cards      []string `json:"cards"`
		NoDefault  bool     `json:"no_default_rule"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if a := s.apps.get(in.AppID); a != nil {
		in.PID = a.PID
	}
	if in.PID == "" {
		return deskReply{}, badInput(errors.New("app_id or pid: unknown"))
	}
	m := &Merchant{PID: in.PID, ExternalID: in.ExternalID, Name: in.Name}
	for _, card := range in.Cards {
		m.Cards = append(m.Cards, cardAlias(in.PID, card))
	}
	err := s.update(s.now(), func(tx *tx) error {
		if err := createMerchant(tx, m); err != nil || !in.NoDefault {
			return err
		}
		m.DefaultType, m.DefaultTarget = "", ""
		return putMerchant(tx, m)
	})
	if err != nil {
		return deskReply{}, err
	}
	return deskReply{http.StatusCreated, m}, nil
}

type merchantReply struct {
	*Merchant
	Unsettled int64 `json:"unsettled_fen"`
	Frozen    int64 `json:"frozen_fen"`
	Settled   int64 `json:"settled_fen"`
	ToCard    int64 `json:"to_card_fen"`
}

func describeMerchant(tx *tx, m *Merchant) merchantReply {
	return merchantReply{m, int64(balance(tx, "U:"+m.SMID)), int64(balance(tx, "F:"+m.SMID)), int64(balance(tx, "B:"+m.SMID)), int64(balance(tx, "C:"+m.SMID))}
}

func (s *Simulator) deskMerchantList(r *http.Request) (deskReply, error) {
	out := []merchantReply{}
	pid, limit := r.URL.Query().Get("pid"), pageSize(r)
	next := ""
	err := s.view(s.now(), func(tx *tx) error {
		return eachDoc(tx, bucketMerchants, "", r.URL.Query().Get("from"), func(smid string, m *Merchant) (bool, error) {
			if len(out) == limit {
				next = smid
				return false, nil
			}
			if pid == "" || m.PID == pid {
				out = append(out, describeMerchant(tx, m))
			}
			return true, nil
		})
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"merchants": out, "next": next})
}

func (s *Simulator) deskMerchantGet(r *http.Request) (deskReply, error) {
	var out merchantReply
	err := s.view(s.now(), func(tx *tx) error {
		m, err := getMerchant(tx, chi.URLParam(r, "smid"))
		if err != nil {
			return err
		}
		if m == nil {
			return notFound("merchant")
		}
		out = describeMerchant(tx, m)
		return nil
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(out)
}

func (s *Simulator) deskMerchantPatch(r *http.Request) (deskReply, error) {
	in := struct {
		Status        *string `json:"status"`
		SettleHold    *bool   `json:"settle_hold"`
		AccountFrozen *bool   `json:"account_frozen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	var m *Merchant
	err := s.update(s.now(), func(tx *tx) (err error) {
		if m, err = getMerchant(tx, chi.URLParam(r, "smid")); err != nil {
			return err
		}
		if m == nil {
			return notFound("merchant")
		}
		if in.Status != nil {
			if !slices.Contains([]string{merchantActive, merchantClosed, merchantPunished}, *in.Status) {
				return badInput(errors.New("status: active, closed or punished"))
			}
			m.Status = *in.Status
		}
		if in.SettleHold != nil {
			m.SettleHold = *in.SettleHold
		}
		if in.AccountFrozen != nil {
			m.AccountFrozen = *in.AccountFrozen
		}
		return putMerchant(tx, m)
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(m)
}

func (s *Simulator) deskClockGet(*http.Request) (deskReply, error) {
	now := s.now()
	return ok(map[string]any{"now": now.Format(time.RFC3339Nano), "beijing": beijing(now), "frozen": s.clk.Frozen(), "offset_seconds": int64(s.ahead().Seconds())})
}

func (s *Simulator) deskClockMove(r *http.Request) (deskReply, error) {
	in := struct {
		Advance  float64 `json:"advance_seconds"`
		Freeze   bool    `json:"freeze"`
		Unfreeze bool    `json:"unfreeze"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if in.Freeze && in.Unfreeze {
		return deskReply{}, badInput(errors.New("freeze and unfreeze exclude each other"))
	}
	if err := s.moveClock(time.Duration(in.Advance*float64(time.Second)), in.Freeze, in.Unfreeze); err != nil {
		return deskReply{}, err
	}
	return s.deskClockGet(r)
}

func (s *Simulator) deskFaultList(*http.Request) (deskReply, error) {
	return ok(map[string]any{"faults": s.faults.all()})
}

func (s *Simulator) deskFaultAdd(r *http.Request) (deskReply, error) {
	f := &Fault{}
	if err := readJSON(r, f); err != nil {
		return deskReply{}, err
	}
	if !slices.Contains(faultKinds(), f.Kind) {
		return deskReply{}, badInput(fmt.Errorf("kind: one of %v", faultKinds()))
	}
	if f.Probability < 0 || f.Probability > 1 || f.Nth < 0 || f.Every < 0 || f.Times < 0 || f.DelayMS < 0 {
		return deskReply{}, badInput(errors.New("nth, every, times, delay_ms ≥ 0; probability 0 … 1"))
	}
	if (f.SubCode == "") == (f.Kind == FaultBusinessError) {
		return deskReply{}, badInput(errors.New("sub_code: with business_error and only there"))
	}
	f.Seen, f.Fired = 0, 0
	err := s.update(s.now(), func(tx *tx) error {
		n, err := tx.nextID(bucketFaults)
		if err != nil {
			return err
		}
		f.ID = fmt.Sprintf("f%06d", n)
		return putDoc(tx, bucketFaults, f.ID, f)
	})
	if err != nil {
		return deskReply{}, err
	}
	reply := *f
	s.faults.add(f)
	return deskReply{http.StatusCreated, &reply}, nil
}

func (s *Simulator) deskFaultDelete(r *http.Request) (deskReply, error) {
	id := chi.URLParam(r, "id")
	gone := s.faults.remove(id)
	if id != "" && len(gone) == 0 {
		return deskReply{}, notFound("fault")
	}
	err := s.update(s.now(), func(tx *tx) error {
		for _, id := range gone {
			if err := delDoc(tx, bucketFaults, id); err != nil {
				return err
			}
		}
		return nil
	})
	return deskReply{Status: http.StatusNoContent}, err
}
