package gateway

import (
	"zhitong/simulator/protocol"
)

// Method is one API of the gateway.
type Method struct {
	Name string
	// Products: one of them must be signed; empty: none needed.
	Products []string
	// Fields is the table of biz_content, checked before Handle runs.
	Fields []protocol.Field
	// Prefix is "ACQ." where the method's error list has it; a broken field is refused with Prefix +
	// "INVALID_PARAMETER".
	Prefix string
	// Flat methods take business values as parameters of their own (uploads), or biz_content as well.
	Flat bool
	// Page methods are opened by a browser: the answer is a redirect to the cashier, errors are pages.
	Page bool
	// Handle does the work: the node's fields, or a *protocol.BizError. Each effect is one c.Update.
	Handle func(c *Call) (node any, err error)
}

// Registry is the methods by name.
func Registry(list []Method) map[string]*Method {
	reg := map[string]*Method{}
	for _, m := range list {
		if _, twice := reg[m.Name]; twice || m.Handle == nil {
			// a programmer's error, found by any test
			panic("simulator: method registered twice or without a handler: " + m.Name)
		}
		reg[m.Name] = &m
	}
	return reg
}

// RefuseField turns a broken table row into the method's refusal. 40004, as documented samples show, not 40002.
func (m *Method) RefuseField(e *protocol.FieldError) error {
	return protocol.Refuse(m.Prefix+"INVALID_PARAMETER", "参数无效："+e.Error())
}

// BucketAuthTokens holds what open.auth.token.app granted.
const BucketAuthTokens = "auth_tokens"

// AuthToken is one app_auth_token: the ISV application that holds it and whom it acts for.
type AuthToken struct {
	Token     string `json:"token"`
	AppID     string `json:"app_id"`      // the third-party application
	AuthAppID string `json:"auth_app_id"` // the merchant's application
	PID       string `json:"pid"`
	ExpiresAt int64  `json:"expires_at_ms"`
	Revoked   bool   `json:"revoked"`
	// Methods the token may not call, by product: empty means all.
	Products []string `json:"products,omitempty"`
}
