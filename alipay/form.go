package alipay

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Errors of inbound messages; test with errors.Is. None of them is answered with "success".
var (
	ErrMalformed  = errors.New("alipay: malformed message")
	ErrSignature  = errors.New("alipay: message signature")
	ErrForeignApp = errors.New("alipay: message for another application")
)

const (
	maxInbound       = 128 << 10 // bytes of a body; the documented fields add up to a tenth
	maxInboundFields = 128
)

// parseForm reads a POST body and nothing else: a query string is never looked at. Each name occurs once; a repeated
// one is refused, because two readers could take different values. Values are the percent-decoded bytes in the
// message's own charset.
func parseForm(body []byte) (map[string]string, error) {
	if len(body) == 0 || len(body) > maxInbound {
		return nil, fmt.Errorf("%w: a body of %d bytes", ErrMalformed, len(body))
	}
	form := map[string]string{}
	for pair := range strings.SplitSeq(string(body), "&") {
		rawName, rawValue, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%w: a field without a value", ErrMalformed)
		}
		name, err := url.QueryUnescape(rawName)
		if err != nil || !isFieldName(name) {
			return nil, fmt.Errorf("%w: a field name", ErrMalformed)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, fmt.Errorf("%w: the encoding of %s", ErrMalformed, name)
		}
		if _, twice := form[name]; twice {
			return nil, fmt.Errorf("%w: %s occurs twice", ErrMalformed, name)
		}
		if form[name] = value; len(form) > maxInboundFields {
			return nil, fmt.Errorf("%w: too many fields", ErrMalformed)
		}
	}
	return form, nil
}

func isFieldName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// signedNames are the fields of Alipay's notifications and messages (Alipay documentation: 异步通知, 消息服务).
func signedNames() []string {
	return []string{
		"alipay_cert_sn", "app_id", "auth_app_id", "biz_content", "biz_settle_mode", "body", "buyer_id",
		"buyer_logon_id", "buyer_open_id", "buyer_pay_amount", "charset", "encrypt_type", "fund_bill_list",
		"gmt_close", "gmt_create", "gmt_payment", "gmt_refund", "invoice_amount", "msg_app_id", "msg_method",
		"msg_type", "msg_uid", "notify_id", "notify_time", "notify_type", "out_biz_no", "out_trade_no",
		"passback_params", "point_amount", "receipt_amount", "refund_fee", "seller_email", "seller_id",
		"send_back_fee", "sign", "sign_type", "subject", "total_amount", "trade_no", "trade_status",
		"utc_timestamp", "version", "voucher_detail_list",
	}
}

// uncut refuses a verified form that has a field inside the value of another. Alipay joins names and values by & and =
// and escapes neither, so one signed text can be cut into fields in more than one way: the subject
// "x&total_amount=100.00&…" of a trade of one fen, say, into another subject and another amount. Whoever cuts anew must
// hide the fields that were there before inside a value, and is found by them.
func uncut(form map[string]string) error {
	names := slices.AppendSeq(signedNames(), maps.Keys(form))
	for name, value := range form {
		if inner := heldField(value, names); inner != "" {
			return fmt.Errorf("%w: %s holds the field %s", ErrMalformed, name, inner)
		}
	}
	return nil
}

// heldField is the first of the names that stands in value as &name=, "" when none does.
func heldField(value string, names []string) string {
	_, rest, found := strings.Cut(value, "&")
	for found {
		var piece string
		piece, rest, found = strings.Cut(rest, "&")
		if inner, _, assigned := strings.Cut(piece, "="); assigned && slices.Contains(names, inner) {
			return inner
		}
	}
	return ""
}

// verifyForm checks the signature by the rule of trade notifications (V1: all fields but sign and sign_type) and, when
// bothRules is set, by the rule of service notifications (V2: all fields but sign). The algorithm is RSA2 whatever the
// message says; a message that says otherwise is refused.
func (c *Client) verifyForm(form map[string]string, bothRules bool) error {
	switch {
	case form["sign_type"] != "RSA2":
		return fmt.Errorf("%w: sign_type is not RSA2", ErrSignature)
	case form["sign"] == "":
		return fmt.Errorf("%w: it is missing", ErrSignature)
	}
	key := c.public
	dropped := []string{"sign", "sign_type"}
	if c.certs != nil {
		if sn := form["alipay_cert_sn"]; sn != "" && sn != c.certs.alipaySN {
			known, ok := c.downloaded.Load(sn)
			if !ok {
				return fmt.Errorf("%w: an unknown certificate", ErrSignature)
			}
			key = publicKey(known)
		}
		dropped = append(dropped, "alipay_cert_sn")
	}
	err := verifyRSA2(key, []byte(signedText(form, dropped...)), form["sign"])
	if err != nil && bothRules {
		err = verifyRSA2(key, []byte(signedText(form, "sign")), form["sign"])
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// signedText joins the non-empty fields in the order of their names; Alipay's official SDKs drop empty ones too.
func signedText(form map[string]string, dropped ...string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if form[name] == "" || slices.Contains(dropped, name) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=" + form[name])
	}
	return b.String()
}

// toUTF8 converts a verified form's values from its charset; without one that is known, what is not UTF-8 is taken as
// GBK. The signature covers the bytes as sent, so this comes after it. A value that is no text in its charset becomes
// one with U+FFFD, and is named: what that means is the caller's decision.
func toUTF8(form map[string]string) (broken []string) {
	charset := strings.ToUpper(form["charset"])
	gbk := slices.Contains([]string{"GBK", "GB2312", "GB18030"}, charset)
	known := gbk || charset == "UTF-8" || charset == "UTF8"
	for name, value := range form {
		valid := utf8.ValidString(value)
		if gbk || !known && !valid {
			text, err := simplifiedchinese.GB18030.NewDecoder().String(value)
			value, valid = text, err == nil && !strings.ContainsRune(text, utf8.RuneError)
		}
		if !valid {
			broken = append(broken, name)
		}
		form[name] = strings.ToValidUTF8(value, string(utf8.RuneError))
	}
	return broken
}
