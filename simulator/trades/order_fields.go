package trades

import (
	"time"

	"zhitong/simulator/protocol"
)

func subMerchantFields() []protocol.Field {
	return []protocol.Field{{Name: "merchant_id", Max: 16}, {Name: "merchant_type", Max: 32}}
}

func settleInfoFields() []protocol.Field {
	return []protocol.Field{
		{Name: "settle_detail_infos", Kind: protocol.KindArray, Max: 10, Fields: []protocol.Field{
			{Name: "trans_in_type", Max: 64}, {Name: "trans_in", Max: 64},
			{Name: "amount", Kind: protocol.KindAmount, Max: 12},
			{Name: "actual_amount", Kind: protocol.KindAmount, Max: 12},
			{Name: "summary_dimension", Max: 64}, {Name: "settle_entity_type", Max: 32},
			{Name: "settle_entity_id", Max: 64},
		}},
		{Name: "settle_period_time", Max: 10},
	}
}

func goodsFields() []protocol.Field {
	return []protocol.Field{
		{Name: "goods_id", Required: true, Max: 64}, {Name: "goods_name", Required: true, Max: 256},
		{Name: "quantity", Required: true, Kind: protocol.KindInt},
		{Name: "price", Required: true, Kind: protocol.KindAmount}, {Name: "goods_category", Max: 24},
		{Name: "categories_tree", Max: 128}, {Name: "body", Max: 1000},
		{Name: "show_url", Max: 400}, {Name: "alipay_goods_id", Max: 32}, {Name: "goods_ean_id"}, {Name: "out_item_id"},
		{Name: "out_sku_id"},
	}
}

// orderFields are the fields that every ordering method shares.
func orderFields(more ...protocol.Field) []protocol.Field {
	return append([]protocol.Field{
		{Name: "out_trade_no", Required: true, Max: 64, Form: protocol.IsOrderNo},
		{Name: "total_amount", Required: true, Kind: protocol.KindAmount, Max: 12},
		{Name: "subject", Required: true, Max: 256},
		{Name: "product_code", Max: 64},
		{Name: "body", Max: 128},
		{Name: "seller_id", Max: 32},
		{Name: "operator_id", Max: 28},
		{Name: "store_id", Max: 32},
		{Name: "terminal_id", Max: 32},
		{Name: "merchant_order_no", Max: 32},
		{Name: "passback_params", Max: maxMetadata},
		{Name: "discountable_amount", Kind: protocol.KindAmount},
		{Name: "undiscountable_amount", Kind: protocol.KindAmount},
		{Name: "enable_pay_channels", Max: 128},
		{Name: "disable_pay_channels", Max: 128},
		{Name: "timeout_express", Max: 6, Form: isPeriod},
		{Name: "time_expire", Kind: protocol.KindTime},
		{Name: "goods_detail", Kind: protocol.KindArray, Fields: goodsFields()},
		{Name: "sub_merchant", Kind: protocol.KindObject, Fields: subMerchantFields()},
		{Name: "settle_info", Kind: protocol.KindObject, Fields: settleInfoFields()},
		{Name: "extend_params", Kind: protocol.KindObject, Fields: []protocol.Field{
			{Name: "royalty_freeze", Kind: protocol.KindBool},
			{Name: "hb_fq_num", Max: 5, Enum: []string{"3", "6", "12", "24"}},
			{Name: "hb_fq_seller_percent", Max: 3, Enum: []string{"0", "100"}},
			{Name: "sys_service_provider_id", Max: 64},
			{Name: "industry_reflux_info", Max: 512}, {Name: "card_type", Max: 32},
			{Name: "specified_seller_name", Max: 32},
		}},
		{Name: "business_params", Kind: protocol.KindAny},
		{Name: "ext_user_info", Kind: protocol.KindObject, Fields: []protocol.Field{
			{Name: "name", Max: 16}, {Name: "mobile", Max: 20}, {Name: "cert_type", Max: 32},
			{Name: "cert_no", Max: 64}, {Name: "min_age", Max: 3},
			{Name: "fix_buyer", Max: 8}, {Name: "need_check_info", Max: 1}, {Name: "identity_hash", Max: 128},
		}},
		{Name: "royalty_info", Kind: protocol.KindAny}, {Name: "logistics_detail", Kind: protocol.KindAny},
		{Name: "receiver_address_info", Kind: protocol.KindAny}, {Name: "invoice_info", Kind: protocol.KindAny},
		{Name: "promo_params", Kind: protocol.KindAny}, {Name: "query_options", Kind: protocol.KindStrings},
		{Name: "alipay_store_id", Max: 32}, {Name: "agreement_sign_params", Kind: protocol.KindAny},
		{Name: "goods_type", Max: 2, Enum: []string{"0", "1"}},
	}, more...)
}

func isPeriod(s string) bool { return !parsePeriod(s, time.Unix(0, 0)).IsZero() }

func pageFields() []protocol.Field {
	return orderFields(protocol.Field{Name: "qr_pay_mode", Max: 2, Enum: []string{"0", "1", "2", "3", "4"}},
		protocol.Field{Name: "qrcode_width", Kind: protocol.KindInt},
		protocol.Field{Name: "integration_type", Max: 16}, protocol.Field{Name: "request_from_url", Max: 256},
		protocol.Field{Name: "quit_url", Max: 400}, protocol.Field{Name: "auth_token", Max: 40},
		protocol.Field{Name: "specified_channel", Max: 128})
}
