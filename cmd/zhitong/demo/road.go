package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"zhitong/internal/id"
)

// Answers of the API, as far as the demo needs them. Amounts are fen.
type (
	// Tenant is a signed-up platform.
	Tenant struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		APIKey string `json:"-"` // the owner's, shown once
	}
	// Merchant is a distributor or supplier.
	Merchant struct {
		ID       string    `json:"id"`
		Kind     string    `json:"kind"`
		Name     string    `json:"name"`
		Status   string    `json:"status"`
		SMID     string    `json:"smid"`
		Receiver *Receiver `json:"receiver"`
	}
	// Receiver is where a merchant's part of a split goes.
	Receiver struct {
		Type    string `json:"type"`
		Account string `json:"account"`
	}
	// Application is a merchant's application to Alipay.
	Application struct {
		ID           string `json:"id"`
		MerchantID   string `json:"merchant_id"`
		Status       string `json:"status"`
		Reason       string `json:"reason"`
		SMID         string `json:"smid"`
		Requirements []struct {
			Stage  string `json:"stage"`
			Status string `json:"status"`
			Detail string `json:"detail"`
		} `json:"requirements"`
	}
	// SplitRule says who gets how much.
	SplitRule struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		VersionID string `json:"version_id"`
	}
	// Part is one part of a split rule.
	Part struct {
		Receiver   string `json:"receiver"`
		MerchantID string `json:"merchant_id,omitempty"`
		RateBps    int    `json:"rate_bps,omitempty"`
		FixedFen   int64  `json:"fixed_fen,omitempty"`
	}
	// Product is what is sold.
	Product struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		PriceFen int64  `json:"price_fen"`
	}
	// Order is what a buyer wants.
	Order struct {
		ID          string    `json:"id"`
		Status      string    `json:"status"`
		TotalFen    int64     `json:"total_fen"`
		RefundedFen int64     `json:"refunded_fen"`
		Reference   string    `json:"reference"`
		CheckoutURL string    `json:"checkout_url"`
		ExpiresAt   time.Time `json:"expires_at"`
		Payment     struct {
			ID         string `json:"id"`
			OutTradeNo string `json:"out_trade_no"`
			Channel    string `json:"channel"`
			Status     string `json:"status"`
			PayURL     string `json:"pay_url"`
			TradeNo    string `json:"trade_no"`
		} `json:"payment"`
	}
	// Split is an order's settlement and split.
	Split struct {
		Settlement struct {
			Status    string `json:"status"`
			AmountFen int64  `json:"amount_fen"`
			Reason    string `json:"reason"`
		} `json:"settlement"`
		Status   string `json:"status"`
		SettleNo string `json:"settle_no"`
		Reason   string `json:"reason"`
		KeptFen  int64  `json:"kept_fen"`
		Parts    []struct {
			Receiver    string `json:"receiver"`
			MerchantID  string `json:"merchant_id"`
			AmountFen   int64  `json:"amount_fen"`
			ReturnedFen int64  `json:"returned_fen"`
		} `json:"parts"`
	}
	// Refund is money on its way back.
	Refund struct {
		ID        string `json:"id"`
		Status    string `json:"status"`
		AmountFen int64  `json:"amount_fen"`
		Failure   string `json:"failure"`
	}
	// Posting is one movement in the book.
	Posting struct {
		Kind           string `json:"kind"`
		FromAccount    string `json:"from_account"`
		FromMerchantID string `json:"from_merchant_id"`
		ToAccount      string `json:"to_account"`
		ToMerchantID   string `json:"to_merchant_id"`
		AmountFen      int64  `json:"amount_fen"`
	}
	// Event is something that happened.
	Event struct {
		ID        string         `json:"id"`
		Type      string         `json:"type"`
		SubjectID string         `json:"subject_id"`
		Data      map[string]any `json:"data"`
	}
)

// SignUp makes a sandbox platform and keeps its key in the client.
func (c *Client) SignUp(ctx context.Context, name, email string) (Tenant, error) {
	return c.SignUpOnce(ctx, rand.Text()+rand.Text(), name, email)
}

// SignUpOnce is SignUp with an Idempotency-Key: a repeat with the same finds the same platform.
func (c *Client) SignUpOnce(ctx context.Context, key, name, email string) (Tenant, error) {
	var out struct {
		Tenant Tenant `json:"tenant"`
		APIKey struct {
			Secret string `json:"secret"`
		} `json:"api_key"`
	}
	_, err := c.Do(ctx, Request{
		Method:         http.MethodPost,
		Path:           "/v1/tenants",
		Body:           map[string]any{"name": name, "owner_email": email},
		IdempotencyKey: key,
	}, &out)
	if err != nil {
		return Tenant{}, err
	}
	c.Key, out.Tenant.APIKey = out.APIKey.Secret, out.APIKey.Secret
	return out.Tenant, nil
}

