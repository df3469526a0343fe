package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Lives of what third-party authorisation gives (open.auth.token.app).
const (
	authCodeLife    = 24 * time.Hour
	refreshLife     = 372 * 24 * time.Hour
	authTokenLife   = 365 * 24 * time.Hour
	bucketAuthCodes = "auth_codes"     // code → authGrant
	bucketRefresh   = "refresh_tokens" // refresh token → authGrant
)

// authGrant is what a code or a refresh token stands for: which merchant's application lets which third-party application act.
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
func authMethods() []method {
	return []method{
		{Name: "alipay.open.auth.token.app", Handle: exchangeToken, Fields: []field{{Name: "grant_type", Max: 20}, {Name: "code", Max: 64}, {Name: "refresh_token", Max: 64}}},
		{Name: "alipay.open.auth.token.app.query", Handle: queryToken, Fields: []field{{Name: "app_auth_token", Max: 64}}},
	}
}

// newToken looks like Alipay's: a month, "BB", 32 hex digits.
func newToken(now time.Time) string {
	b := make([]byte, 16)
	rand.Read(b)
	return now.In(beijingZone()).Format("200601") + "BB" + hex.EncodeToString(b)
}

// grantCode makes an authorisation code: what a merchant's consent at the authorisation page gives.
func grantCode(tx *tx, isv, merchant *App, products []string) (string, error) {
	b := make([]byte, 16)
	rand.Read(b)
	code := hex.EncodeToString(b)
	return code, putDoc(tx, bucketAuthCodes, code, authGrant{AppID: isv.AppID, AuthAppID: merchant.AppID, PID: merchant.PID, Products: products, Expires: ms(tx.now.Add(authCodeLife))})
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
func exchangeToken(c *call) (any, error) {
	if !c.app.has(ProductISV) {
		return nil, refuse("APP_NOT_ISV", "应用不是第三方应用")
	}
	var out tokenAnswer
	err := c.update(func(tx *tx) error {
		var g *authGrant
		var err error
		switch c.biz.str("grant_type") {
		case "authorization_code":
			g, err = useCode(tx, c)
		case "refresh_token":
			g, err = useRefresh(tx, c)
		default:
			return refuse("GRANT_TYPE_INVALID", "grant_type 不合法")
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
func useCode(tx *tx, c *call) (*authGrant, error) {
	code := c.biz.str("code")
	g, err := getDoc[authGrant](tx, bucketAuthCodes, code)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, refuse("AUTH_CODE_NOT_EXIST", "授权码不存在")
	case g.AppID != c.app.AppID:
		return nil, refuse("APP_ID_NOT_CONSISTENT", "授权码与应用不一致")
	case g.Used || ms(tx.now) >= g.Expires:
		return nil, refuse("AUTH_CODE_NOT_VALID", "授权码已失效")
	}
	g.Used = true
	return g, putDoc(tx, bucketAuthCodes, code, g)
}

func useRefresh(tx *tx, c *call) (*authGrant, error) {
	text := c.biz.str("refresh_token")
	g, err := getDoc[authGrant](tx, bucketRefresh, text)
	switch {
	case err != nil:
		return nil, err
	case g == nil:
		return nil, refuse("REFRESH_TOKEN_NOT_EXIST", "刷新令牌不存在")
	case g.AppID != c.app.AppID:
		return nil, refuse("APP_ID_NOT_CONSISTENT", "刷新令牌与应用不一致")
	case g.Used:
		return nil, refuse("REFRESH_TOKEN_NOT_VALID", "刷新令牌已失效")
	case ms(tx.now) >= g.Expires:
		return nil, refuse("REFRESH_TOKEN_TIME_OUT", "刷新令牌已过期")
	}
	g.Used = true
	return g, putDoc(tx, bucketRefresh, text, g)
}

// issueToken makes a new pair; tokens of the same two applications that were valid before die.
func issueToken(tx *tx, g *authGrant, out *tokenAnswer) error {
	if err := revokeTokens(tx, g.AppID, g.AuthAppID); err != nil {
		return err
	}
	t := authToken{Token: newToken(tx.now), AppID: g.AppID, AuthAppID: g.AuthAppID, PID: g.PID, Products: g.Products, ExpiresAt: ms(tx.now.Add(authTokenLife))}
	fresh := authGrant{AppID: g.AppID, AuthAppID: g.AuthAppID, PID: g.PID, Products: g.Products, Token: t.Token, Expires: ms(tx.now.Add(refreshLife))}
	*out = tokenAnswer{t.Token, newToken(tx.now), g.AuthAppID, fmt.Sprint(int(authTokenLife.Seconds())), fmt.Sprint(int(refreshLife.Seconds())), g.PID}
	if err := putDoc(tx, bucketRefresh, out.Refresh, fresh); err != nil {
		return err
	}
	return putDoc(tx, bucketAuthTokens, t.Token, t)
}

// revokeTokens ends every token by which one application acts for another.
func revokeTokens(tx *tx, appID, authAppID string) error {
	var dead []*authToken
	err := eachDoc(tx, bucketAuthTokens, "", "", func(_ string, t *authToken) (bool, error) {
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
		if err := putDoc(tx, bucketAuthTokens, t.Token, t); err != nil {
			return err
		}
	}
	return nil
}

// queryToken is alipay.open.auth.token.app.query.
func queryToken(c *call) (any, error) {
	text := c.biz.str("app_auth_token")
	if text == "" {
		return nil, refuse("ILLEGAL_PARAM", "app_auth_token 不能为空")
	}
	if !c.app.has(ProductISV) {
		return nil, refuse("APP_NOT_ISV", "应用不是第三方应用")
	}
	var t *authToken
	if err := c.view(func(tx *tx) (err error) { t, err = getDoc[authToken](tx, bucketAuthTokens, text); return err }); err != nil {
		return nil, err
	}
	switch {
	case t == nil:
		return nil, refuse("AUTH_TOKEN_NOT_EXISTED", "授权令牌不存在")
	case t.AppID != c.app.AppID:
		return nil, refuse("AUTH_TOKEN_NOT_CONSISTENT", "授权令牌与应用不一致")
	}
	status := "valid"
	if t.Revoked || ms(c.now) >= t.ExpiresAt {
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
	}{t.PID, t.AuthAppID, (t.ExpiresAt - ms(c.now)) / 1000, c.sim.authMethodsOf(t), beijing(fromMS(t.ExpiresAt).Add(-authTokenLife)), beijing(fromMS(t.ExpiresAt)), status, len(t.Products) == 0}, nil
}

// authMethodsOf lists what a token may call.
func (s *Simulator) authMethodsOf(t *authToken) []string {
	granted := &App{Products: t.Products}
	if len(t.Products) == 0 {
		granted.Products = allProducts()
	}
	var out []string
	for name, m := range s.reg {
		if granted.has(m.Products...) && !strings.HasPrefix(name, "alipay.open.auth.") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
