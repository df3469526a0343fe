package simulator

import (
	"fmt"
	"slices"
)

// RiskReport is what a platform told Alipay about a risky trade (alipay.security.risk.customerrisk.send).
type RiskReport struct {
	At      int64  `json:"at_ms"`
	PID     string `json:"pid"`
	AppID   string `json:"app_id"`
	TradeNo string `json:"trade_no,omitempty"`
	Code    string `json:"process_code,omitempty"`
	SMID    string `json:"smid,omitempty"`
	Details object `json:"details"`
}

const bucketRisk = "risk_reports"

// riskMethods report outcomes of risk to Alipay and ask about customers.
func riskMethods() []method {
	signed := []string{ProductRisk}
	who := []field{{Name: "pid", Max: 32}, {Name: "smid", Max: 32}, {Name: "external_id", Max: 64}, {Name: "mobile", Max: 32}, {Name: "cert_no", Max: 64}, {Name: "business_license_no", Max: 64},
		{Name: "bank_card_no", Max: 64}, {Name: "plat_account", Max: 64}, {Name: "merch_name", Max: 128}, {Name: "email_address", Max: 128}, {Name: "order_ip", Max: 64}, {Name: "mobile_ip", Max: 64}}
	return []method{
		{Name: "alipay.security.risk.customerrisk.send", Products: signed, Handle: sendRisk,
			Fields: append([]field{{Name: "trade_no", Required: true, Max: 64}, {Name: "process_code", Required: true, Max: 32}}, who...)},
		{Name: "alipay.security.risk.customerrisk.query", Products: signed, Handle: queryRisk, Fields: append([]field{{Name: "risk_type", Max: 64}, {Name: "bank_account", Max: 64},
			{Name: "license_no", Max: 64}, {Name: "user_id", Max: 32}, {Name: "merchant_no", Max: 64},
			{Name: "mobile_no", Max: 32}, {Name: "company_name", Max: 128}, {Name: "open_id", Max: 128}}, who...)},
	}
}

// sendRisk takes a platform's word on what it did about a risky trade. One measure a call.
func sendRisk(c *call) (any, error) {
	code := c.biz.str("process_code")
	if !slices.Contains([]string{"01", "02", "03", "04", "05", "06", "07", "08", "99"}, code) {
		return nil, c.method.refuseField(&fieldError{"process_code", "取值错误"})
	}
	return nil, c.update(func(tx *tx) error {
		t, err := tradeByNo(tx, c.pid, c.biz.str("trade_no"))
		if err != nil {
			return err
		}
		if t == nil {
			return c.method.refuseField(&fieldError{"trade_no", "交易不存在"})
		}
		if smid := c.biz.str("smid"); smid != "" && smid != t.SMID {
			return c.method.refuseField(&fieldError{"smid", "与交易的二级商户不一致"})
		}
		n, err := tx.nextID(bucketRisk)
		if err != nil {
			return err
		}
		return putRaw(tx, bucketRisk, num(n), RiskReport{ms(tx.now), c.pid, c.app.AppID, t.TradeNo(), code, t.SMID, c.biz})
	})
}

// queryRisk answers rank0 (no risk known) … rank3. Which number has which risk is the simulator's: a subject whose last digit is 9 has the highest.
func queryRisk(c *call) (any, error) {
	if !slices.ContainsFunc([]string{"smid", "cert_no", "mobile", "mobile_no", "business_license_no", "bank_card_no", "user_id", "open_id", "company_name", "license_no", "bank_account"}, c.biz.has) {
		return nil, c.method.refuseField(&fieldError{"smid,cert_no,mobile,business_license_no,bank_card_no", "不能同时为空"})
	}
	level := 0
	err := c.view(func(tx *tx) error {
		for _, name := range []string{"cert_no", "mobile", "mobile_no", "business_license_no", "bank_card_no", "license_no", "bank_account"} {
			if v := c.biz.str(name); v != "" && v[len(v)-1] == '9' {
				level = 3
			}
		}
		smid := c.biz.str("smid")
		if smid == "" {
			return nil
		}
		m, err := getMerchant(tx, smid)
		if err != nil {
			return err
		}
		if m == nil || m.PID != c.pid {
			return c.method.refuseField(&fieldError{"smid", "不存在"})
		}
		if m.Status == merchantPunished || m.AccountFrozen {
			level = 3
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"risk_result": fmt.Sprintf(`{"riskLevel":"rank%d"}`, level), "risk_type": c.biz.str("risk_type")}, nil
}
