package alipay

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"zhitong/internal/money"
)

// MessageMethod names a kind of app-gateway message.
type MessageMethod string

// The messages the product acts on. Others are parsed too and have no payload; acknowledge them.
const (
	MessageZftPassed        MessageMethod = "ant.merchant.expand.indirect.zft.passed"
	MessageZftRejected      MessageMethod = "ant.merchant.expand.indirect.zft.rejected"
	MessageOrderSettle      MessageMethod = "alipay.trade.order.settle.notify"
	MessageComplainChanged  MessageMethod = "alipay.merchant.tradecomplain.changed"
	MessageFundTransChanged MessageMethod = "alipay.fund.trans.order.changed"
	MessageDepositBack      MessageMethod = "alipay.trade.refund.depositback.completed"
	MessageAppAuth          MessageMethod = "open_app_auth_notify"
	MessageAppAuthCancelled MessageMethod = "alipay.open.auth.appauth.cancelled"
)

// Message is a verified message of the application gateway. Exactly the payload of its Method is set.
type Message struct {
	NotifyID  string        // constant over retries
	Method    MessageMethod // msg_method, or notify_type of service notifications
	AppID     string        // always the client's
	Type      string        // sys, usr, app
	UserID    string        // msg_uid
	MsgAppID  string        // the authorised application, for app messages
	Version   string        // 1.0 or 1.1
	SentAt    time.Time     // UTC
	Content   []byte        // biz_content, decrypted, UTF-8
	Form      map[string]string
	Passed    *ZftPassed
	Rejected  *ZftRejected
	Settle    *OrderSettleNotice
	Complain  *ComplainChanged
	FundTrans *FundTransChanged
	Deposit   *DepositBackNotice
	AppAuth   *AppAuthNotice
}

// ZftPassed: an application finished; the merchant has its smid. Ask IndirectZftorderQuery before trusting it.
type ZftPassed struct {
	OrderID     string `json:"order_id"`
	ExternalID  string `json:"external_id"`
	SMID        string `json:"smid"`
	CardAliasNo string `json:"card_alias_no"`
	Memo        string `json:"memo"`
}

// ZftRejected: an application was refused.
type ZftRejected struct {
	OrderID    string `json:"order_id"`
	ExternalID string `json:"external_id"`
	Reason     string `json:"reason"`
}

// OrderSettleNotice: an asynchronous split finished (ASYNC_SETTLE_RESULT), or frozen money was freed after 30 days
// (AUTO_SETTLE_FINISH).
type OrderSettleNotice struct {
	MsgType             string          `json:"msg_type"`
	TradeNo             string          `json:"trade_no"`
	SettleNo            string          `json:"settle_no"`
	OutRequestNo        string          `json:"out_request_no"`
	OperationTime       time.Time       `json:"operation_dt"`
	FinishTime          time.Time       `json:"operation_finish_dt"`
	RoyaltyFinishAmount money.Fen       `json:"royalty_finish_amount"`
	Details             []RoyaltyDetail `json:"royalty_detail_list"`
}

// ComplainChanged: a complaint is new or changed; ask MerchantTradecomplainQuery.
type ComplainChanged struct {
	ComplainEventID string `json:"complain_event_id"`
}

// FundTransChanged: a transfer changed its state.
type FundTransChanged struct {
	OrderID         string         `json:"order_id"`
	PayFundOrderID  string         `json:"pay_fund_order_id"`
	OutBizNo        string         `json:"out_biz_no"`
	ProductCode     string         `json:"product_code"`
	BizScene        string         `json:"biz_scene"`
	OriginInterface string         `json:"origin_interface"`
	TransAmount     money.Fen      `json:"trans_amount"`
	Status          TransferStatus `json:"status"`
	ActionType      string         `json:"action_type"`
	PayDate         time.Time      `json:"pay_date"`
	ErrorCode       string         `json:"error_code"`
	FailReason      string         `json:"fail_reason"`
	PassbackParams  string         `json:"passback_params"`
}

// DepositBackNotice: the bank answered a refund to a card: S done, F failed (the money goes to the buyer's balance).
type DepositBackNotice struct {
	TradeNo        string    `json:"trade_no"`
	OutTradeNo     string    `json:"out_trade_no"`
	OutRequestNo   string    `json:"out_request_no"`
	Status         string    `json:"dback_status"`
	Amount         money.Fen `json:"dback_amount"`
	BankAckTime    time.Time `json:"bank_ack_time"`
	EstReceiptTime time.Time `json:"est_bank_receipt_time"`
}

