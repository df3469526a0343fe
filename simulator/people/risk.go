package people

import (
	"fmt"
	"slices"

	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// RiskReport is what a platform told Alipay about a risky trade (alipay.security.risk.customerrisk.send).
type RiskReport struct {
	At      int64           `json:"at_ms"`
	PID     string          `json:"pid"`
	AppID   string          `json:"app_id"`
	TradeNo string          `json:"trade_no,omitempty"`
	Code    string          `json:"process_code,omitempty"`
	SMID    string          `json:"smid,omitempty"`
	Details protocol.Object `json:"details"`
}

// BucketRisk: number → RiskReport.
const BucketRisk = "risk_reports"

// riskMethods report outcomes of risk to Alipay and ask about customers.
func riskMethods() []gateway.Method {
	signed := []string{state.ProductRisk}
	who := []protocol.Field{{Name: "pid", Max: 32}, {Name: "smid", Max: 32}, {Name: "external_id", Max: 64},
		{Name: "mobile", Max: 32}, {Name: "cert_no", Max: 64}, {Name: "business_license_no", Max: 64},
		{Name: "bank_card_no", Max: 64}, {Name: "plat_account", Max: 64}, {Name: "merch_name", Max: 128},
		{Name: "email_address", Max: 128}, {Name: "order_ip", Max: 64}, {Name: "mobile_ip", Max: 64}}
	return []gateway.Method{
		{Name: "alipay.security.risk.customerrisk.send", Products: signed, Handle: sendRisk,
			Fields: append([]protocol.Field{{Name: "trade_no", Required: true, Max: 64},
				{Name: "process_code", Required: true, Max: 32}}, who...)},
		{Name: "alipay.security.risk.customerrisk.query", Products: signed, Handle: queryRisk,
			Fields: append([]protocol.Field{{Name: "risk_type", Max: 64}, {Name: "bank_account", Max: 64},
				{Name: "license_no", Max: 64}, {Name: "user_id", Max: 32}, {Name: "merchant_no", Max: 64},
				{Name: "mobile_no", Max: 32}, {Name: "company_name", Max: 128}, {Name: "open_id", Max: 128}}, who...)},
	}
}

// sendRisk takes a platform's word on what it did about a risky trade. One measure a call.
func sendRisk(c *gateway.Call) (any, error) {
	code := c.Biz.Str("process_code")
	if !slices.Contains([]string{"01", "02", "03", "04", "05", "06", "07", "08", "99"}, code) {
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "process_code", Why: "取值错误"})
	}
	return nil, c.Update(func(tx *state.Tx) error {
		t, err := trades.ByNo(tx, c.PID, c.Biz.Str("trade_no"))
		if err != nil {
			return err
		}
		if t == nil {
			return c.Method.RefuseField(&protocol.FieldError{Path: "trade_no", Why: "交易不存在"})
		}
		if smid := c.Biz.Str("smid"); smid != "" && smid != t.SMID {
			return c.Method.RefuseField(&protocol.FieldError{Path: "smid", Why: "与交易的二级商户不一致"})
		}
		n, err := tx.NextID(BucketRisk)
		if err != nil {
			return err
		}
		return state.PutRaw(tx, BucketRisk, state.Key(n),
			RiskReport{protocol.Millis(tx.Now), c.PID, c.App.AppID, t.TradeNo(), code, t.SMID, c.Biz})
	})
}

// queryRisk answers rank0 (no risk known) … rank3. Which number has which risk is the simulator's: a subject whose last
// digit is 9 has the highest.
func queryRisk(c *gateway.Call) (any, error) {
	if !slices.ContainsFunc([]string{"smid", "cert_no", "mobile", "mobile_no", "business_license_no", "bank_card_no",
		"user_id", "open_id", "company_name", "license_no", "bank_account"}, c.Biz.Has) {
		return nil,
			c.Method.RefuseField(&protocol.FieldError{Path: "smid,cert_no,mobile,business_license_no,bank_card_no",
				Why: "不能同时为空"})
	}
	level := 0
	err := c.View(func(tx *state.Tx) error {
		for _, name := range []string{"cert_no", "mobile", "mobile_no", "business_license_no", "bank_card_no",
			"license_no", "bank_account"} {
			if v := c.Biz.Str(name); v != "" && v[len(v)-1] == '9' {
				level = 3
			}
		}
		smid := c.Biz.Str("smid")
		if smid == "" {
			return nil
		}
		m, err := merchants.Get(tx, smid)
		if err != nil {
			return err
		}
		if m == nil || m.PID != c.PID {
			return c.Method.RefuseField(&protocol.FieldError{Path: "smid", Why: "不存在"})
		}
		if m.Status == merchants.Punished || m.AccountFrozen {
			level = 3
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]string{"risk_result": fmt.Sprintf(`{"riskLevel":"rank%d"}`, level),
		"risk_type": c.Biz.Str("risk_type")}, nil
}
