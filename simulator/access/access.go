// Package access lets third-party applications act for merchants (app_auth_token), and hands out Alipay's certificates.
package access

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Lives of what third-party authorisation gives (open.auth.token.app).
const (
	authCodeLife    = 24 * time.Hour
	refreshLife     = 372 * 24 * time.Hour
	authTokenLife   = 365 * 24 * time.Hour
	bucketAuthCodes = "auth_codes"     // code → authGrant
	bucketRefresh   = "refresh_tokens" // refresh token → authGrant
)

// authGrant is what a code or a refresh token stands for: which merchant's application lets which third-party
// application act.
type authGrant struct {
	AppID     string   `json:"app_id"`
	AuthAppID string   `json:"auth_app_id"`
	PID       string   `json:"pid"`
	Products  []string `json:"products,omitempty"`
	Expires   int64    `json:"expires_at_ms"`
	Used      bool     `json:"used,omitempty"`
	Token     string   `json:"token,omitempty"` // refresh: the token it replaces
}

// authMethods are third-party authorisation. Neither takes an app_auth_token itself.
// Methods are the methods of authorisation and certificates.
func Methods() []gateway.Method { return append(authMethods(), certificateMethods()...) }

func authMethods() []gateway.Method {
	return []gateway.Method{
		{Name: "alipay.open.auth.token.app", Handle: exchangeToken,
			Fields: []protocol.Field{{Name: "grant_type", Max: 20}, {Name: "code", Max: 64},
				{Name: "refresh_token", Max: 64}}},
		{Name: "alipay.open.auth.token.app.query", Handle: queryToken,
			Fields: []protocol.Field{{Name: "app_auth_token", Max: 64}}},
	}
}

// newToken looks like Alipay's: a month, "BB", 32 hex digits.
func newToken(now time.Time) string {
	b := make([]byte, 16)
	rand.Read(b)
	return now.In(protocol.BeijingZone()).Format("200601") + "BB" + hex.EncodeToString(b)
}

// GrantCode makes an authorisation code: what a merchant's consent at the authorisation page gives.
func GrantCode(tx *state.Tx, isv, merchant *state.App, products []string) (string, error) {
	b := make([]byte, 16)
	rand.Read(b)
	code := hex.EncodeToString(b)
	return code,
		state.Put(tx, bucketAuthCodes, code,
			authGrant{AppID: isv.AppID, AuthAppID: merchant.AppID, PID: merchant.PID, Products: products,
				Expires: protocol.Millis(tx.Now.Add(authCodeLife))})
}

type tokenAnswer struct {
	Token     string `json:"app_auth_token"`
	Refresh   string `json:"app_refresh_token"`
	AuthAppID string `json:"auth_app_id"`
	Expires   string `json:"expires_in"`
	ReExpires string `json:"re_expires_in"`
	UserID    string `json:"user_id"`
}

// exchangeToken is alipay.open.auth.token.app.
func exchangeToken(c *gateway.Call) (any, error) {
	if !c.App.Has(state.ProductISV) {
		return nil, protocol.Refuse("APP_NOT_ISV", "应用不是第三方应用")
	}
	var out tokenAnswer
	err := c.Update(func(tx *state.Tx) error {
		var g *authGrant
		var err error
		switch c.Biz.Str("grant_type") {
		case "authorization_code":
			g, err = useCode(tx, c)
		case "refresh_token":
			g, err = useRefresh(tx, c)
		default:
			return protocol.Refuse("GRANT_TYPE_INVALID", "grant_type 不合法")
		}
		if err != nil {
			return err
		}
		return issueToken(tx, g, &out)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		tokenAnswer
		Tokens []tokenAnswer `json:"tokens"`
	}{out, []tokenAnswer{out}}, nil
}

// useCode takes a code, once, within its day.
func useCode(tx *state.Tx, c *gateway.Call) (*authGrant, error) {
	code := c.Biz.Str("code")
	g, err := state.Get[authGrant](tx, bucketAuthCodes, code)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, protocol.Refuse("AUTH_CODE_NOT_EXIST", "授权码不存在")
	case g.AppID != c.App.AppID:
		return nil, protocol.Refuse("APP_ID_NOT_CONSISTENT", "授权码与应用不一致")
	case g.Used || protocol.Millis(tx.Now) >= g.Expires:
		return nil, protocol.Refuse("AUTH_CODE_NOT_VALID", "授权码已失效")
	}
	g.Used = true
	return g, state.Put(tx, bucketAuthCodes, code, g)
}

func useRefresh(tx *state.Tx, c *gateway.Call) (*authGrant, error) {
	text := c.Biz.Str("refresh_token")
	g, err := state.Get[authGrant](tx, bucketRefresh, text)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, protocol.Refuse("REFRESH_TOKEN_NOT_EXIST", "刷新令牌不存在")
	case g.AppID != c.App.AppID:
		return nil, protocol.Refuse("APP_ID_NOT_CONSISTENT", "刷新令牌与应用不一致")
	case g.Used:
		return nil, protocol.Refuse("REFRESH_TOKEN_NOT_VALID", "刷新令牌已失效")
	case protocol.Millis(tx.Now) >= g.Expires:
		return nil, protocol.Refuse("REFRESH_TOKEN_TIME_OUT", "刷新令牌已过期")
	}
	g.Used = true
	return g, state.Put(tx, bucketRefresh, text, g)
}

