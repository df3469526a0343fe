package simulator

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// method is one API of the gateway.
type method struct {
	Name string
	// Products: one of them must be signed; empty: none needed.
	Products []string
	// Fields is the table of biz_content, checked before Handle runs.
	Fields []field
	// Prefix is "ACQ." where the method's error list has it; a broken field is refused with Prefix + "INVALID_PARAMETER".
	Prefix string
	// Flat methods take business values as parameters of their own (uploads), or biz_content as well.
	Flat bool
	// Page methods are opened by a browser: the answer is a redirect to the cashier, errors are pages.
	Page bool
	// Handle does the work: the node's fields, or a *bizError. Each effect is one c.update.
	Handle func(c *call) (node any, err error)
}

// registry lists every method by name; a family adds its own list here.
func registry() map[string]*method {
	reg := map[string]*method{}
	for _, m := range slices.Concat(
		orderMethods(),
		tradeMethods(),
		refundMethods(),
		mergeMethods(),
		settleMethods(),
		royaltyMethods(),
		relationMethods(),
		certificateMethods(),
		onboardingMethods(),
		branchMethods(),
		fundMethods(),
		billMethods(),
		complaintMethods(),
		riskMethods(),
		certifyMethods(),
		authMethods(),
	) {
		if _, twice := reg[m.Name]; twice || m.Handle == nil {
			panic("simulator: method registered twice or without a handler: " + m.Name) // a programmer's error, found by any test
		}
		reg[m.Name] = &m
	}
	return reg
}

// refuseField turns a broken table row into the method's refusal. 40004, as documented samples show, not 40002.
func (m *method) refuseField(e *fieldError) error {
	return refuse(m.Prefix+"INVALID_PARAMETER", "参数无效："+e.Error())
}

// bucketAuthTokens holds what open.auth.token.app granted.
const bucketAuthTokens = "auth_tokens"

// authToken is one app_auth_token: the ISV application that holds it and whom it acts for.
type authToken struct {
	Token     string `json:"token"`
	AppID     string `json:"app_id"`      // the third-party application
	AuthAppID string `json:"auth_app_id"` // the merchant's application
	PID       string `json:"pid"`
	ExpiresAt int64  `json:"expires_at_ms"`
	Revoked   bool   `json:"revoked"`
	// Methods the token may not call, by product: empty means all.
	Products []string `json:"products,omitempty"`
}

// resolveToken applies app_auth_token: whom the call acts for.
func (c *call) resolveToken() error {
	text := c.params["app_auth_token"]
	if text == "" {
		if c.app.Settings.SelfInvokeForbidden && !slices.Contains([]string{"alipay.open.auth.token.app", "alipay.open.auth.token.app.query"}, c.method.Name) {
			return noPermission("isv.self-invoke-forbidden", "此应用不允许自调用")
		}
		return nil
	}
	var t *authToken
	err := c.view(func(tx *tx) (err error) {
		t, err = getDoc[authToken](tx, bucketAuthTokens, text)
		return err
	})
	switch {
	case err != nil:
		return err
	case t == nil || t.AppID != c.app.AppID:
		return badToken("aop.invalid-app-auth-token", "无效的应用授权令牌")
	case t.Revoked || (t.ExpiresAt > 0 && ms(c.now) >= t.ExpiresAt):
		return badToken("aop.app-auth-token-time-out", "应用授权令牌已过期")
	}
	a := &App{Products: t.Products}
	if len(t.Products) > 0 && !a.has(c.method.Products...) {
		return badToken("aop.invalid-app-auth-token-no-api", "授权令牌没有该接口的权限")
	}
	c.pid, c.authApp = t.PID, t.AuthAppID
	return nil
}

func slogLevel(err error) slog.Level {
	var biz *bizError
	if err != nil && !errors.As(err, &biz) {
		return slog.LevelError
	}
	return slog.LevelDebug
}

func gatewayAttrs(c *call, err error, took time.Duration) []slog.Attr {
	attrs := []slog.Attr{slog.String("app_id", c.params["app_id"]), slog.String("method", c.params["method"]), slog.Duration("took", took)}
	if err != nil {
		attrs = append(attrs, slog.String("refused", fmt.Sprint(err)))
	}
	return attrs
}

// Methods lists every method the gateway knows, sorted: for documentation and for tests that compare it with a client.
func Methods() []string { return slices.Sorted(maps.Keys(registry())) }