// CreateMerchant admits a supplier or distributor.
func (c *Client) CreateMerchant(ctx context.Context, kind, name string, receiver *Receiver) (Merchant, error) {
	body := map[string]any{"kind": kind, "name": name}
	if receiver != nil {
		body["receiver"] = receiver
	}
	var m Merchant
	err := c.Post(ctx, "/v1/merchants", body, &m)
	return m, err
}

// Apply drafts an application, uploads its images and submits it.
func (c *Client) Apply(ctx context.Context, merchantID string, form Form) (Application, error) {
	var a Application
	if err := c.Post(ctx, "/v1/merchants/"+escape(merchantID)+"/applications", form, &a); err != nil {
		return a, err
	}
	return c.Complete(ctx, a.ID, form)
}

// Complete uploads the images of a drafted application and submits it. It may be repeated.
func (c *Client) Complete(ctx context.Context, applicationID string, form Form) (a Application, err error) {
	a.ID = applicationID
	for _, purpose := range form.Images() {
		image, err := picture(purpose)
		if err != nil {
			return a, err
		}
		_, err = c.Do(ctx, Request{Method: http.MethodPut,
			Path: "/v1/applications/" + escape(a.ID) + "/images/" + purpose, Raw: image, ContentType: "image/png"}, nil)
		if err != nil {
			return a, err
		}
	}
	err = c.Post(ctx, "/v1/applications/"+escape(a.ID)+"/submit", nil, &a)
	return a, err
}

// Decide plays Alipay's reviewers: it waits until the application has arrived at the desk, and approves it or rejects
// it for the reason.
func (c *Client) Decide(ctx context.Context, applicationID string, approve bool, reason string) error {
	application, err := id.Parse[id.Application](applicationID)
	if err != nil {
		return fmt.Errorf("read the application's id: %w", err)
	}
	var order string
	err = c.Until(ctx, "the application at the desk", func(ctx context.Context) (bool, error) {
		var list struct {
			Applications []struct {
				OrderID string `json:"order_id"`
				Status  string `json:"status"`
			} `json:"applications"`
		}
		if err := c.AtDesk(ctx, http.MethodGet, "/applications?external_id="+application.Hex(), nil,
			&list); err != nil {
			return false, err
		}
		if len(list.Applications) == 0 {
			return false, nil
		}
		order = list.Applications[0].OrderID
		return true, nil
	})
	if err != nil {
		return err
	}
	if approve {
		return c.AtDesk(ctx, http.MethodPost, "/applications/"+order+"/approve", map[string]any{}, nil)
	}
	return c.AtDesk(ctx, http.MethodPost, "/applications/"+order+"/reject", map[string]any{"reason": reason}, nil)
}

// WaitApplication waits until the application has one of the statuses.
func (c *Client) WaitApplication(ctx context.Context, applicationID string, statuses ...string) (a Application,
	err error) {
	err = c.Until(ctx, fmt.Sprintf("application %s to be %v", applicationID, statuses),
		func(ctx context.Context) (bool, error) {
			if err := c.Get(ctx, "/v1/applications/"+escape(applicationID), &a); err != nil {
				return false, err
			}
			return contains(statuses, a.Status), nil
		})
	return a, err
}

// Onboard admits a merchant, applies for it and approves the application: afterwards it can receive payments.
func (c *Client) Onboard(ctx context.Context, kind string, form Form, receiver *Receiver) (Merchant, error) {
	m, err := c.CreateMerchant(ctx, kind, form.Name, receiver)
	if err != nil {
		return m, err
	}
	a, err := c.Apply(ctx, m.ID, form)
	if err != nil {
		return m, err
	}
	if err := c.Decide(ctx, a.ID, true, ""); err != nil {
		return m, err
	}
	if _, err := c.WaitApplication(ctx, a.ID, "approved"); err != nil {
		return m, err
	}
	return m, c.Get(ctx, "/v1/merchants/"+escape(m.ID), &m)
}

// CreateSplitRule publishes a rule.
func (c *Client) CreateSplitRule(ctx context.Context, name string, parts ...Part) (r SplitRule, err error) {
	if parts == nil {
		parts = []Part{}
	}
	return r, c.Post(ctx, "/v1/split_rules", map[string]any{"name": name, "parts": parts}, &r)
}

// CreateProduct offers a product whose supplier is also the merchant of record.
func (c *Client) CreateProduct(ctx context.Context, name string, priceFen int64, supplierID, ruleID string) (p Product,
	err error) {
	return p, c.Post(ctx, "/v1/products",
		map[string]any{"name": name, "price_fen": priceFen, "supplier_id": supplierID,
			"merchant_of_record_id": supplierID,
			"split_rule_id":         ruleID}, &p)
}

// ImportCardKeys puts keys into stock and tells how many were new.
func (c *Client) ImportCardKeys(ctx context.Context, productID string, keys []string) (accepted int, err error) {
	var out struct {
		Accepted int `json:"accepted"`
	}
	err = c.Post(ctx, "/v1/products/"+escape(productID)+"/card_keys", map[string]any{"card_keys": keys}, &out)
	return out.Accepted, err
}

