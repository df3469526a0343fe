// Package people answers who somebody is and what is known of them: identity checks and risk.
package people

import (
	"fmt"
	"slices"
	"time"

	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// certifyLife is how long a certify_id works.
const certifyLife = 23 * time.Hour

// Certify is one real-name verification of a person (alipay.user.certify.open.*).
type Certify struct {
	ID     string `json:"certify_id"`
	Outer  string `json:"outer_order_no"`
	AppID  string `json:"app_id"`
	PID    string `json:"pid"`
	Biz    string `json:"biz_code"`
	Name   string `json:"cert_name"`
	No     string `json:"cert_no"`
	Return string `json:"return_url,omitempty"`
	At     int64  `json:"at_ms"`
	Opened bool   `json:"opened,omitempty"` // the page was asked for
	Passed string `json:"passed,omitempty"` // T, F; empty: not done
	Reason string `json:"fail_reason,omitempty"`
}

const (
	BucketCertify     = "certify"
	bucketCertifyKeys = "certify_keys" // pid|outer_order_no → certify_id
)

// Methods are the methods that ask who somebody is and what is known of them.
func Methods() []gateway.Method { return append(certifyMethods(), riskMethods()...) }

func certifyMethods() []gateway.Method {
	signed := []string{state.ProductCertify}
	id := []protocol.Field{{Name: "certify_id", Max: 64}}
	return []gateway.Method{
		{Name: "alipay.user.certify.open.initialize", Products: signed, Handle: startCertify, Fields: []protocol.Field{
			{Name: "outer_order_no", Max: 64}, {Name: "biz_code", Max: 64},
			{Name: "identity_param", Kind: protocol.KindAny}, {Name: "merchant_config", Kind: protocol.KindAny},
			{Name: "face_contrast_picture"}}},
		{Name: "alipay.user.certify.open.certify", Products: signed, Page: true, Fields: id, Handle: openCertify},
		{Name: "alipay.user.certify.open.query", Products: signed, Fields: id, Handle: queryCertify},
	}
}

// inner reads a member that may come as an object or as JSON text: clients do both.
func inner(o protocol.Object, name string) protocol.Object {
	if v, ok := o[name].(protocol.Object); ok {
		return v
	}
	v, err := protocol.ParseObject([]byte(o.Str(name)))
	if err != nil {
		return protocol.Object{}
	}
	return v
}

// startCertify is alipay.user.certify.open.initialize. The same outer_order_no again gives the same certify_id.
func startCertify(c *gateway.Call) (any, error) {
	bad := func(path string) error {
		return protocol.Refuse("ILLEGAL_ARGUMENT_FORMAT", "参数格式不正确："+path)
	}
	who, cfg := inner(c.Biz, "identity_param"), inner(c.Biz, "merchant_config")
	outer := c.Biz.Str("outer_order_no")
	switch {
	case outer == "" || len(outer) > 32:
		return nil, bad("outer_order_no")
	case !slices.Contains([]string{"FACE", "CERT_PHOTO", "CERT_PHOTO_FACE", "SMART_FACE"}, c.Biz.Str("biz_code")):
		return nil, bad("biz_code")
	case who.Str("identity_type") != "CERT_INFO" && who.Str("identity_type") != "AGENT_CERT_INFO":
		return nil, bad("identity_param.identity_type")
	case !slices.Contains([]string{"IDENTITY_CARD", "HOME_VISIT_PERMIT_HK_MC", "HOME_VISIT_PERMIT_TAIWAN",
		"RESIDENCE_PERMIT_HK_MC", "RESIDENCE_PERMIT_TAIWAN", "PERMANENT_RESIDENCE_FOREIGNER"}, who.Str("cert_type")):
		return nil, bad("identity_param.cert_type")
	case who.Str("cert_name") == "":
		return nil, bad("identity_param.cert_name")
	case who.Str("cert_no") == "" ||
		(who.Str("cert_type") == "IDENTITY_CARD" && !merchants.ValidIDCard(who.Str("cert_no"))):
		return nil, bad("identity_param.cert_no")
	}
	v := &Certify{Outer: outer, AppID: c.App.AppID, PID: c.PID, Biz: c.Biz.Str("biz_code"), Name: who.Str("cert_name"),
		No: who.Str("cert_no"), Return: cfg.Str("return_url"), At: protocol.Millis(c.Now)}
	err := c.Update(func(tx *state.Tx) error {
		key := []byte(c.PID + "|" + outer)
		if id := tx.Bucket(bucketCertifyKeys).Get(key); id != nil {
			v.ID = string(id)
			return nil
		}
		n, err := tx.NextID(BucketCertify)
		if err != nil {
			return err
		}
		v.ID = fmt.Sprintf("OC%s%010d", tx.Now.In(protocol.BeijingZone()).Format("20060102150405"), n) +
			c.State.Keys.MAC(fmt.Sprint("certify", n))[:6]
		if err := tx.Bucket(bucketCertifyKeys).Put(key, []byte(v.ID)); err != nil {
			return fmt.Errorf("index a verification: %w", err)
		}
		return state.Put(tx, BucketCertify, v.ID, v)
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"certify_id": v.ID}, nil
}

// openCertify is alipay.user.certify.open.certify: the person's browser goes on to the page of the verification.
func openCertify(c *gateway.Call) (any, error) {
	err := c.Update(func(tx *state.Tx) error {
		v, err := certifyOf(tx, c)
		if err != nil {
			return err
		}
		v.Opened = true
		return state.Put(tx, BucketCertify, v.ID, v)
	})
	return "certify/" + c.Biz.Str("certify_id"), err
}

func certifyOf(tx *state.Tx, c *gateway.Call) (*Certify, error) {
	id := c.Biz.Str("certify_id")
	if id == "" {
		return nil, protocol.Refuse("ILLEGAL_ARGUMENT_FORMAT", "参数格式不正确：certify_id")
	}
	v, err := state.Get[Certify](tx, BucketCertify, id)
	switch {
	case err != nil:
		return nil, err
	case v == nil || v.PID != c.PID:
		return nil, protocol.Refuse("OPEN_CERTIFY_BILL_NOT_EXIST", "认证单据不存在")
	case protocol.Millis(tx.Now)-v.At > certifyLife.Milliseconds():
		return nil, protocol.Refuse("CERTIFY_ID_EXPIRED", "认证单据已过期")
	}
	return v, nil
}

// queryCertify is alipay.user.certify.open.query; an unfinished verification has not passed.
func queryCertify(c *gateway.Call) (any, error) {
	out := map[string]string{}
	err := c.View(func(tx *state.Tx) error {
		v, err := certifyOf(tx, c)
		if err != nil {
			return err
		}
		if !v.Opened {
			return protocol.Refuse("OPEN_CERTIFY_BILL_STATUS_ERROR", "认证单据状态异常")
		}
		out["passed"] = "F"
		if v.Passed == "T" {
			out["passed"] = "T"
			out["identity_info"] = string(protocol.EncodeJSON(map[string]string{"cert_name": v.Name, "cert_no": v.No}))
		}
		if v.Reason != "" {
			out["fail_reason"] = v.Reason
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EndCertify is what the person's camera says: the page's or the desk's decision. Names and numbers of known accounts
// must agree.
func EndCertify(tx *state.Tx, id string, pass bool, reason string) (*Certify, error) {
	v, err := state.Get[Certify](tx, BucketCertify, id)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, state.NotFound("certify")
	}
	v.Opened, v.Passed, v.Reason = true, "T", ""
	if !pass {
		if reason == "" {
			reason = "人脸比对不通过"
		}
		v.Passed, v.Reason = "F", reason
	}
	return v, state.Put(tx, BucketCertify, v.ID, v)
}
