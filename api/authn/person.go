package authn

import (
	"context"
	"net/http"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/sessions"
)

// Names of the session's cookie. A browser takes the first one from https only, for this host alone, and from no other
// host's answer; on plain http, which is for this machine only, there is no such promise to have.
const (
	secureCookie = "__Host-zt_session"
	plainCookie  = "zt_session"
)

// TenantHeader names the platform that a session is used for.
const TenantHeader = "Zhitong-Tenant"

// Codes of this package.
const (
	CodeCrossSite            fault.Code = "cross_site_request"
	CodeReauthentication     fault.Code = "reauthentication_required"
	CodeSecondFactorRequired fault.Code = "second_factor_required"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeCrossSite, Status: http.StatusForbidden, Title: "The request comes from another site",
			TitleZh: "请求来自其他站点",
			Meaning: "With a session only pages of this server may call: the browser tells where a request comes " +
				"from (`Origin`, `Sec-Fetch-Site`).",
			MeaningZh: "使用会话时只接受本服务器页面发出的请求，浏览器会标明请求的来源（`Origin`、`Sec-Fetch-Site`）。"},
		{Code: CodeReauthentication, Status: http.StatusForbidden, Title: "Show again who you are",
			TitleZh: "须重新验证身份",
			Meaning: "The operation needs a fresh proof, which counts for ten minutes: `createElevation`, then the " +
				"same request again.",
			MeaningZh: "此操作须重新验证身份，十分钟内有效：先调用 `createElevation`，再重发同一请求。"},
		{Code: CodeSecondFactorRequired, Status: http.StatusForbidden, Title: "A second factor is needed",
			TitleZh: "须启用第二因素",
			Meaning: "Roles of the platform are for people who have signed in with a second factor. Set up an " +
				"authenticator app, then sign in again.",
			MeaningZh: "平台角色须以第二因素登录。请绑定验证器后重新登录。"},
	}
}

// Cookies writes and reads the session's cookie.
type Cookies struct{ Secure bool } // whether the public address is https

func (c Cookies) name() string {
	if c.Secure {
		return secureCookie
	}
	return plainCookie
}

// Token is what the browser has sent; false without a cookie. Of several with the name none is believed: the browser
// cannot have had them from us.
func (c Cookies) Token(r *http.Request) (token string, ok bool) {
	all := r.CookiesNamed(c.name())
	if len(all) != 1 {
		return "", len(all) > 0
	}
	return all[0].Value, true
}

// Set is the cookie with a token. It ends with the browser; the session ends by itself before.
func (c Cookies) Set(token string) *http.Cookie {
	return &http.Cookie{Name: c.name(), Value: token, Path: "/", Secure: c.Secure, HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
}

// Clear is the cookie that takes the session's away.
func (c Cookies) Clear() *http.Cookie {
	out := c.Set("")
	out.MaxAge = -1
	return out
}

// SameSite refuses a request that does not come from a page of ours. Go's own check lets requests pass that tell
// nothing of where they come from, as programs send them: a browser with a cookie always tells, when it changes
// something.
func SameSite(r *http.Request) error {
	tells := r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != ""
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	err := new(http.CrossOriginProtection).Check(r)
	if err != nil || !safe && !tells || safe && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return fault.New(CodeCrossSite, "The request does not come from a page of this server.")
	}
	return nil
}

// Signed is the session of a request.
type Signed struct {
	sessions.Session
	Token string
	// Tenant is what the request names; zero when it names none.
	Tenant id.Tenant
}

type signedKey struct{}

// WithSession puts the session into the context.
func WithSession(ctx context.Context, s Signed) context.Context {
	return context.WithValue(ctx, signedKey{}, s)
}

// SessionFrom is the session of an operation that is for people only. It panics where there is none: the chain lets no
// such request through.
func SessionFrom(ctx context.Context) Signed { return ctx.Value(signedKey{}).(Signed) }

// Tenant is the platform that a request with a session names; zero for none, and for a text that names nothing.
func Tenant(r *http.Request) id.Tenant {
	values := r.Header.Values(TenantHeader)
	if len(values) != 1 {
		return id.Tenant{}
	}
	t, err := id.Parse[id.Tenant](values[0])
	if err != nil {
		return id.Tenant{}
	}
	return t
}
