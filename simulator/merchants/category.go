package merchants

import (
	_ "embed"
	"strings"
	"sync"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
)

// mccTable is the table of categories: level 1, its name, level 2, its name, "special" where qualifications and manual
// review are needed.
//
//go:embed mcc.tsv
var mccTable string

// category is one row of the table of merchant categories (MCC).
type category struct {
	Level1, Name1, Level2, Name2 string
	Special                      bool
}

// categories is the table by its level-2 code, which is what applications send. Read it through one value: parsing
// happens once.
var categories = sync.OnceValue(func() map[string]category {
	out := map[string]category{}
	for line := range strings.Lines(mccTable) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		c := category{Level1: cells[0], Name1: cells[1], Level2: cells[2], Name2: cells[3], Special: len(cells) > 4}
		out[c.Level2] = c
	}
	return out
})

// requirements is the text that tells which documents a category needs.
func (c category) requirements() string {
	if !c.Special {
		return "营业执照或身份证"
	}
	return "特殊行业：需提供营业执照、法人身份证正反面照片及「" + c.Name2 + "」行业资质照片（industry_qualification），并经人工审核"
}

type mccInfo struct {
	Level1       string `json:"mcc_level_1"`
	Name1        string `json:"mcc_level_1_name"`
	Level2       string `json:"mcc_level_2"`
	Name2        string `json:"mcc_level_2_name"`
	Special      bool   `json:"is_special"`
	Qualified    bool   `json:"special_qual_required"`
	Requirements string `json:"mcc_requirements"`
}

// queryMCC is ant.merchant.expand.mcc.query. Codes that do not exist are left out of the answer.
func queryMCC(c *gateway.Call) (any, error) {
	list := c.Biz.Str("mcc_code_list")
	if list == "" {
		return nil, protocol.Refuse("MER_ARGUMENT_NULL", "参数mcc_code_list不能为空")
	}
	out := []mccInfo{}
	for code := range strings.SplitSeq(list, ",") {
		if row, ok := categories()[strings.TrimSpace(code)]; ok {
			out = append(out,
				mccInfo{row.Level1, row.Name1, row.Level2, row.Name2, row.Special, row.Special, row.requirements()})
		}
	}
	return struct {
		List []mccInfo `json:"mcc_info_list"`
	}{out}, nil
}
