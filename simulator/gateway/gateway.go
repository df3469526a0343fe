// Package gateway serves /gateway.do: it checks a request in Alipay's order, runs the method, and answers over the
// exact bytes it signs. The methods are given by the packages that know them; a method sees one verified Call.
package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"zhitong/internal/clock"
	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Gateway is /gateway.do: it verifies a request, runs its method and signs the answer.
type Gateway struct {
	st  *state.State
	reg map[string]*Method
	// page answers the calls of a browser: node is a cashier token.
	page func(w http.ResponseWriter, r *http.Request, node any, err error)
}

// New serves the methods. page answers the methods that a browser opens.
func New(st *state.State, methods []Method,
	page func(w http.ResponseWriter, r *http.Request, node any, err error)) *Gateway {
	return &Gateway{st: st, reg: Registry(methods), page: page}
}

// Methods are the methods by name. They must not be changed.
func (g *Gateway) Methods() map[string]*Method { return g.reg }

// CallFor is a call that the desk makes in an application's name, with business content that the method's table has not
// checked.
func (g *Gateway) CallFor(r *http.Request, a *state.App, name string, biz protocol.Object,
	params map[string]string) *Call {
	return &Call{
		State: g.st, Gateway: g, Request: protocol.Request{HTTP: r, Params: params}, App: a, Method: g.reg[name],
		Biz: biz, Now: g.st.Now(), PID: a.PID, AuthApp: a.AppID,
	}
}

// CallAs makes one call as another program with the application's key does: the same checks of product and content, the
// same effect, no fault. The answer is the method's node.
func (g *Gateway) CallAs(r *http.Request, a *state.App, name string, biz []byte) (any, error) {
	c := g.CallFor(r, a, name, nil, map[string]string{"method": name, "biz_content": string(biz)})
	if err := c.checkAccess(); err != nil {
		return nil, err
	}
	if c.Method.Page {
		return nil, protocol.Invalid("isv.invalid-method", "此方法由浏览器打开")
	}
	if err := c.checkContent(); err != nil {
		return nil, err
	}
	g.st.RunDue(c.Now)
	return c.Method.Handle(c)
}

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := clock.System{}.Now()
	trace := Trace(w)
	c := &Call{Request: protocol.Request{HTTP: r}, State: g.st, Gateway: g}
	node, err := g.serve(c)
	g.st.Log.LogAttrs(r.Context(), slogLevel(err), "gateway",
		gatewayAttrs(c, err, trace, clock.System{}.Now().Sub(started))...)
	if m := g.reg[c.Params["method"]]; m != nil &&
		m.Page { // known before the call is: errors of a browser's call are pages too
		g.page(w, r, node, err)
		return
	}
	g.answer(w, c, node, err)
}

// serve checks a request in Alipay's order and runs its method: app_id, common parameters, their values, timestamp,
// signature, method, permission, business content, business.
func (g *Gateway) serve(c *Call) (any, error) {
	c.Now = g.st.Now()
	if err := c.Read(); err != nil {
		return nil, err
	}
	if err := c.checkCommon(); err != nil {
		return nil, err
	}
	if err := c.checkSignature(); err != nil {
		return nil, err
	}
	if err := c.checkAccess(); err != nil {
		return nil, err
	}
	if err := c.checkContent(); err != nil {
		return nil, err
	}
	g.st.RunDue(c.Now)
	return g.withFaults(c)
}

