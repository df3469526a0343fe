package desk

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

type appCreate struct {
	Name       string         `json:"name"`
	PID        string         `json:"pid"`
	PublicKey  string         `json:"public_key"`
	CSR        string         `json:"csr"`
	CertMode   bool           `json:"certificate_mode"`
	Products   []string       `json:"products"`
	GatewayURL string         `json:"app_gateway_url"`
	Settings   state.Settings `json:"settings"`
}

type appReply struct {
	*state.App
	AlipayPublicKey string `json:"alipay_public_key"`
	GatewayDo       string `json:"gateway_url"`
	AlipayCert      string `json:"alipay_certificate,omitempty"`
	RootCert        string `json:"root_certificate,omitempty"`
}

func (d *Desk) appReply(r *http.Request, a *state.App) appReply {
	out := appReply{App: a, AlipayPublicKey: d.st.Keys.PublicText, GatewayDo: d.st.BaseURL(r) + "/gateway.do"}
	if ca := d.st.Keys.Authority(); a.CertMode && ca != nil {
		out.AlipayCert, out.RootCert = protocol.PEMCertificate(ca.Alipay), ca.Bundle
	}
	return out
}

// appCreate registers an application by its public key or certificate request.
func (d *Desk) appCreate(r *http.Request) (result, error) {
	var in appCreate
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if err := knownProducts(in.Products); err != nil {
		return result{}, err
	}
	if in.PID != "" && (len(in.PID) != 16 || !protocol.IsDigits(in.PID)) {
		return result{}, state.BadInput(errors.New("pid: 16 digits"))
	}
	if in.CSR == "" {
		if _, err := protocol.ParsePublicKey(in.PublicKey); err != nil {
			return result{}, state.BadInput(fmt.Errorf("public_key: %w", err))
		}
	}
	a := &state.App{Name: in.Name, PID: in.PID, PublicKey: in.PublicKey, CertMode: in.CertMode, Products: in.Products,
		GatewayURL: in.GatewayURL, Settings: in.Settings}
	if err := d.st.NewApp(a, in.CSR); err != nil {
		return result{}, state.BadInput(err)
	}
	return result{http.StatusCreated, d.appReply(r, a)}, nil
}

func knownProducts(list []string) error {
	for _, p := range list {
		if !slices.Contains(state.AllProducts(), p) {
			return state.BadInput(fmt.Errorf("products: %q is not one of %v", p, state.AllProducts()))
		}
	}
	return nil
}

func (d *Desk) appList(r *http.Request) (result, error) {
	out := []appReply{}
	for _, a := range d.st.Apps.All() {
		out = append(out, d.appReply(r, a))
	}
	return ok(map[string]any{"apps": out})
}

func (d *Desk) appGet(r *http.Request) (result, error) {
	a := d.st.Apps.Get(chi.URLParam(r, "app_id"))
	if a == nil {
		return result{}, state.NotFound("app")
	}
	return ok(d.appReply(r, a))
}

// appPatch changes products, status, gateway address, key and settings; what is absent stays.
func (d *Desk) appPatch(r *http.Request) (result, error) {
	old := d.st.Apps.Get(chi.URLParam(r, "app_id"))
	if old == nil {
		return result{}, state.NotFound("app")
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
		return result{}, err
	}
	if in.Products != nil {
		if err := knownProducts(*in.Products); err != nil {
			return result{}, err
		}
		a.Products = *in.Products
	}
	if in.Status != nil {
		if *in.Status != state.AppOnline && *in.Status != state.AppOffline {
			return result{}, state.BadInput(errors.New("status: online or offline"))
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
			return result{}, state.BadInput(fmt.Errorf("settings: %w", err))
		}
	}
	if in.MaxRatio != nil {
		a.Settings.MaxRatio = *in.MaxRatio
	}
	if a.Settings.MaxRatio < 0 || a.Settings.MaxRatio > 100 {
		return result{}, state.BadInput(errors.New("max_ratio: 0 … 100"))
	}
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		if in.PublicKey != nil {
			a.PublicKey = *in.PublicKey
			if err := a.SetKey(tx, ""); err != nil {
				return state.BadInput(err)
			}
		}
		return state.Put(tx, state.BucketApps, a.AppID, &a)
	})
	if err != nil {
		return result{}, err
	}
	d.st.Apps.Set(&a)
	return ok(d.appReply(r, &a))
}

// appCall does what somebody else does at Alipay with the application: in Alipay's console, for a complaint, or by
// another program that has its key.
func (d *Desk) appCall(r *http.Request) (result, error) {
	a := d.st.Apps.Get(chi.URLParam(r, "app_id"))
	if a == nil {
		return result{}, state.NotFound("app")
	}
	in := struct {
		Method     string          `json:"method"`
		BizContent json.RawMessage `json:"biz_content"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	node, err := d.gw.CallAs(r, a, in.Method, in.BizContent)
	if err != nil {
		return result{}, err
	}
	return ok(node)
}
