package alipay

import (
	"context"
	"net/url"
	"time"

	"zhitong/internal/secret"
)

// ISV mode: a third-party application acts for a merchant that authorised it. The merchant's admin opens AuthorizeURL,
// comes back with a code, the code becomes a token (OpenAuthTokenApp), and the token becomes Credentials.AppAuthToken
// of a client of its own.

// AuthorizeHost is where merchants authorise a third-party application in production.
const AuthorizeHost = "https://openauth.alipay.com"

// AuthorizeURL is the page a merchant's admin opens to authorise the application. State comes back unchanged: bind it
// to the session. RedirectURI must equal the one configured for the application.
func AuthorizeURL(host, appID, redirectURI, state string) string {
	q := url.Values{"app_id": {appID}, "redirect_uri": {redirectURI}, "state": {state}}
	return host + "/oauth2/appToAppAuth.htm?" + q.Encode()
}

// OpenAuthTokenAppRequest exchanges a code (valid 24 hours, once) or refreshes a token (alipay.open.auth.token.app).
// Exactly one of Code and RefreshToken is set; GrantType follows from it.
type OpenAuthTokenAppRequest struct {
	Code         string
	RefreshToken secret.String
}

type authTokenRequest struct {
	GrantType    string `json:"grant_type" rule:"required"`
	Code         string `json:"code"`
	RefreshToken string `json:"refresh_token"`
}

// OpenAuthTokenAppResponse is an authorisation. The token lives until it is refreshed, granted again or cancelled;
// Alipay's expires_in is obsolete and not read. Keep both tokens sealed.
type OpenAuthTokenAppResponse struct {
	AppAuthToken     secret.String
	AppRefreshToken  secret.String
	AuthAppID        string
	UserID           string        // the merchant's PID
	RefreshExpiresIn time.Duration // of the refresh token
}

type authTokenResponse struct {
	AppAuthToken    string `json:"app_auth_token"`
	AppRefreshToken string `json:"app_refresh_token"`
	AuthAppID       string `json:"auth_app_id"`
	UserID          string `json:"user_id"`
	ReExpiresIn     int64  `json:"re_expires_in"`
}

// OpenAuthTokenApp exchanges a code or refreshes a token (alipay.open.auth.token.app). After an unknown refresh the old
// token may be dead: ask the merchant to authorise again if it is.
func (c *Client) OpenAuthTokenApp(ctx context.Context, req OpenAuthTokenAppRequest) (*OpenAuthTokenAppResponse, error) {
	wire := authTokenRequest{GrantType: "authorization_code", Code: req.Code}
	if !req.RefreshToken.IsZero() {
		wire = authTokenRequest{GrantType: "refresh_token", RefreshToken: req.RefreshToken.Reveal()}
	}
	if (req.Code == "") == req.RefreshToken.IsZero() {
		e := localRefusal(mAuthTokenApp, "code", "or refresh_token must be set, not both")
		c.record(ctx, mAuthTokenApp, e, 0)
		return nil, e
	}
	r, err := call(ctx, c, mAuthTokenApp, wire, func(r *authTokenResponse) *Error {
		if r.AppAuthToken == "" || r.AuthAppID == "" {
			return mismatch("app_auth_token")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &OpenAuthTokenAppResponse{
		AppAuthToken: secret.New(r.AppAuthToken), AppRefreshToken: secret.New(r.AppRefreshToken),
		AuthAppID: r.AuthAppID, UserID: r.UserID,
		RefreshExpiresIn: time.Duration(r.ReExpiresIn) * time.Second,
	}, nil
}

// OpenAuthTokenAppQueryRequest inspects a token (alipay.open.auth.token.app.query).
type OpenAuthTokenAppQueryRequest struct {
	AppAuthToken secret.String
}

// OpenAuthTokenAppQueryResponse tells whether a token is valid and for which methods. ByApp means all of them.
type OpenAuthTokenAppQueryResponse struct {
	Status      string    `json:"status"` // valid, invalid
	AuthAppID   string    `json:"auth_app_id"`
	UserID      string    `json:"user_id"`
	AuthMethods []string  `json:"auth_methods"`
	AuthStart   time.Time `json:"auth_start"`
	AuthEnd     time.Time `json:"auth_end"`
	ByApp       bool      `json:"is_by_app_auth"`
}

// OpenAuthTokenAppQuery inspects a token (alipay.open.auth.token.app.query).
func (c *Client) OpenAuthTokenAppQuery(ctx context.Context,
	req OpenAuthTokenAppQueryRequest) (*OpenAuthTokenAppQueryResponse, error) {
	type wire struct {
		AppAuthToken string `json:"app_auth_token" rule:"required"`
	}
	return call[OpenAuthTokenAppQueryResponse](ctx, c, mAuthTokenAppQuery, wire{req.AppAuthToken.Reveal()}, nil)
}