// answer writes the envelope, signed over the exact bytes of the node.
func (g *Gateway) answer(w http.ResponseWriter, c *Call, node any, err error) {
	body, err := g.envelope(c, node, err)
	if err != nil {
		g.st.Log.Error("sign an answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/html;charset="+protocol.CharsetName(c.GBK || c.struck(faults.GBKAnswer)))
	if f := c.fault(); f != nil {
		f.Write(w, body)
		return
	}
	_, _ = w.Write(body) // a caller that went away asks again
}

func (g *Gateway) envelope(c *Call, node any, callErr error) ([]byte, error) {
	data := protocol.Content(node, callErr)
	if f := c.fault(); f != nil {
		data = f.Alter(data)
	}
	if c.GBK || c.struck(faults.GBKAnswer) {
		data = protocol.ToGBK(data)
	}
	if c.opened {
		text, err := protocol.EncryptAES(c.App.AESKey, data)
		if err != nil {
			return nil, err
		}
		data = []byte(`"` + text + `"`)
	}
	// Alipay signs as soon as it knows the application, refusals as well (seen live: alipay-sdk-nodejs-all,
	// src/alipay.ts; smartwalle/alipay issue 258, Srar/AlipayF2F issue 14).
	sign := ""
	if c.App != nil && !isStray(callErr) {
		var err error
		if sign, err = protocol.SignRSA2(g.st.Keys.Key, data); err != nil {
			return nil, err
		}
	}
	return c.assemble(data, sign, callErr), nil
}

func isStray(err error) bool {
	biz, ok := errors.AsType[*protocol.BizError](err)
	return ok && biz.Stray
}

// Trace names an answer in its header trace_id, as the live gateway does (fzlee/alipay issue 161); people log it and
// give it to support.
func Trace(w http.ResponseWriter) string {
	b := make([]byte, 15)
	rand.Read(b)
	trace := hex.EncodeToString(b)
	w.Header().Set("trace_id", trace)
	return trace
}

// RefuseV3 answers the REST protocol (version 3), which is not played, in its own form: a client can read why.
func (g *Gateway) RefuseV3(w http.ResponseWriter, r *http.Request) {
	Trace(w)
	status := http.StatusNotFound
	if strings.HasPrefix(r.URL.Path, "/gateway.do/") {
		status = http.StatusOK // as the live gateway answers there (fzlee/alipay issue 161)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(protocol.EncodeJSON(map[string]string{"code": "isv.invalid-method",
		"message": "本模拟器未实现 v3 协议，请使用 /gateway.do / This simulator does not play the v3 protocol: use /gateway.do."}))
}

// unreadMax bounds what is read of a body for nothing.
const unreadMax = 32 << 20

// withFaults runs the method, or what a fault makes of it.
func (g *Gateway) withFaults(c *Call) (any, error) {
	f := g.st.Faults.Strike(c.App.AppID, c.Method.Name, faults.Requests)
	c.fired = f
	if f == nil {
		return c.Method.Handle(c)
	}
	g.st.KeepFault(f)
	switch f.Kind {
	case faults.NoAnswerBefore:
		panic(http.ErrAbortHandler)
	case faults.SystemErrorBefore:
		return nil, c.systemError()
	case faults.UnavailableBefore:
		return nil, protocol.Unavailable()
	case faults.UnknownErrorGBK:
		c.GBK = true
		return nil, &protocol.BizError{Code: "20000", Msg: "Service Currently Unavailable",
			SubCode: "aop.unknow-error", SubMsg: "系统繁忙"}
	case faults.BusinessError:
		return nil, protocol.Refuse(f.SubCode, "模拟的业务错误")
	case faults.RateLimit:
		return nil,
			&protocol.BizError{Code: "40005", Msg: "Call Limited", SubCode: "isv.app-call-limited",
				SubMsg: "应用调用次数超限，包含调用频率超限"}
	case faults.Slow:
		if err := pause(c.HTTP, f.Delay(10*time.Second)); err != nil {
			return nil, err
		}
	}
	node, err := c.Method.Handle(c)
	switch f.Kind {
	case faults.NoAnswerAfter:
		panic(http.ErrAbortHandler)
	case faults.SystemErrorAfter:
		return nil, c.systemError()
	case faults.UnavailableAfter:
		return nil, protocol.Unavailable()
	}
	return node, err
}

// pause waits in real time, until the client has gone. That is seen only once the whole body is read, of which a parser
// may have left some: the end of a body of several parts, or one that is not looked at.
func pause(r *http.Request, d time.Duration) error {
	ctx := r.Context()
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, unreadMax))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("slow answer: %w", ctx.Err())
	}
}

func slogLevel(err error) slog.Level {
	var biz *protocol.BizError
	if err != nil && !errors.As(err, &biz) {
		return slog.LevelError
	}
	return slog.LevelDebug
}

func gatewayAttrs(c *Call, err error, trace string, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{slog.String("app_id", c.Params["app_id"]), slog.String("method", c.Params["method"]),
		slog.String("trace_id", trace), slog.Duration("took", took)}
	if err != nil {
		why, _, _ := strings.Cut(fmt.Sprint(err), protocol.SignedTextIs) // the text has all that was sent
		attrs = append(attrs, slog.String("refused", why))
	}
	return attrs
}
