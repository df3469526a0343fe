package merchants

import (
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
)

// branch is one row of the bank directory. Alipay's answer is a JSON text whose inner shape is not documented; ours has
// these members.
type branch struct {
	BankCode string `json:"bank_code"` // 联行号, 12 digits
	InstID   string `json:"inst_id"`
	InstName string `json:"inst_name"`
	Branch   string `json:"branch_name"`
	Province string `json:"province"`
	City     string `json:"city"`
}

// branches are a few rows of the public directory, enough to fill in a form.
func branches() []branch {
	return []branch{
		{"102331000010", "ICBC", "中国工商银行", "中国工商银行股份有限公司杭州分行", "浙江省", "杭州市"},
		{"103331000015", "ABC", "中国农业银行", "中国农业银行股份有限公司杭州分行", "浙江省", "杭州市"},
		{"104331000011", "BOC", "中国银行", "中国银行股份有限公司杭州分行", "浙江省", "杭州市"},
		{"105331000012", "CCB", "中国建设银行", "中国建设银行股份有限公司杭州分行", "浙江省", "杭州市"},
		{"308331012001", "CMB", "招商银行", "招商银行股份有限公司杭州分行", "浙江省", "杭州市"},
		{"308331012036", "CMB", "招商银行", "招商银行股份有限公司杭州西湖支行", "浙江省", "杭州市"},
		{"308290003011", "CMB", "招商银行", "招商银行股份有限公司上海分行", "上海市", "上海市"},
		{"102290000010", "ICBC", "中国工商银行", "中国工商银行股份有限公司上海市分行", "上海市", "上海市"},
		{"105100000017", "CCB", "中国建设银行", "中国建设银行股份有限公司北京分行", "北京市", "北京市"},
		{"308584000013", "CMB", "招商银行", "招商银行股份有限公司深圳分行", "广东省", "深圳市"},
	}
}

// branchMethods find the branch of a bank card.
func branchMethods() []gateway.Method {
	return []gateway.Method{{Name: "alipay.financialnet.auth.pbcname.query", Handle: queryBranches,
		Fields: []protocol.Field{
			{Name: "inst_id", Max: 32}, {Name: "inst_name", Max: 128}, {Name: "branch_name", Max: 256},
			{Name: "bank_code", Max: 32}, {Name: "city", Max: 64},
			{Name: "provice", Max: 64}, {Name: "exact", Kind: protocol.KindBool}}}} // "provice" is Alipay's spelling
}

// queryBranches is alipay.financialnet.auth.pbcname.query.
func queryBranches(c *gateway.Call) (any, error) {
	fits := func(have, want string) bool {
		return want == "" || have == want || (!c.Biz.Is("exact") && strings.Contains(have, want))
	}
	out := []branch{}
	for _, b := range branches() {
		if fits(b.InstID, c.Biz.Str("inst_id")) && fits(b.InstName, c.Biz.Str("inst_name")) &&
			fits(b.Branch, c.Biz.Str("branch_name")) &&
			fits(b.BankCode, c.Biz.Str("bank_code")) && fits(b.City, c.Biz.Str("city")) &&
			fits(b.Province, c.Biz.Str("provice")) {
			out = append(out, b)
		}
	}
	return map[string]string{"pbc_query_result": string(protocol.EncodeJSON(out))}, nil
}
