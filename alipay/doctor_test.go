package alipay_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
)

func find(fs []alipay.Finding, code string) alipay.Finding {
	for _, f := range fs {
		if f.Code == code {
			return f
		}
	}
	return alipay.Finding{}
}

// healthy answers like a gateway where everything is signed for.
func healthy(w http.ResponseWriter, r received) {
	switch r.Params["method"] {
	case "alipay.trade.query":
		reply(w, r, `{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`)
	case "alipay.trade.royalty.rate.query":
		reply(w, r, `{"code":"10000","max_ratio":30}`)
	case "alipay.open.auth.token.app.query":
		reply(w, r, `{"code":"10000","status":"valid","is_by_app_auth":true}`)
	default:
		reply(w, r, `{"code":"40004","sub_code":"INVALID_PARAMETER"}`)
	}
}

func doctor(t *testing.T, g *gateway, now time.Time, change func(*alipay.Credentials)) []alipay.Finding {
	t.Helper()
	cred := credentials(g.URL)
	if change != nil {
		change(&cred)
	}
	return alipay.Doctor(t.Context(), cred, alipay.Options{Clock: clock.FrozenAt(now)}, alipay.DoctorOptions{})
}

// doctorGateway lets the clock question (a plain GET) through to a gateway that checks signatures.
func doctorGateway(t *testing.T, answer func(http.ResponseWriter, received)) *gateway {
	t.Helper()
	g := newGateway(t, answer)
	inner := g.Config.Handler
	g.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Date", testTime.Format(http.TimeFormat))
			return
		}
		inner.ServeHTTP(w, r)
	})
	return g
}

