package contract

import (
	"context"
	"slices"
	"strings"
	"time"

	"zhitong/alipay"
	"zhitong/internal/secret"
)

// consent is a merchant's consent for the application of w, and the merchant's world.
func (w *world) consent(tenant *world) string {
	w.Helper()
	return text(w.desk("POST", "/authorizations", obj{"app_id": w.app, "auth_app_id": tenant.app}), "app_auth_code")
}

// tenant is another platform at the same simulator.
func (w *world) tenant() *world {
	w.Helper()
	t := &world{TB: w.TB, url: w.url, clk: w.clk}
	t.register(nil)
	return t
}

func otherTables() []table { return slices.Concat(riskTables(), certifyTables(), authTables()) }

func authTables() []table {
	exchange := func(w *world, code string) (*alipay.OpenAuthTokenAppResponse, error) {
		return w.c.OpenAuthTokenApp(w.Context(), alipay.OpenAuthTokenAppRequest{Code: code})
	}
	refresh := func(w *world, token secret.String) error {
		return only(w.c.OpenAuthTokenApp(w.Context(), alipay.OpenAuthTokenAppRequest{RefreshToken: token}))
	}
	inspect := func(w *world, token string) error {
		return only(w.c.OpenAuthTokenAppQuery(w.Context(),
			alipay.OpenAuthTokenAppQueryRequest{AppAuthToken: secret.New(token)}))
	}
	plain := func(w *world) *world {
		t := &world{TB: w.TB, url: w.url}
		t.register(obj{"products": []string{"face_to_face", "zft"}})
		return t
	}
	granted := func(w *world) *alipay.OpenAuthTokenAppResponse {
		r, err := exchange(w, w.consent(w.tenant()))
		w.done(r, err)
		return r
	}
	return []table{
		// A code is good once: after an unknown exchange the merchant has to consent again.
		{method: "alipay.open.auth.token.app", again: "AUTH_CODE_NOT_VALID", ready: func(w *world) *act {
			code := w.consent(w.tenant())
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.OpenAuthTokenApp(ctx, alipay.OpenAuthTokenAppRequest{Code: code}))
			}}
		}, refusals: []refusal{
			{"APP_NOT_ISV", func(w *world) error { return only(exchange(plain(w), w.consent(w.tenant()))) }},
			{"APP_ID_NOT_CONSISTENT", func(w *world) error {
				return only(exchange(w.tenant(), w.consent(w.tenant())))
			}},
			{"AUTH_CODE_NOT_EXIST", func(w *world) error { return only(exchange(w, "x")) }},
			{"AUTH_CODE_NOT_VALID", func(w *world) error {
				code := w.consent(w.tenant())
				w.done(exchange(w, code))
				return only(exchange(w, code))
			}},
			{"GRANT_TYPE_INVALID", func(w *world) error {
				return only(w.raw("alipay.open.auth.token.app", obj{"grant_type": "x"}))
			}},
			{"REFRESH_TOKEN_NOT_EXIST", func(w *world) error { return refresh(w, secret.New("x")) }},
			{"REFRESH_TOKEN_NOT_VALID", func(w *world) error {
				pair := granted(w)
				w.done(nil, refresh(w, pair.AppRefreshToken))
				return refresh(w, pair.AppRefreshToken)
			}},
			{"REFRESH_TOKEN_TIME_OUT", func(w *world) error {
				own := openOwn(w.TB, nil)
				pair := granted(own)
				own.desk("POST", "/clock", obj{"advance_seconds": (373 * 24 * time.Hour).Seconds()})
				return refresh(own, pair.AppRefreshToken)
			}},
		}},
		{method: "alipay.open.auth.token.app.query", ready: func(w *world) *act {
			tenant := w.tenant()
			pair, err := exchange(w, w.consent(tenant))
			w.done(pair, err)
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.OpenAuthTokenAppQuery(ctx,
					alipay.OpenAuthTokenAppQueryRequest{AppAuthToken: pair.AppAuthToken})
				if err == nil && (q.Status != "valid" || q.AuthAppID != tenant.app ||
					!slices.Contains(q.AuthMethods, "alipay.trade.precreate")) {
					w.Errorf("token: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"AUTH_TOKEN_NOT_EXISTED", func(w *world) error { return inspect(w, "x") }},
			{"APP_NOT_ISV", func(w *world) error { return inspect(plain(w), granted(w).AppAuthToken.Reveal()) }},
			{"AUTH_TOKEN_NOT_CONSISTENT", func(w *world) error {
				return inspect(w.tenant(), granted(w).AppAuthToken.Reveal())
			}},
			{"ILLEGAL_PARAM", func(w *world) error { return only(w.raw("alipay.open.auth.token.app.query", obj{})) }},
		}},
		{method: "alipay.open.app.alipaycert.download", register: obj{"certificate_mode": true},
			ready: func(w *world) *act {
				return &act{call: func(ctx context.Context, c *alipay.Client) error {
					r, err := c.AlipaycertDownload(ctx,
						alipay.AlipaycertDownloadRequest{AlipayCertSN: w.certificateNumber()})
					if err == nil && strings.TrimSpace(r.PEM) != strings.TrimSpace(text(w.body, "alipay_certificate")) {
						w.Error("another certificate came")
					}
					return err
				}}
			}, refusals: []refusal{
				{"isv.alipay-cert-not-exist", func(w *world) error {
					return only(w.c.AlipaycertDownload(w.Context(),
						alipay.AlipaycertDownloadRequest{AlipayCertSN: "0"}))
				}},
			}},
	}
}