// issueToken makes a new pair; tokens of the same two applications that were valid before die.
func issueToken(tx *state.Tx, g *authGrant, out *tokenAnswer) error {
	if err := RevokeTokens(tx, g.AppID, g.AuthAppID); err != nil {
		return err
	}
	t := gateway.AuthToken{Token: newToken(tx.Now), AppID: g.AppID, AuthAppID: g.AuthAppID, PID: g.PID,
		Products: g.Products, ExpiresAt: protocol.Millis(tx.Now.Add(authTokenLife))}
	fresh := authGrant{AppID: g.AppID, AuthAppID: g.AuthAppID, PID: g.PID, Products: g.Products, Token: t.Token,
		Expires: protocol.Millis(tx.Now.Add(refreshLife))}
	*out = tokenAnswer{t.Token, newToken(tx.Now), g.AuthAppID, fmt.Sprint(int(authTokenLife.Seconds())),
		fmt.Sprint(int(refreshLife.Seconds())), g.PID}
	if err := state.Put(tx, bucketRefresh, out.Refresh, fresh); err != nil {
		return err
	}
	return state.Put(tx, gateway.BucketAuthTokens, t.Token, t)
}

// RevokeTokens ends every token by which one application acts for another.
func RevokeTokens(tx *state.Tx, appID, authAppID string) error {
	var dead []*gateway.AuthToken
	err := state.Each(tx, gateway.BucketAuthTokens, "", "", func(_ string, t *gateway.AuthToken) (bool, error) {
		if t.AppID == appID && t.AuthAppID == authAppID && !t.Revoked {
			dead = append(dead, t)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	for _, t := range dead {
		t.Revoked = true
		if err := state.Put(tx, gateway.BucketAuthTokens, t.Token, t); err != nil {
			return err
		}
	}
	return nil
}

// queryToken is alipay.open.auth.token.app.query.
func queryToken(c *gateway.Call) (any, error) {
	text := c.Biz.Str("app_auth_token")
	if text == "" {
		return nil, protocol.Refuse("ILLEGAL_PARAM", "app_auth_token 不能为空")
	}
	if !c.App.Has(state.ProductISV) {
		return nil, protocol.Refuse("APP_NOT_ISV", "应用不是第三方应用")
	}
	var t *gateway.AuthToken
	if err := c.View(func(tx *state.Tx) (err error) {
		t, err = state.Get[gateway.AuthToken](tx, gateway.BucketAuthTokens, text)
		return err
	}); err != nil {
		return nil, err
	}
	switch {
	case t == nil:
		return nil, protocol.Refuse("AUTH_TOKEN_NOT_EXISTED", "授权令牌不存在")
	case t.AppID != c.App.AppID:
		return nil, protocol.Refuse("AUTH_TOKEN_NOT_CONSISTENT", "授权令牌与应用不一致")
	}
	status := "valid"
	if t.Revoked || protocol.Millis(c.Now) >= t.ExpiresAt {
		status = "invalid"
	}
	return struct {
		UserID    string   `json:"user_id"`
		AuthAppID string   `json:"auth_app_id"`
		Expires   int64    `json:"expires_in"`
		Methods   []string `json:"auth_methods"`
		Start     string   `json:"auth_start"`
		End       string   `json:"auth_end"`
		Status    string   `json:"status"`
		ByApp     bool     `json:"is_by_app_auth"`
	}{t.PID, t.AuthAppID, (t.ExpiresAt - protocol.Millis(c.Now)) / 1000, authMethodsOf(c.Gateway, t),
		protocol.Beijing(protocol.FromMillis(t.ExpiresAt).Add(-authTokenLife)),
		protocol.Beijing(protocol.FromMillis(t.ExpiresAt)), status, len(t.Products) == 0}, nil
}

// authMethodsOf lists what a token may call.
func authMethodsOf(g *gateway.Gateway, t *gateway.AuthToken) []string {
	granted := &state.App{Products: t.Products}
	if len(t.Products) == 0 {
		granted.Products = state.AllProducts()
	}
	var out []string
	for name, m := range g.Methods() {
		if granted.Has(m.Products...) && !strings.HasPrefix(name, "alipay.open.auth.") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// TwoApps reads the third-party application and the merchant's.
func TwoApps(s *state.State, isv, merchant string) (a, b *state.App, err error) {
	if a = s.Apps.Get(isv); a == nil || !slices.Contains(a.Products, state.ProductISV) {
		return nil, nil, state.BadInput(fmt.Errorf("app_id: not an application with the product %q", state.ProductISV))
	}
	if b = s.Apps.Get(merchant); b == nil || b == a {
		return nil, nil, state.BadInput(errors.New("auth_app_id: unknown, or the same application"))
	}
	return a, b, nil
}