func TestDoctorOfAHealthyConnection(t *testing.T) {
	t.Parallel()
	fs := doctor(t, doctorGateway(t, healthy), testTime, func(c *alipay.Credentials) {
		c.AppAuthToken = secret.New("token")
	})
	for _, code := range []string{"private_key", "alipay_public_key", "probe", "clock", "app_auth_token", "product_zft",
		"product_royalty", "product_face_to_face", "product_bill"} {
		if f := find(fs, code); f.Severity != alipay.SeverityOK {
			t.Errorf("%s: %+v", code, f)
		}
	}
	for _, f := range fs {
		if f.Severity == alipay.SeverityError || f.Severity != alipay.SeverityOK && f.Action == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestDoctorFindings(t *testing.T) {
	t.Parallel()
	gatewayError := func(code, sub string) func(http.ResponseWriter, received) {
		return func(w http.ResponseWriter, r received) {
			fmt.Fprintf(w, `{"%s":{"code":"%s","sub_code":"%s"}}`, nodeOf(r.Params["method"]), code, sub)
		}
	}
	for name, x := range map[string]struct {
		answer func(http.ResponseWriter, received)
		change func(*alipay.Credentials)
		now    time.Time
		code   string
		want   alipay.Severity
	}{
		"our key is not registered": {gatewayError("40002", "isv.invalid-signature"), nil, testTime,
			"private_key_wrong", alipay.SeverityError},
		"Alipay's key is another": {healthy, func(c *alipay.Credentials) {
			c.AlipayPublicKey = otherKey().public
		}, testTime, "alipay_public_key_wrong", alipay.SeverityError},
		"unknown application": {gatewayError("40002", "isv.invalid-app-id"), nil, testTime, "app_id",
			alipay.SeverityError},
		"our time is refused": {gatewayError("40002", "isv.invalid-timestamp"), nil, testTime, "clock_skew",
			alipay.SeverityError},
		"our clock is slow": {healthy, nil, testTime.Add(-3 * time.Minute), "clock", alipay.SeverityWarning},
		"the token is dead": {gatewayError("20001", "aop.invalid-app-auth-token"), nil, testTime,
			"app_auth_token", alipay.SeverityError},
		"the gateway is down": {func(w http.ResponseWriter, _ received) {
			w.WriteHeader(502)
		}, nil, testTime, "gateway_unreachable", alipay.SeverityError},
		"answers are not signed": {gatewayError("40004", "ACQ.TRADE_NOT_EXIST"), nil, testTime, "probe",
			alipay.SeverityWarning},
		"no private key": {healthy, func(c *alipay.Credentials) {
			c.PrivateKey = secret.String{}
		}, testTime, "private_key", alipay.SeverityError},
		"our own key as Alipay's": {healthy, func(c *alipay.Credentials) {
			c.AlipayPublicKey = appKey().public
		}, testTime, "alipay_public_key", alipay.SeverityError},
		"a gateway that is no URL": {healthy, func(c *alipay.Credentials) {
			c.Gateway = "alipay"
		}, testTime, "credentials", alipay.SeverityError},
		"transfers need certificates": {healthy, nil, testTime, "transfer_mode", alipay.SeverityWarning},
		"no notification address": {healthy, func(c *alipay.Credentials) {
			c.NotifyURL = ""
		}, testTime, "notify_url", alipay.SeverityWarning},
		"ZFT is not signed": {func(w http.ResponseWriter, r received) {
			if strings.Contains(r.Params["method"], "zftorder") {
				reply(w, r, `{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}`)
				return
			}
			healthy(w, r)
		}, nil, testTime, "product_zft", alipay.SeverityError},
		"当面付 is not signed": {func(w http.ResponseWriter, r received) {
			if r.Params["method"] == "alipay.trade.precreate" {
				if len(r.Biz) != 1 {
					t.Errorf("the probe could do something: %v", r.Biz)
				}
				reply(w, r, `{"code":"40004","sub_code":"ACQ.ACCESS_FORBIDDEN"}`)
				return
			}
			healthy(w, r)
		}, nil, testTime, "product_face_to_face", alipay.SeverityError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fs := doctor(t, doctorGateway(t, x.answer), x.now, x.change)
			if f := find(fs, x.code); f.Severity != x.want || f.Action == "" {
				t.Errorf("%+v in %+v", f, fs)
			}
			for _, f := range fs { // in one language: English sentences
				if f.Action != "" && !regexp.MustCompile(`^[A-Z].*\.$`).MatchString(f.Action) ||
					!regexp.MustCompile(`^[A-Za-z]`).MatchString(f.Detail) {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

func TestDoctorOfCertificates(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "Ant Financial Certification Authority Class 1 R1")
	other := newAuthority(t, "Mallory")
	other.key = appKey().private
	cred := credentials("https://openapi.alipay.com")
	cred.Certificates = &alipay.Certificates{App: ca.issue(t, "1", &appKey().private.PublicKey,
		testTime.Add(240*time.Hour)),
		Alipay: ca.issue(t, "2", &alipayKey().private.PublicKey, testTime.Add(9000*time.Hour)), Root: ca.pem}
	fs := alipay.CheckCredentials(cred, testTime)
	if find(fs, "app_certificate").Severity != alipay.SeverityWarning ||
		find(fs, "alipay_certificate").Severity != alipay.SeverityOK ||
		find(fs, "certificate_chain").Severity != alipay.SeverityOK {
		t.Errorf("%+v", fs)
	}
	fs = alipay.CheckCredentials(cred, testTime.Add(241*time.Hour))
	if find(fs, "app_certificate").Severity != alipay.SeverityError {
		t.Errorf("%+v", fs)
	}
	cred.Certificates.Root = selfSigned(t, other, "9")
	if f := find(alipay.CheckCredentials(cred, testTime), "certificate_chain"); f.Severity != alipay.SeverityError ||
		f.Action == "" {
		t.Errorf("%+v", f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if fs := alipay.Doctor(ctx, credentials("http://gateway.test"), alipay.Options{Clock: testClock()},
		alipay.DoctorOptions{}); find(fs, "gateway_unreachable").Severity != alipay.SeverityError {
		t.Errorf("%+v", fs)
	}
}
