// Command ogen goes from sign-up to refund with the client that ogen generated.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ogen-go/ogen/ogenerrors"

	zhitong "clients/generated/ogen"
	"clients/sandbox"
)

func main() { sandbox.Run(walk) }

// secret is an API key.
type secret string

// Bearer implements zhitong.SecuritySource.
func (s secret) Bearer(context.Context, zhitong.OperationName) (zhitong.Bearer, error) {
	return zhitong.Bearer{Token: string(s)}, nil
}

// Session implements zhitong.SecuritySource: a program has none.
func (s secret) Session(context.Context, zhitong.OperationName) (zhitong.Session, error) {
	return zhitong.Session{}, ogenerrors.ErrSkipClientSecurity
}

// TenantHeader implements zhitong.SecuritySource: a key says whose it is.
func (s secret) TenantHeader(context.Context, zhitong.OperationName) (zhitong.TenantHeader, error) {
	return zhitong.TenantHeader{}, ogenerrors.ErrSkipClientSecurity
}

// body is the body of an answer, with headers or without.
func body[T any](answer any, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	switch a := answer.(type) {
	case *T:
		return a, nil
	case interface{ GetResponse() T }:
		return new(a.GetResponse()), nil
	}
	return nil, fmt.Errorf("unexpected answer: %T", answer)
}

func walk(ctx context.Context) error {
	name := "ogen " + rand.Text()[:8]
	api, err := zhitong.NewClient(sandbox.Required("API"), secret(""))
	if err != nil {
		return err
	}

	// Sign up, and listen.
	tenant, err := body[zhitong.TenantCreated](api.CreateTenant(ctx, &zhitong.TenantCreate{
		Name: name, OwnerEmail: "owner@example.cn",
	}, zhitong.CreateTenantParams{IdempotencyKey: rand.Text() + rand.Text()}))
	if err != nil {
		return err
	}
	key := secret(tenant.APIKey.Secret)
	if api, err = zhitong.NewClient(sandbox.Required("API"), key); err != nil {
		return err
	}
	receiver := sandbox.NewReceiver()
	defer receiver.Close()
	address, err := url.Parse(receiver.URL)
	if err != nil {
		return err
	}
	endpoint, err := body[zhitong.WebhookEndpointCreated](api.CreateWebhookEndpoint(ctx,
		&zhitong.WebhookEndpointCreate{URL: *address}, zhitong.CreateWebhookEndpointParams{}))
	if err != nil {
		return err
	}
	if err := receiver.Trust(endpoint.Secret); err != nil {
		return err
	}

	supplier, err := onboard(ctx, api, receiver, name)
	if err != nil {
		return err
	}
	order, err := sell(ctx, api, name, supplier)
	if err != nil {
		return err
	}

	// The buyer pays; the card key is delivered, the payment is split.
	if err := sandbox.Pay(order.Payment.Value.PayURL.Value); err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "order.delivered"); err != nil {
		return err
	}
	keys, err := body[zhitong.OrderCardKeys](api.GetOrderCardKeys(ctx,
		zhitong.GetOrderCardKeysParams{OrderID: order.ID}))
	if err != nil {
		return err
	}
	if err := sandbox.Equal("the number of card keys", len(keys.CardKeys), 1); err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "split.completed"); err != nil {
		return err
	}

	// Everything is given back.
	refund, err := body[zhitong.Refund](api.CreateRefund(ctx,
		&zhitong.RefundCreate{Reason: zhitong.NewOptString("测试")},
		zhitong.CreateRefundParams{OrderID: order.ID, IdempotencyKey: rand.Text()}))
	if err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "order.refunded"); err != nil {
		return err
	}
	events, err := body[zhitong.EventList](api.ListEvents(ctx, zhitong.ListEventsParams{}))
	if err != nil {
		return err
	}
	if len(events.Data) < 5 {
		return fmt.Errorf("only %d events", len(events.Data))
	}

	// A later version answers with values and fields that this client does not know yet.
	later, err := zhitong.NewClient(sandbox.Required("LATER"), key)
	if err != nil {
		return err
	}
	unknown := sandbox.Required("UNKNOWN")
	changed, err := body[zhitong.Order](later.GetOrder(ctx, zhitong.GetOrderParams{OrderID: order.ID}))
	if err != nil {
		return err
	}
	told, err := body[zhitong.EventList](later.ListEvents(ctx, zhitong.ListEventsParams{}))
	if err != nil {
		return err
	}
	paidBack, err := body[zhitong.Refund](later.GetRefund(ctx, zhitong.GetRefundParams{RefundID: refund.ID}))
	if err != nil {
		return err
	}
	return errors.Join(
		sandbox.Equal("the order's status", string(changed.Status), unknown),
		sandbox.Equal("the event's type", string(told.Data[0].Type), unknown),
		sandbox.Equal("the refund's status", string(paidBack.Status), unknown),
	)
}

