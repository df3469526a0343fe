// Command smartwalle takes github.com/smartwalle/alipay through the simulator, in key and certificate mode: order,
// page, payment, query, refund, close, a refusal whose reason can be read, and a notification that the client verifies.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/smartwalle/alipay/v3"

	"clients/sandbox"
)

// app is what the desk tells of an application.
type app struct {
	AppID             string `json:"app_id"`
	AlipayPublicKey   string `json:"alipay_public_key"`
	Gateway           string `json:"gateway_url"`
	AppCertificate    string `json:"app_certificate"`
	AlipayCertificate string `json:"alipay_certificate"`
	RootCertificate   string `json:"root_certificate"`
}

func main() {
	sandbox.Run(func(ctx context.Context) error {
		_, offset := time.Now().Zone()
		wanted, ok := map[string]int{"UTC": 0, "Asia/Shanghai": 8 * 60 * 60}[os.Getenv("TZ")]
		if !ok || offset != wanted {
			return fmt.Errorf("this walk is for a machine in UTC or in China")
		}
		for _, certificates := range []bool{false, true} {
			if err := walk(ctx, certificates); err != nil {
				return fmt.Errorf("certificates %v: %w", certificates, err)
			}
		}
		return nil
	})
}

func desk(ctx context.Context, path string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv("SIMULATOR")+"/desk/api"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	data, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		return fmt.Errorf("POST %s: %s %s %w", path, answer.Status, data, err)
	}
	return json.Unmarshal(data, into)
}

func newKey() (*rsa.PrivateKey, string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, "", err
	}
	return key, base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(key)), nil
}

// client is the client of an application, with a key that need not be its own.
func (a app) client(key string) (*alipay.Client, error) {
	c, err := alipay.New(a.AppID, key, true, alipay.WithProductionGateway(a.Gateway))
	if err != nil {
		return nil, err
	}
	if a.AppCertificate == "" {
		return c, c.LoadAliPayPublicKey(a.AlipayPublicKey)
	}
	if err := c.LoadAppCertPublicKey(a.AppCertificate); err != nil {
		return nil, err
	}
	if err := c.LoadAliPayRootCert(a.RootCertificate); err != nil {
		return nil, err
	}
	return c, c.LoadAlipayCertPublicKey(a.AlipayCertificate)
}

func walk(ctx context.Context, certificates bool) error {
	number := fmt.Sprintf("go-%s-certificates-%v", time.Now().Format("MST"), certificates)
	key, private, err := newKey()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	var a app
	if err := desk(ctx, "/apps", map[string]any{"name": "smartwalle", "products": []string{"face_to_face", "page"},
		"certificate_mode": certificates, "public_key": base64.StdEncoding.EncodeToString(public)}, &a); err != nil {
		return err
	}
	c, err := a.client(private)
	if err != nil {
		return err
	}
	notified := make(chan error, 8)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		if err == nil {
			var n *alipay.Notification
			if n, err = c.DecodeNotification(r.Context(), r.PostForm); err == nil && n.TradeStatus != alipay.TradeStatusSuccess {
				err = fmt.Errorf("notified of %s", n.TradeStatus)
			}
		}
		alipay.ACKNotification(w)
		notified <- err
	}))
	defer receiver.Close()

	order := func(number string) alipay.Trade {
		return alipay.Trade{OutTradeNo: number, Subject: "游戏点卡 100%", TotalAmount: "88.80", NotifyURL: receiver.URL}
	}
	code, err := c.TradePreCreate(ctx, alipay.TradePreCreate{Trade: order(number)})
	if err != nil || !strings.Contains(code.QRCode, "/cashier/") {
		return fmt.Errorf("precreate: %+v %w", code, err)
	}
	if err := desk(ctx, "/trades/"+number+"/pay", map[string]any{}, &struct{}{}); err != nil {
		return err
	}
	paid, err := c.TradeQuery(ctx, alipay.TradeQuery{OutTradeNo: number})
	if err != nil || paid.TradeStatus != alipay.TradeStatusSuccess || paid.TotalAmount != "88.80" {
		return fmt.Errorf("query: %+v %w", paid, err)
	}
	if err := <-notified; err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	back, err := c.TradeRefund(ctx, alipay.TradeRefund{OutTradeNo: number, RefundAmount: "8.80", OutRequestNo: "R1",
		RefundReason: "少一张"})
	if err != nil || back.RefundFee != "8.80" {
		return fmt.Errorf("refund: %+v %w", back, err)
	}
	return rest(ctx, a, c, order(number+"-2"))
}

// rest is what does not end in a payment: a page, a close, and a signature that is not the application's.
func rest(ctx context.Context, a app, c *alipay.Client, order alipay.Trade) error {
	order.ProductCode = "FAST_INSTANT_TRADE_PAY"
	at, err := c.TradePagePay(alipay.TradePagePay{Trade: order})
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return err
	}
	page, err := http.DefaultClient.Do(r)
	if err != nil || !strings.Contains(page.Request.URL.Path, "/cashier/") {
		return fmt.Errorf("page: %w", err)
	}
	page.Body.Close()
	closed, err := c.TradeClose(ctx, alipay.TradeClose{OutTradeNo: order.OutTradeNo})
	if err != nil || closed.Code != alipay.CodeSuccess {
		return fmt.Errorf("close: %+v %w", closed, err)
	}
	_, foreign, err := newKey()
	if err != nil {
		return err
	}
	stranger, err := a.client(foreign)
	if err != nil {
		return err
	}
	answer, err := stranger.TradeQuery(ctx, alipay.TradeQuery{OutTradeNo: order.OutTradeNo})
	told := fmt.Sprint(err)
	if answer != nil {
		told += fmt.Sprint(answer.Error)
	}
	if !strings.Contains(told, "网关生成的验签字符串为：") {
		return fmt.Errorf("a foreign signature: %s", told)
	}
	return nil
}
