package exports

// form is what a column has.
type form int

const (
	asText   form = iota
	asNumber      // a whole number
	asFen         // an amount: a column in yuan, and one in fen
	asTime        // a column in the platform's zone, and one as the API writes it
	asList        // several things in one cell
)

// column is one column of an export, two of the file for an amount or a time.
type column struct {
	path   string // of the property in a row of the list, with dots
	form   form
	zh, en string // the heading
}

// list is a list that can be exported.
type list struct {
	name      string // what it is asked for by
	operation string
	each      string // a property with several parts, of which each is a row of its own; empty: none
	columns   []column
}

// Lists are the names of the lists that can be exported.
func Lists() (all []string) {
	for _, l := range lists() {
		all = append(all, l.name)
	}
	return all
}

// Paths are the properties that each list operation is exported by.
func Paths() map[string][]string {
	all := map[string][]string{}
	for _, l := range lists() {
		for _, c := range l.columns {
			all[l.operation] = append(all[l.operation], c.path)
		}
	}
	return all
}

func listOf(name string) (list, bool) {
	for _, l := range lists() {
		if l.name == name {
			return l, true
		}
	}
	return list{}, false
}

// lists are what can be exported. No column has a card key, an address that leads to one, or a secret: a test holds
// that against the contract.
func lists() []list {
	return []list{
		{"orders", "listOrders", "", []column{
			{"id", asText, "订单号", "Order"},
			{"reference", asText, "外部单号", "Reference"},
			{"status", asText, "状态", "Status"},
			{"total_fen", asFen, "金额", "Total"},
			{"refunded_fen", asFen, "已退款", "Refunded"},
			{"items", asList, "商品", "Items"},
			{"merchant_of_record_id", asText, "收款商户编号", "Merchant of record"},
			{"merchant_of_record_name", asText, "收款商户", "Merchant of record, name"},
			{"buyer_contact", asText, "买家联系方式", "Buyer contact"},
			{"payment.out_trade_no", asText, "商户订单号", "out_trade_no"},
			{"payment.trade_no", asText, "支付宝交易号", "Trade"},
			{"metadata", asList, "附加数据", "Metadata"},
			{"created_at", asTime, "下单时间", "Created"},
			{"paid_at", asTime, "付款时间", "Paid"},
			{"delivered_at", asTime, "发货时间", "Delivered"},
			{"closed_at", asTime, "关闭时间", "Closed"},
		}},
		{"payments", "listOrders", "", []column{
			{"payment.id", asText, "支付单号", "Payment"},
			{"id", asText, "订单号", "Order"},
			{"reference", asText, "外部单号", "Reference"},
			{"payment.status", asText, "支付状态", "Status"},
			{"payment.channel", asText, "支付方式", "Channel"},
			{"total_fen", asFen, "金额", "Amount"},
			{"refunded_fen", asFen, "已退款", "Refunded"},
			{"payment.out_trade_no", asText, "商户订单号", "out_trade_no"},
			{"payment.trade_no", asText, "支付宝交易号", "Trade"},
			{"merchant_of_record_name", asText, "收款商户", "Merchant of record"},
			{"created_at", asTime, "下单时间", "Created"},
			{"paid_at", asTime, "付款时间", "Paid"},
		}},
		{"refunds", "listRefunds", "", []column{
			{"id", asText, "退款单号", "Refund"},
			{"order_id", asText, "订单号", "Order"},
			{"order_reference", asText, "外部单号", "Reference"},
			{"merchant_of_record_name", asText, "收款商户", "Merchant of record"},
			{"amount_fen", asFen, "退款金额", "Amount"},
			{"status", asText, "状态", "Status"},
			{"origin", asText, "来源", "Origin"},
			{"outside_request_no", asText, "外部退款号", "Outside number"},
			{"reason", asText, "原因", "Reason"},
			{"failure", asText, "失败原因", "Failure"},
			{"created_at", asTime, "申请时间", "Created"},
			{"done_at", asTime, "完成时间", "Done"},
		}},
		{"splits", "listSplits", "parts", []column{
			{"order_id", asText, "订单号", "Order"},
			{"order_reference", asText, "外部单号", "Reference"},
			{"merchant_of_record_name", asText, "收款商户", "Merchant of record"},
			{"status", asText, "分账状态", "Status"},
			{"settle_no", asText, "支付宝分账号", "Settlement number"},
			{"parts.receiver", asText, "接收方类型", "Receiver"},
			{"parts.merchant_name", asText, "接收商户", "Receiving merchant"},
			{"parts.receiver_account", asText, "接收账号", "Receiving account"},
			{"parts.amount_fen", asFen, "分账金额", "Amount"},
			{"parts.returned_fen", asFen, "已退回", "Returned"},
			{"created_at", asTime, "创建时间", "Created"},
		}},
		{"settlements", "listSplits", "", []column{
			{"order_id", asText, "订单号", "Order"},
			{"order_reference", asText, "外部单号", "Reference"},
			{"merchant_of_record_name", asText, "收款商户", "Merchant of record"},
			{"settlement.status", asText, "结算状态", "Status"},
			{"settlement.amount_fen", asFen, "结算金额", "Amount"},
			{"kept_fen", asFen, "商户所得", "Kept"},
			{"settlement.reason", asText, "原因", "Reason"},
			{"created_at", asTime, "创建时间", "Created"},
			{"settlement.done_at", asTime, "完成时间", "Done"},
		}},
		{"merchants", "listMerchants", "", []column{
			{"id", asText, "商户编号", "Merchant"},
			{"kind", asText, "类型", "Kind"},
			{"name", asText, "名称", "Name"},
			{"contact", asText, "联系方式", "Contact"},
			{"status", asText, "状态", "Status"},
			{"smid", asText, "二级商户号", "smid"},
			{"receiver.type", asText, "收款账号类型", "Account type"},
			{"receiver.account", asText, "收款账号", "Account"},
			{"metadata", asList, "附加数据", "Metadata"},
			{"created_at", asTime, "创建时间", "Created"},
		}},
		{"products", "listProducts", "", []column{
			{"id", asText, "商品编号", "Product"},
			{"name", asText, "名称", "Name"},
			{"status", asText, "状态", "Status"},
			{"price_fen", asFen, "价格", "Price"},
			{"supplier_id", asText, "供货商编号", "Supplier"},
			{"merchant_of_record_id", asText, "收款商户编号", "Merchant of record"},
			{"split_rule_id", asText, "分账规则编号", "Split rule"},
			{"metadata", asList, "附加数据", "Metadata"},
			{"created_at", asTime, "创建时间", "Created"},
		}},
		{"audit_log", "listAuditLog", "", []column{
			{"created_at", asTime, "时间", "Time"},
			{"actor_kind", asText, "操作者类型", "Actor kind"},
			{"actor_id", asText, "操作者", "Actor"},
			{"action", asText, "操作", "Action"},
			{"subject_type", asText, "对象类型", "Subject type"},
			{"subject_id", asText, "对象", "Subject"},
			{"detail", asText, "说明", "Detail"},
			{"changes", asList, "变更", "Changes"},
			{"client_address", asText, "来源地址", "Address"},
		}},
		{"cases", "listCases", "", []column{
			{"id", asText, "工单号", "Case"},
			{"kind", asText, "原因", "Kind"},
			{"status", asText, "状态", "Status"},
			{"order_id", asText, "订单号", "Order"},
			{"payment_id", asText, "支付单号", "Payment"},
			{"detail", asText, "说明", "Detail"},
			{"at_risk_fen", asFen, "涉及金额", "At risk"},
			{"assignee.name", asText, "处理人", "Assignee"},
			{"occurrences", asNumber, "次数", "Occurrences"},
			{"created_at", asTime, "创建时间", "Created"},
			{"last_seen_at", asTime, "最近发生", "Last seen"},
			{"closed_at", asTime, "关闭时间", "Closed"},
		}},
		{"events", "listEvents", "", []column{
			{"id", asText, "事件编号", "Event"},
			{"type", asText, "类型", "Type"},
			{"subject_type", asText, "对象类型", "Subject type"},
			{"subject_id", asText, "对象", "Subject"},
			{"sequence", asNumber, "序号", "Sequence"},
			{"data", asList, "内容", "Data"},
			{"created_at", asTime, "时间", "Time"},
		}},
	}
}
