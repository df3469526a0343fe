// Command oapicodegen goes from sign-up to refund with the client that oapi-codegen generated.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	zhitong "clients/generated/oapicodegen"
	"clients/sandbox"
)

func main() { sandbox.Run(walk) }

// failed is the error of an answer that is no success: a problem with a stable code.
func failed(err error, p *zhitong.Problem) error {
	if err != nil || p == nil {
		return err
	}
	return fmt.Errorf("%s: %s (%s)", p.Code, p.Title, p.Instance)
}

func connect(server, secret string) (*zhitong.ClientWithResponses, error) {
	return zhitong.NewClientWithResponses(server, zhitong.WithRequestEditorFn(
		func(_ context.Context, r *http.Request) error {
			if secret != "" {
				r.Header.Set("Authorization", "Bearer "+secret)
			}
			return nil
		}))
}

func walk(ctx context.Context) error {
	name := "oapi-codegen " + rand.Text()[:8]
	api, err := connect(sandbox.Required("API"), "")
	if err != nil {
		return err
	}

	// Sign up, and listen.
	tenant, err := api.CreateTenantWithResponse(ctx,
		&zhitong.CreateTenantParams{IdempotencyKey: rand.Text() + rand.Text()},
		zhitong.TenantCreate{Name: name, OwnerEmail: "owner@example.cn"})
	if err := failed(err, tenant.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	secret := tenant.JSON201.ApiKey.Secret
	if api, err = connect(sandbox.Required("API"), secret); err != nil {
		return err
	}
	receiver := sandbox.NewReceiver()
	defer receiver.Close()
	endpoint, err := api.CreateWebhookEndpointWithResponse(ctx, nil, zhitong.WebhookEndpointCreate{Url: receiver.URL})
	if err := failed(err, endpoint.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	if err := receiver.Trust(endpoint.JSON201.Secret); err != nil {
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
	if order.Payment.PayUrl == nil {
		return errors.New("the order has no address to pay at")
	}
	if err := sandbox.Pay(*order.Payment.PayUrl); err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "order.delivered"); err != nil {
		return err
	}
	keys, err := api.GetOrderCardKeysWithResponse(ctx, order.Id)
	if err := failed(err, keys.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	if err := sandbox.Equal("the number of card keys", len(keys.JSON200.CardKeys), 1); err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "split.completed"); err != nil {
		return err
	}

	// Everything is given back.
	key, reason := rand.Text(), "测试"
	refund, err := api.CreateRefundWithResponse(ctx, order.Id,
		&zhitong.CreateRefundParams{IdempotencyKey: key}, zhitong.RefundCreate{Reason: &reason})
	if err := failed(err, refund.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	if _, err := receiver.Heard(ctx, "order.refunded"); err != nil {
		return err
	}
	events, err := api.ListEventsWithResponse(ctx, &zhitong.ListEventsParams{})
	if err := failed(err, events.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	if len(events.JSON200.Data) < 5 {
		return fmt.Errorf("only %d events", len(events.JSON200.Data))
	}

	// A later version answers with values and fields that this client does not know yet.
	later, err := connect(sandbox.Required("LATER"), secret)
	if err != nil {
		return err
	}
	unknown := sandbox.Required("UNKNOWN")
	changed, err := later.GetOrderWithResponse(ctx, order.Id)
	if err := failed(err, changed.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	told, err := later.ListEventsWithResponse(ctx, &zhitong.ListEventsParams{})
	if err := failed(err, told.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	paidBack, err := later.GetRefundWithResponse(ctx, refund.JSON202.Id)
	if err := failed(err, paidBack.ApplicationproblemJSONDefault); err != nil {
		return err
	}
	return errors.Join(
		sandbox.Equal("the order's status", string(changed.JSON200.Status), unknown),
		sandbox.Equal("the event's type", string(told.JSON200.Data[0].Type), unknown),
		sandbox.Equal("the refund's status", string(paidBack.JSON200.Status), unknown),
	)
}

// onboard makes a supplier, which applies to Alipay and is approved.
func onboard(
	ctx context.Context, api *zhitong.ClientWithResponses, receiver *sandbox.Receiver, name string,
) (*zhitong.Merchant, error) {
	key, number := rand.Text(), fmt.Sprintf("%08d", time.Now().UnixNano()/1000%100_000_000)
	supplier, err := api.CreateMerchantWithResponse(ctx, &zhitong.CreateMerchantParams{IdempotencyKey: &key},
		zhitong.MerchantCreate{Kind: "supplier", Name: name})
	if err := failed(err, supplier.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	application, err := api.CreateApplicationWithResponse(ctx, supplier.JSON201.Id, nil, zhitong.ApplicationForm{
		Name: &name, AliasName: &name, MerchantType: new(zhitong.ApplicationFormMerchantType("01")), Mcc: new("B0205"),
		CertNo: new("91330100MA27XY7A19"), LegalName: new("李四"), LegalCertNo: new("330106198001011235"),
		ContactName: new("赵六"), ContactMobile: new("139" + number), ContactEmail: new("ops" + number + "@example.cn"),
		ServicePhone: new("057100000000"), Service: &[]zhitong.ApplicationFormService{"当面付", "电脑支付", "wap支付"},
		SiteUrl: new("https://shop.example.cn"), SiteName: &name, BusinessAddress: &zhitong.BusinessAddress{
			ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330106", Address: "文三路 1 号",
		},
		QualificationType: new("310"), BindingAlipayLogonId: new("finance" + number + "@example.cn"),
		AlipayLogonId: new("finance" + number + "@example.cn"),
	})
	if err := failed(err, application.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	for _, purpose := range sandbox.Papers {
		image, err := api.PutApplicationImageWithBodyWithResponse(ctx, application.JSON201.Id,
			zhitong.ImagePurpose(purpose), "image/png", sandbox.Image())
		if err := failed(err, image.ApplicationproblemJSONDefault); err != nil {
			return nil, err
		}
	}
	submitted, err := api.SubmitApplicationWithResponse(ctx, application.JSON201.Id, nil)
	if err := failed(err, submitted.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	connection, err := api.GetAlipayConnectionWithResponse(ctx)
	if err := failed(err, connection.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	if err := sandbox.Approve(ctx, connection.JSON200.AppId); err != nil {
		return nil, err
	}
	_, err = receiver.Heard(ctx, "onboarding.approved")
	return supplier.JSON201, err
}

// sell makes a product with card keys and an order, which is asked for twice. Five percent are the platform's.
func sell(
	ctx context.Context, api *zhitong.ClientWithResponses, name string, supplier *zhitong.Merchant,
) (*zhitong.Order, error) {
	key := rand.Text()
	rule, err := api.CreateSplitRuleWithResponse(ctx, &zhitong.CreateSplitRuleParams{IdempotencyKey: new(rand.Text())},
		zhitong.SplitRuleCreate{Name: "5 %", Parts: []zhitong.SplitPartRule{
			{Receiver: "platform", RateBps: new(zhitong.RateBps(500))},
		}})
	if err := failed(err, rule.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	product, err := api.CreateProductWithResponse(ctx, &zhitong.CreateProductParams{IdempotencyKey: new(rand.Text())},
		zhitong.ProductCreate{
			Name: "点券 100 元", PriceFen: 10000, SupplierId: supplier.Id, MerchantOfRecordId: supplier.Id,
			SplitRuleId: rule.JSON201.Id,
		})
	if err := failed(err, product.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	imported, err := api.ImportCardKeysWithResponse(ctx, product.JSON201.Id,
		&zhitong.ImportCardKeysParams{IdempotencyKey: new(rand.Text())},
		zhitong.CardKeyImportCreate{CardKeys: []string{rand.Text(), rand.Text()}})
	if err := failed(err, imported.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	params := &zhitong.CreateOrderParams{IdempotencyKey: key}
	body := zhitong.OrderCreate{
		Items: []zhitong.OrderItemCreate{{ProductId: product.JSON201.Id, Quantity: 1}}, Reference: &name,
		BuyerContact: new("13800000000"),
	}
	order, err := api.CreateOrderWithResponse(ctx, params, body)
	if err := failed(err, order.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	again, err := api.CreateOrderWithResponse(ctx, params, body)
	if err := failed(err, again.ApplicationproblemJSONDefault); err != nil {
		return nil, err
	}
	body.Reference = new("another")
	reused, err := api.CreateOrderWithResponse(ctx, params, body)
	if err != nil {
		return nil, err
	}
	if reused.ApplicationproblemJSONDefault == nil {
		return nil, fmt.Errorf("another order with the same Idempotency-Key: %s", reused.Status())
	}
	return order.JSON201, errors.Join(
		sandbox.Equal("the repeated order", again.JSON201.Id, order.JSON201.Id),
		sandbox.Equal("Idempotency-Replayed", again.HTTPResponse.Header.Get("Idempotency-Replayed"), "true"),
		sandbox.Equal("the code", reused.ApplicationproblemJSONDefault.Code, "idempotency_key_reused"),
	)
}
