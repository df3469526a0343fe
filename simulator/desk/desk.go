// Package desk is where people play Alipay's staff: pages under /desk, and a JSON API under /desk/api that desk.yaml
// describes. Every form of a page calls the JSON API's function, so that both refuse and do the same.
package desk

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

//go:embed desk.yaml
var description []byte

// Desk is where people play Alipay's staff: pages under /desk, and the same as a JSON API under /desk/api (described by
// desk.yaml).
type Desk struct {
	st *state.State
	gw *gateway.Gateway
}

// New works on the state; trades it makes itself go through the gateway's method.
func New(st *state.State, gw *gateway.Gateway) *Desk { return &Desk{st: st, gw: gw} }

// API is the JSON side of the desk; families add their routes here.
func (d *Desk) API(r chi.Router) {
	r.Post("/apps", d.answer(d.appCreate))
	r.Get("/apps", d.answer(d.appList))
	r.Get("/apps/{app_id}", d.answer(d.appGet))
	r.Patch("/apps/{app_id}", d.answer(d.appPatch))
	r.Post("/apps/{app_id}/calls", d.answer(d.appCall))
	r.Post("/merchants", d.answer(d.merchantCreate))
	r.Get("/merchants", d.answer(d.merchantList))
	r.Get("/merchants/{smid}", d.answer(d.merchantGet))
	r.Patch("/merchants/{smid}", d.answer(d.merchantPatch))
	r.Get("/mails", d.answer(d.mailList))
	r.Get("/robots", d.answer(d.robotList))
	r.Post("/robots", d.answer(d.robotCreate))
	r.Get("/clock", d.answer(d.clockGet))
	r.Post("/clock", d.answer(d.clockMove))
	r.Get("/faults", d.answer(d.faultList))
	r.Post("/faults", d.answer(d.faultAdd))
	r.Delete("/faults", d.answer(d.faultDelete))
	r.Delete("/faults/{id}", d.answer(d.faultDelete))
	r.Get("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(description)
	})
	d.trades(r)
	d.notifications(r)
	d.accounts(r)
	d.applications(r)
	d.funds(r)
	d.complaints(r)
}

const maxBody = 1 << 20

// result is a JSON answer with its status.
type result struct {
	Status int
	Body   any
}

// answer makes a handler of a function: its value as JSON, its error as {code, message}. A *protocol.BizError is a 409
// with Alipay's sub_code.
func (d *Desk) answer(fn func(r *http.Request) (result, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		reply, err := fn(r)
		var refusal *state.Refusal
		var biz *protocol.BizError
		switch {
		case err == nil:
		case errors.As(err, &refusal):
			reply = result{refusal.Status, refusal}
		case errors.As(err, &biz):
			reply = result{http.StatusConflict, &state.Refusal{Code: biz.SubCode, Message: biz.SubMsg}}
		default:
			d.st.Log.Error("desk", "path", r.URL.Path, "error", err)
			reply = result{http.StatusInternalServerError, &state.Refusal{Code: "internal", Message: "internal error"}}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(reply.Status)
		if reply.Body != nil {
			_, _ = w.Write(append(protocol.EncodeJSON(reply.Body), '\n'))
		}
	}
}

func ok(v any) (result, error) { return result{http.StatusOK, v}, nil }

// readJSON reads the request's body into v; unknown fields are refused. An empty body leaves v as it is.
func readJSON(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return state.BadInput(fmt.Errorf("body: %w", err))
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
