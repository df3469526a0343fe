package simulator

import (
	"fmt"
	"slices"
	"time"
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
	bucketCertify     = "certify"
	bucketCertifyKeys = "certify_keys" // pid|outer_order_no → certify_id
)

func certifyMethods() []method {
	signed := []string{ProductCertify}
	id := []field{{Name: "certify_id", Max: 64}}
	return []method{
		{Name: "alipay.user.certify.open.initialize", Products: signed, Handle: startCertify, Fields: []field{
			{Name: "outer_order_no", Max: 64}, {Name: "biz_code", Max: 64}, {Name: "identity_param", Kind: kAny}, {Name: "merchant_config", Kind: kAny}, {Name: "face_contrast_picture"}}},
		{Name: "alipay.user.certify.open.certify", Products: signed, Page: true, Fields: id, Handle: openCertify},
		{Name: "alipay.user.certify.open.query", Products: signed, Fields: id, Handle: queryCertify},
	}
}

// inner reads a member that may come as an object or as JSON text: clients do both.
func inner(o object, name string) object {
	if v, ok := o[name].(object); ok {
		return v
	}
	v, err := parseObject([]byte(o.str(name)))
	if err != nil {
		return object{}
	}
	return v
}

// startCertify is alipay.user.certify.open.initialize. The same outer_order_no again gives the same certify_id.
func startCertify(c *call) (any, error) {
	bad := func(path string) error { return refuse("ILLEGAL_ARGUMENT_FORMAT", "参数格式不正确："+path) }
	who, cfg := inner(c.biz, "identity_param"), inner(c.biz, "merchant_config")
	outer := c.biz.str("outer_order_no")
	switch {
	case outer == "" || len(outer) > 32:
		return nil, bad("outer_order_no")
	case !slices.Contains([]string{"FACE", "CERT_PHOTO", "CERT_PHOTO_FACE", "SMART_FACE"}, c.biz.str("biz_code")):
		return nil, bad("biz_code")
	case who.str("identity_type") != "CERT_INFO" && who.str("identity_type") != "AGENT_CERT_INFO":
		return nil, bad("identity_param.identity_type")
	case !slices.Contains([]string{"IDENTITY_CARD", "HOME_VISIT_PERMIT_HK_MC", "HOME_VISIT_PERMIT_TAIWAN", "RESIDENCE_PERMIT_HK_MC", "RESIDENCE_PERMIT_TAIWAN", "PERMANENT_RESIDENCE_FOREIGNER"}, who.str("cert_type")):
		return nil, bad("identity_param.cert_type")
	case who.str("cert_name") == "":
		return nil, bad("identity_param.cert_name")
	case who.str("cert_no") == "" || (who.str("cert_type") == "IDENTITY_CARD" && !validIDCard(who.str("cert_no"))):
		return nil, bad("identity_param.cert_no")
	}
	v := &Certify{Outer: outer, AppID: c.app.AppID, PID: c.pid, Biz: c.biz.str("biz_code"), Name: who.str("cert_name"), No: who.str("cert_no"), Return: cfg.str("return_url"), At: ms(c.now)}
	err := c.update(func(tx *tx) error {
		key := []byte(c.pid + "|" + outer)
		if id := tx.bucket(bucketCertifyKeys).Get(key); id != nil {
			v.ID = string(id)
			return nil
		}
		n, err := tx.nextID(bucketCertify)
		if err != nil {
			return err
		}
		v.ID = fmt.Sprintf("OC%s%010d", tx.now.In(beijingZone()).Format("20060102150405"), n) + c.sim.keys.cashierMAC(fmt.Sprint("certify", n))[:6]
		if err := tx.bucket(bucketCertifyKeys).Put(key, []byte(v.ID)); err != nil {
			return fmt.Errorf("index a verification: %w", err)
		}
		return putDoc(tx, bucketCertify, v.ID, v)
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"certify_id": v.ID}, nil
}

// openCertify is alipay.user.certify.open.certify: the person's browser goes on to the page of the verification.
func openCertify(c *call) (any, error) {
	err := c.update(func(tx *tx) error {
		v, err := certifyOf(tx, c)
		if err != nil {
			return err
		}
		v.Opened = true
		return putDoc(tx, bucketCertify, v.ID, v)
	})
	return "certify/" + c.biz.str("certify_id"), err
}

func certifyOf(tx *tx, c *call) (*Certify, error) {
	id := c.biz.str("certify_id")
	if id == "" {
		return nil, refuse("ILLEGAL_ARGUMENT_FORMAT", "参数格式不正确：certify_id")
	}
	v, err := getDoc[Certify](tx, bucketCertify, id)
	switch {
	case err != nil:
		return nil, err
	case v == nil || v.PID != c.pid:
		return nil, refuse("OPEN_CERTIFY_BILL_NOT_EXIST", "认证单据不存在")
	case ms(tx.now)-v.At > certifyLife.Milliseconds():
		return nil, refuse("CERTIFY_ID_EXPIRED", "认证单据已过期")
	}
	return v, nil
}

// queryCertify is alipay.user.certify.open.query; an unfinished verification has not passed.
func queryCertify(c *call) (any, error) {
	out := map[string]string{}
	err := c.view(func(tx *tx) error {
		v, err := certifyOf(tx, c)
		if err != nil {
			return err
		}
		if !v.Opened {
			return refuse("OPEN_CERTIFY_BILL_STATUS_ERROR", "认证单据状态异常")
		}
		out["passed"] = "F"
		if v.Passed == "T" {
			out["passed"] = "T"
			out["identity_info"] = string(encodeJSON(map[string]string{"cert_name": v.Name, "cert_no": v.No}))
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

// endCertify is what the person's camera says: the page's or the desk's decision. Names and numbers of known accounts must agree.
func endCertify(tx *tx, id string, pass bool, reason string) (*Certify, error) {
	v, err := getDoc[Certify](tx, bucketCertify, id)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, notFound("certify")
	}
	v.Opened, v.Passed, v.Reason = true, "T", ""
	if !pass {
		if reason == "" {
			reason = "人脸比对不通过"
		}
		v.Passed, v.Reason = "F", reason
	}
	return v, putDoc(tx, bucketCertify, v.ID, v)
}
