// Package splits divides payments: rules say who gets how much, Compute turns a rule into fen, and Execute carries it
// out at Alipay, from the settlement of the money to the last part.
//
// Rules are versioned and checked against Alipay's cap when they are published, so that a rule that cannot be carried
// out is refused before anyone pays. Parts and what is kept always add up to the whole.
package splits

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// PartsMax is how many receivers one rule has (alipay.trade.order.settle, sync: at most five receivers a request).
const PartsMax = 5

// Receivers of a part.
const (
	ReceiverPlatform = vocabulary.ToPlatform // the tenant's own Alipay account
	ReceiverMerchant = vocabulary.ToMerchant // a merchant's receiver account
)

// Codes that this package returns.
const (
	CodeAboveCap        fault.Code = "split_rule_above_cap"
	CodeNameTaken       fault.Code = "split_rule_name_taken"
	CodeRuleInUse       fault.Code = "split_rule_in_use"
	CodeReceiverMissing fault.Code = "receiver_missing"
	CodeReceiverRefused fault.Code = "receiver_refused"
	CodeSplitNotFound   fault.Code = "split_not_found"
	CodeVersionNotFound fault.Code = "split_rule_version_not_found"
	CodeInProgress      fault.Code = "split_in_progress"
	CodeNotRefused      fault.Code = "split_not_refused"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeAboveCap, Status: http.StatusUnprocessableEntity, Title: "The split exceeds Alipay's cap",
			TitleZh: "分账超过支付宝上限",
			Meaning: "Alipay limits how much of a payment may be split away; `detail` has the limit. Lower the " +
				"rates, or make the other party the merchant of record.",
			MeaningZh: "支付宝限制一笔付款可分出的比例，上限见 `detail`。请降低比例，或让另一方作为收款商户。"},
		{Code: CodeNameTaken, Status: http.StatusConflict, Title: "The name belongs to another split rule",
			TitleZh: "规则名称已存在",
			Meaning: "Names of split rules are unique. Publish a new version of the existing rule, or choose " +
				"another name.",
			MeaningZh: "分账规则名称不可重复。请为已有规则发布新版本，或换一个名称。"},
		{Code: CodeRuleInUse, Status: http.StatusConflict, Title: "Products for sale use the split rule",
			TitleZh: "在售商品正在使用该分账规则",
			Meaning: "A split rule that products for sale use cannot be archived; `detail` names some. Give them " +
				"another rule or archive them first.",
			MeaningZh: "在售商品正在使用的分账规则不能归档，`detail` 列出部分商品。请先更换其规则或下架商品。"},
		{Code: CodeReceiverMissing, Status: http.StatusUnprocessableEntity, Title: "A merchant has no receiver account",
			TitleZh: "商户没有分账账号",
			Meaning: "A part goes to a merchant whose Alipay account for splits is not known. Set its receiver " +
				"first.",
			MeaningZh: "某分账项的商户尚无接收分账的支付宝账号，请先设置 receiver。"},
		{Code: CodeReceiverRefused, Status: http.StatusUnprocessableEntity, Title: "Alipay refuses a receiver",
			TitleZh: "支付宝不接受分账账号",
			Meaning: "Receivers are bound at Alipay before a rule that names them is published. This account does " +
				"not exist, is not certified, or is not of that name; `detail` has Alipay’s words. Correct the " +
				"merchant’s receiver.",
			MeaningZh: "发布规则前会先在支付宝绑定分账账号。该账号不存在、未认证或姓名不符，支付宝的原文见 `detail`。请更正商户的 receiver。"},
		{Code: CodeVersionNotFound, Status: http.StatusNotFound, Title: "No such version of a split rule",
			TitleZh:   "分账规则版本不存在",
			Meaning:   "The tenant has no version of a split rule with this id.",
			MeaningZh: "租户内没有此标识的分账规则版本。"},
		{Code: CodeSplitNotFound, Status: http.StatusNotFound, Title: "Not settled yet",
			TitleZh:   "尚未结算",
			Meaning:   "The order's payment has no settlement yet: it is unpaid, or was paid a moment ago.",
			MeaningZh: "订单尚无结算：未付款，或刚刚付款。"},
		{Code: CodeInProgress, Status: http.StatusConflict, Title: "The split is under way",
			TitleZh:   "分账进行中",
			Meaning:   "The payment is being settled or split at this moment. Repeat the request in a moment.",
			MeaningZh: "该付款正在结算或分账，请稍后重复请求。"},
		{Code: CodeNotRefused, Status: http.StatusConflict, Title: "The split is not refused",
			TitleZh: "分账未被拒绝",
			Meaning: "Only what Alipay has refused can be tried again. The settlement and split of this order are " +
				"done, under way (perhaps tried again already), or canceled by a refund.",
			MeaningZh: "只有被支付宝拒绝的才能重试。该订单的结算与分账已完成、进行中（可能已在重试），或因退款取消。"},
	}
}

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Vault    *vault.Vault // opens receivers' accounts
	Gateways *tenants.Gateways
	Clock    clock.Clock
	Log      *slog.Logger
	// Step, for tests of crashes, is called before and after each commit and gateway call of Execute; it may end the
	// program there.
	Step func(name string)
}

