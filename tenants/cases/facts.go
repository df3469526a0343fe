package cases

import (
	"encoding/json"
	"fmt"

	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// Facts are what a case's detail says, without a sentence: a page says it in its reader's language. What a cause does
// not have is zero. They are kept as JSON with the names that the API has.
type Facts struct {
	Cause vocabulary.CaseCause `json:"cause"`

	Expected *money.Fen `json:"expected_fen,omitempty"` // what was asked for, or what the book has
	Found    *money.Fen `json:"found_fen,omitempty"`    // what Alipay says
	Returned *money.Fen `json:"returned_fen,omitempty"` // what went back of it

	TradeNo string `json:"trade_no,omitempty"` // Alipay's number
	Number  string `json:"number,omitempty"`   // the number of the request that Alipay names
	State   string `json:"state,omitempty"`    // as Alipay or the book calls it
	Field   string `json:"field,omitempty"`    // in what they differ
	Subject string `json:"subject_id,omitempty"`
	Other   string `json:"other_id,omitempty"` // the merchant that has the number already
	Smid    string `json:"smid,omitempty"`     // the number
	Said    string `json:"said,omitempty"`     // in the words of Alipay, or of who was called
}

// saidMax bounds each text of facts: bytes.
const saidMax = 300

// Fen is an amount among facts.
func Fen(v money.Fen) *money.Fen { return &v }

// text is how facts are kept; no cause has none.
func (f Facts) text() ([]byte, error) {
	if f.Cause == "" {
		return []byte("{}"), nil
	}
	for _, s := range []*string{&f.TradeNo, &f.Number, &f.State, &f.Field, &f.Subject, &f.Other, &f.Smid, &f.Said} {
		*s = clip(*s, saidMax)
	}
	out, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the facts of a case: %w", err)
	}
	return out, nil
}

// factsOf reads what text has written; nil: a case of before, which has none.
func factsOf(raw []byte) (*Facts, error) {
	var f Facts
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("read the facts of a case: %w", err)
	}
	if f.Cause == "" {
		return nil, nil //nolint:nilnil // there are none
	}
	return &f, nil
}