// CreateOrder orders a quantity of one product.
func (c *Client) CreateOrder(ctx context.Context, productID string, quantity int, idempotencyKey string) (o Order,
	replayed bool, err error) {
	replayed, err = c.Do(ctx, Request{Method: http.MethodPost, Path: "/v1/orders", IdempotencyKey: idempotencyKey,
		Body: map[string]any{"items": []map[string]any{{"product_id": productID, "quantity": quantity}}}}, &o)
	return o, replayed, err
}

// GetOrder reads an order.
func (c *Client) GetOrder(ctx context.Context, orderID string) (o Order, err error) {
	return o, c.Get(ctx, "/v1/orders/"+escape(orderID), &o)
}

// WaitOrder waits until the order has one of the statuses.
func (c *Client) WaitOrder(ctx context.Context, orderID string, statuses ...string) (o Order, err error) {
	err = c.Until(ctx, fmt.Sprintf("order %s to be %v", orderID, statuses), func(ctx context.Context) (bool, error) {
		if o, err = c.GetOrder(ctx, orderID); err != nil {
			return false, err
		}
		return contains(statuses, o.Status), nil
	})
	return o, err
}

// Pay pays an order at the cashier, as a buyer who scans its code or follows its link does.
func (c *Client) Pay(ctx context.Context, o Order) error {
	if o.Payment.PayURL == "" {
		return errors.New("the order has no payment address")
	}
	if o.Payment.Channel == "page" {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Payment.PayURL, http.NoBody)
		if err != nil {
			return fmt.Errorf("read the payment address: %w", err)
		}
		if _, err := c.send(req, nil); err != nil {
			return fmt.Errorf("open the cashier: %w", err)
		}
	}
	return c.AtDesk(ctx, http.MethodPost, "/trades/"+escape(o.Payment.OutTradeNo)+"/pay", map[string]any{}, nil)
}

// CardKeys reveals an order's card keys.
func (c *Client) CardKeys(ctx context.Context, orderID string) ([]string, error) {
	var out struct {
		CardKeys []struct {
			CardKey string `json:"card_key"`
			Status  string `json:"status"`
		} `json:"card_keys"`
	}
	if err := c.Get(ctx, "/v1/orders/"+escape(orderID)+"/card_keys", &out); err != nil {
		return nil, err
	}
	var keys []string
	for _, k := range out.CardKeys {
		keys = append(keys, k.CardKey)
	}
	return keys, nil
}

// WaitSplit waits until the order's money is settled and, if its rule has parts, split.
func (c *Client) WaitSplit(ctx context.Context, orderID string) (s Split, err error) {
	err = c.Until(ctx, "the split of order "+orderID, func(ctx context.Context) (bool, error) {
		s = Split{}
		err := c.Get(ctx, "/v1/orders/"+escape(orderID)+"/split", &s)
		if CodeOf(err) == "split_not_found" {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if s.Settlement.Status == "refused" || s.Status == "refused" {
			return false, fmt.Errorf("refused: %s%s", s.Settlement.Reason, s.Reason)
		}
		return s.Settlement.Status == "done" && (s.Status == "completed" || s.Status == ""), nil
	})
	return s, err
}

// Postings reads an order's movements in the book.
func (c *Client) Postings(ctx context.Context, orderID string) ([]Posting, error) {
	var out struct {
		Data []Posting `json:"data"`
	}
	return out.Data, c.Get(ctx, "/v1/orders/"+escape(orderID)+"/postings", &out)
}

// Refund gives a buyer the money back and waits for the outcome.
func (c *Client) Refund(ctx context.Context, orderID, idempotencyKey string) (r Refund, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPost, Path: "/v1/orders/" + escape(orderID) + "/refunds",
		Body:           map[string]any{"reason": "demo"},
		IdempotencyKey: idempotencyKey}, &r)
	if err != nil {
		return r, err
	}
	err = c.Until(ctx, "refund "+r.ID, func(ctx context.Context) (bool, error) {
		return r.Status != "pending", c.Get(ctx, "/v1/refunds/"+escape(r.ID), &r)
	})
	return r, err
}

// Events reads the newest events of a type, "" for all.
func (c *Client) Events(ctx context.Context, eventType string) ([]Event, error) {
	q := url.Values{"limit": {"100"}}
	if eventType != "" {
		q.Set("type", eventType)
	}
	var out struct {
		Data []Event `json:"data"`
	}
	return out.Data, c.Get(ctx, "/v1/events?"+q.Encode(), &out)
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// Invite invites somebody to a role and returns the link.
func (c *Client) Invite(ctx context.Context, email, role string) (address string, err error) {
	var out struct {
		URL string `json:"url"`
	}
	err = c.Post(ctx, "/v1/invitations", map[string]any{"email": email, "role": role}, &out)
	return out.URL, err
}