// Service carries the use cases of split rules and splits.
type Service struct {
	db       *db.DB
	vault    *vault.Vault
	gateways *tenants.Gateways
	clock    clock.Clock
	log      *slog.Logger
	step     func(name string)
}

// New makes the service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, gateways: c.Gateways, clock: c.Clock, log: c.Log, step: c.Step}
}

// Compute divides total, in fen, into one amount per share and what the merchant of record keeps. limit is Alipay's cap
// on the sum of the amounts; above it the result is split_rule_above_cap. Amounts may be 0; amounts and kept always add
// up to total.
func Compute(
	shares []money.Share,
	total money.Fen,
	limit money.BasisPoints,
) (amounts []money.Fen, kept money.Fen, err error) {
	amounts, kept, err = money.Split(total, shares)
	if errors.Is(err, money.ErrShares) {
		return nil, 0, aboveCap(limit).Because(err)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("split %d fen: %w", total, err)
	}
	most, err := total.Rate(limit)
	if err != nil {
		return nil, 0, fmt.Errorf("compute the cap of %d fen: %w", total, err)
	}
	if total-kept > most {
		return nil, 0, aboveCap(limit)
	}
	return amounts, kept, nil
}

// CheckCap tells whether total can be split by shares. It returns split_rule_above_cap.
func CheckCap(shares []money.Share, total money.Fen, limit money.BasisPoints) error {
	_, _, err := Compute(shares, total, limit)
	return err
}

func aboveCap(limit money.BasisPoints) *fault.Error {
	return fault.New(CodeAboveCap, "Alipay allows at most %s %% of a payment to be split away.", percent(limit))
}

// percent writes a rate as a percentage without needless zeros: 30, 12.5, 0.05.
func percent(r money.BasisPoints) string {
	s := fmt.Sprintf("%d.%02d", r/100, r%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// PartRule is who gets how much of a payment: a fixed amount, a rate, or both; the rated amount within floor and cap
// (0: no cap).
type PartRule struct {
	Receiver vocabulary.SplitReceiver
	Merchant id.Merchant // for ReceiverMerchant
	Rate     money.BasisPoints
	Fixed    money.Fen
	Floor    money.Fen
	Cap      money.Fen
}

func (p PartRule) share() money.Share {
	return money.Share{Fixed: p.Fixed, Rate: p.Rate, Floor: p.Floor, Cap: p.Cap}
}

func sharesOf(parts []PartRule) []money.Share {
	out := make([]money.Share, len(parts))
	for i, p := range parts {
		out[i] = p.share()
	}
	return out
}

func partFromRow(r dbsqlc.SplitRulePart) PartRule {
	return PartRule{
		Receiver: r.Receiver,
		Merchant: r.MerchantID,
		Rate:     r.RateBps,
		Fixed:    r.FixedFen,
		Floor:    r.FloorFen,
		Cap:      r.CapFen,
	}
}

// checkParts looks at a rule's parts by themselves. It returns invalid_request with every faulty field, or
// split_rule_above_cap when the rates exceed the whole.
func checkParts(parts []PartRule) error {
	f := fault.New(tenants.CodeInvalidRequest, "The parts of the split rule cannot be carried out.")
	if len(parts) > PartsMax {
		f = f.At("/parts", "too_many", fmt.Sprintf("May have at most %d parts.", PartsMax))
	}
	seen := map[id.Merchant]bool{}
	var sum money.BasisPoints
	for i, p := range parts {
		at := func(field, code, detail string) { f = f.At(fmt.Sprintf("/parts/%d/%s", i, field), code, detail) }
		switch {
		case p.Receiver != ReceiverPlatform && p.Receiver != ReceiverMerchant:
			at("receiver", "unknown", "Must be platform or merchant.")
		case p.Receiver == ReceiverMerchant && p.Merchant.IsZero():
			at("merchant_id", "required", "A merchant's part names the merchant.")
		case p.Receiver == ReceiverPlatform && !p.Merchant.IsZero():
			at("merchant_id", "not_allowed", "The platform's part names no merchant.")
		case seen[p.Merchant]:
			at("receiver", "duplicate", "A receiver has one part.")
		}
		seen[p.Merchant] = true
		checkAmounts(p, at)
		if p.Rate > 0 && p.Rate <= money.Whole {
			sum += p.Rate
		}
	}
	if len(f.Fields) > 0 {
		return f
	}
	if sum > money.Whole {
		return aboveCap(money.Whole)
	}
	return nil
}

func checkAmounts(p PartRule, at func(field, code, detail string)) {
	if p.Rate < 0 || p.Rate > money.Whole {
		at("rate_bps", "out_of_range", "Must be from 0 to 10000.")
	}
	for _, a := range []struct {
		field string
		v     money.Fen
	}{{"fixed_fen", p.Fixed}, {"floor_fen", p.Floor}, {"cap_fen", p.Cap}} {
		if a.v < 0 || a.v > money.Max {
			at(a.field, "out_of_range", fmt.Sprintf("Must be from 0 to %d fen.", money.Max))
		}
	}
	if p.Rate == 0 && p.Fixed == 0 && p.Floor == 0 {
		at("rate_bps", "required", "A part has a rate, a fixed amount or a floor.")
	}
	if p.Cap > 0 && p.Cap < p.Floor {
		at("cap_fen", "below_floor", "May not be below floor_fen.")
	}
}