// AppAuthNotice: a merchant authorised our third-party application.
type AppAuthNotice struct {
	Detail AppAuthDetail `json:"detail"`
}

// AppAuthDetail holds the granted authorisation's code; the tokens are fetched with OpenAuthTokenApp and not taken from
// the message.
type AppAuthDetail struct {
	AppID       string `json:"app_id"`
	AuthAppID   string `json:"auth_app_id"`
	UserID      string `json:"user_id"`
	AppAuthCode string `json:"app_auth_code"`
	AuthTime    string `json:"auth_time"`
}

// ParseMessage reads and verifies a message of the application gateway from the raw POST body. Errors as of
// ParseTradeNotification. Both signature rules are accepted, because service notifications keep sign_type in the signed
// text; the algorithm is RSA2 either way.
func (c *Client) ParseMessage(body []byte) (*Message, error) {
	form, broken, err := c.openForm(body, true)
	if err != nil {
		return nil, err
	}
	if len(broken) > 0 {
		return nil, fmt.Errorf("%w: %s is not text", ErrMalformed, broken[0])
	}
	m := &Message{
		NotifyID: form["notify_id"], Method: MessageMethod(form["msg_method"]), AppID: form["app_id"],
		Type: form["msg_type"], UserID: form["msg_uid"],
		MsgAppID: form["msg_app_id"], Version: form["version"], Form: form,
	}
	if m.Method == "" {
		m.Method = MessageMethod(form["notify_type"])
	}
	if m.Method == "" || m.NotifyID == "" {
		return nil, fmt.Errorf("%w: msg_method or notify_id is missing", ErrMalformed)
	}
	if m.Method == tradeStatusSync { // acknowledged here, a payment would be forgotten
		return nil, fmt.Errorf("%w: a trade notification came to the address of messages", ErrMalformed)
	}
	if ms, err := strconv.ParseInt(form["utc_timestamp"], 10, 64); err == nil {
		m.SentAt = time.UnixMilli(ms).UTC()
	} else if t, ok := parseWireTime(form["notify_time"]); ok {
		m.SentAt = t.UTC()
	}
	if m.Content, err = c.messageContent(form); err != nil {
		return nil, err
	}
	if err := m.readPayload(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m, nil
}

func (c *Client) messageContent(form map[string]string) ([]byte, error) {
	content := []byte(form["biz_content"])
	if form["encrypt_type"] != "" {
		if form["encrypt_type"] != "AES" || c.content == nil {
			return nil, fmt.Errorf("%w: encrypted content without a content key", ErrMalformed)
		}
		var err error
		if content, err = c.content.decrypt(form["biz_content"]); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	if len(content) > 0 && !json.Valid(content) {
		return nil, fmt.Errorf("%w: biz_content is not JSON", ErrMalformed)
	}
	return content, nil
}

func (m *Message) readPayload() error {
	switch m.Method {
	case MessageZftPassed:
		m.Passed = &ZftPassed{}
		return readContent(m.Content, m.Passed, "order_id", "smid")
	case MessageZftRejected:
		m.Rejected = &ZftRejected{}
		return readContent(m.Content, m.Rejected, "order_id")
	case MessageOrderSettle:
		m.Settle = &OrderSettleNotice{}
		return readContent(m.Content, m.Settle, "trade_no")
	case MessageComplainChanged:
		m.Complain = &ComplainChanged{}
		return readContent(m.Content, m.Complain, "complain_event_id")
	case MessageFundTransChanged:
		m.FundTrans = &FundTransChanged{}
		return readContent(m.Content, m.FundTrans, "status")
	case MessageDepositBack:
		m.Deposit = &DepositBackNotice{}
		return readContent(m.Content, m.Deposit, "dback_status")
	case MessageAppAuth:
		m.AppAuth = &AppAuthNotice{}
		return readContent(m.Content, m.AppAuth)
	default: // says all by its name, or is not known
		return nil
	}
}

// readContent decodes a payload that must have the needed members.
func readContent(content []byte, out any, needed ...string) error {
	if err := decodeNode(content, out); err != nil {
		return err
	}
	var have map[string]json.RawMessage
	if err := json.Unmarshal(content, &have); err != nil {
		return fmt.Errorf("biz_content: %w", err)
	}
	for _, name := range needed {
		if v := string(have[name]); v == "" || v == `""` || v == "null" {
			return fmt.Errorf("biz_content: %s is missing", name)
		}
	}
	return nil
}