// onboard makes a supplier, which applies to Alipay and is approved.
func onboard(
	ctx context.Context, api *zhitong.Client, receiver *sandbox.Receiver, name string,
) (*zhitong.Merchant, error) {
	text, number := zhitong.NewOptString, fmt.Sprintf("%08d", time.Now().UnixNano()/1000%100_000_000)
	supplier, err := body[zhitong.Merchant](api.CreateMerchant(ctx,
		&zhitong.MerchantCreate{Kind: "supplier", Name: name},
		zhitong.CreateMerchantParams{IdempotencyKey: text(rand.Text())}))
	if err != nil {
		return nil, err
	}
	application, err := body[zhitong.Application](api.CreateApplication(ctx, &zhitong.ApplicationForm{
		Name: text(name), AliasName: text(name), MerchantType: zhitong.NewOptApplicationFormMerchantType("01"),
		Mcc: text("B0205"), CertNo: text("91330100MA27XY7A19"), LegalName: text("李四"),
		LegalCertNo: text("330106198001011235"), ContactName: text("赵六"), ContactMobile: text("139" + number),
		ContactEmail: text("ops" + number + "@example.cn"), ServicePhone: text("057100000000"),
		Service: []zhitong.ApplicationFormServiceItem{"当面付", "电脑支付", "wap支付"},
		SiteURL: text("https://shop.example.cn"), SiteName: text(name),
		BusinessAddress: zhitong.NewOptBusinessAddress(zhitong.BusinessAddress{
			ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330106", Address: "文三路 1 号",
		}),
		QualificationType: text("310"), BindingAlipayLogonID: text("finance" + number + "@example.cn"),
		AlipayLogonID: text("finance" + number + "@example.cn"),
	}, zhitong.CreateApplicationParams{MerchantID: supplier.ID}))
	if err != nil {
		return nil, err
	}
	for _, purpose := range sandbox.Papers {
		if _, err := api.PutApplicationImage(ctx, &zhitong.PutApplicationImageReqWithContentType{
			ContentType: "image/png", Content: zhitong.PutApplicationImageReq{Data: sandbox.Image()},
		}, zhitong.PutApplicationImageParams{
			ApplicationID: application.ID, Purpose: zhitong.ImagePurpose(purpose),
		}); err != nil {
			return nil, err
		}
	}
	_, err = api.SubmitApplication(ctx, zhitong.SubmitApplicationParams{ApplicationID: application.ID})
	if err != nil {
		return nil, err
	}
	connection, err := body[zhitong.AlipayConnection](api.GetAlipayConnection(ctx))
	if err != nil {
		return nil, err
	}
	if err := sandbox.Approve(ctx, connection.AppID); err != nil {
		return nil, err
	}
	_, err = receiver.Heard(ctx, "onboarding.approved")
	return supplier, err
}

// sell makes a product with card keys and an order, which is asked for twice. Five percent are the platform's.
func sell(
	ctx context.Context, api *zhitong.Client, name string, supplier *zhitong.Merchant,
) (*zhitong.Order, error) {
	text := zhitong.NewOptString
	rule, err := body[zhitong.SplitRule](api.CreateSplitRule(ctx, &zhitong.SplitRuleCreate{
		Name: "5 %", Parts: []zhitong.SplitPartRule{{Receiver: "platform", RateBps: zhitong.NewOptRateBps(500)}},
	}, zhitong.CreateSplitRuleParams{IdempotencyKey: text(rand.Text())}))
	if err != nil {
		return nil, err
	}
	product, err := body[zhitong.Product](api.CreateProduct(ctx, &zhitong.ProductCreate{
		Name: "点券 100 元", PriceFen: 10000, SupplierID: supplier.ID, MerchantOfRecordID: supplier.ID,
		SplitRuleID: rule.ID,
	}, zhitong.CreateProductParams{IdempotencyKey: text(rand.Text())}))
	if err != nil {
		return nil, err
	}
	_, err = api.ImportCardKeys(ctx, &zhitong.CardKeyImportCreate{CardKeys: []string{rand.Text(), rand.Text()}},
		zhitong.ImportCardKeysParams{ProductID: product.ID, IdempotencyKey: text(rand.Text())})
	if err != nil {
		return nil, err
	}
	params := zhitong.CreateOrderParams{IdempotencyKey: rand.Text()}
	wanted := &zhitong.OrderCreate{
		Items:     []zhitong.OrderItemCreate{{ProductID: product.ID, Quantity: 1}},
		Reference: text(name), BuyerContact: text("13800000000"),
	}
	order, err := api.CreateOrder(ctx, wanted, params)
	if err != nil {
		return nil, err
	}
	again, err := api.CreateOrder(ctx, wanted, params)
	if err != nil {
		return nil, err
	}
	wanted.Reference = text("another")
	var problem *zhitong.ProblemStatusCodeWithHeaders
	if _, err := api.CreateOrder(ctx, wanted, params); !errors.As(err, &problem) {
		return nil, fmt.Errorf("another order with the same Idempotency-Key: %w", err)
	}
	return &order.Response, errors.Join(
		sandbox.Equal("the repeated order", again.Response.ID, order.Response.ID),
		sandbox.Equal("Idempotency-Replayed", string(again.IdempotencyReplayed.Value), "true"),
		sandbox.Equal("the code", problem.Response.Code, "idempotency_key_reused"),
	)
}
