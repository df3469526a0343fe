package zft

import (
	"context"

	"zhitong/alipay"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants/acquiring"
)

// platformScene is the scene of the platform's own part (alipay.trade.order.settle, royalty_scene).
const platformScene = "平台服务费"

// Settle implements acquiring.Settle (alipay.trade.settle.confirm).
func (a adapter) Settle(ctx context.Context, s acquiring.Settlement) error {
	_, err := a.c.TradeSettleConfirm(ctx, alipay.TradeSettleConfirmRequest{
		OutRequestNo: s.Number,
		TradeNo:      s.TradeNo,
		SettleInfo:   alipay.DefaultSettle(s.Amount, ""),
		ExtendParams: &alipay.ExtendParams{RoyaltyFreeze: s.Freeze},
	})
	return failure(err)
}

// Standing implements acquiring.Settle (alipay.trade.query). Alipay names no sum of the refunds: it is what neither
// waits to be settled nor was settled and stayed so. A trade that closed after it was paid went back whole.
func (a adapter) Standing(ctx context.Context, tradeNo string) (acquiring.Standing, error) {
	t, err := a.c.TradeQuery(ctx,
		alipay.TradeQueryRequest{TradeNo: tradeNo, QueryOptions: []string{alipay.OptionTradeSettleInfo}})
	if err != nil {
		return acquiring.Standing{}, failure(err)
	}
	if statusOf(t.TradeStatus) == "" {
		return acquiring.Standing{}, acquiring.NotKnown("", undocumented(t.TradeStatus))
	}
	out := acquiring.Standing{Status: statusOf(t.TradeStatus), Total: t.TotalAmount}
	var settled, waiting money.Fen
	info := t.TradeSettleInfo
	if info == nil {
		info = &alipay.TradeSettleInfo{}
	}
	for _, d := range info.Details {
		switch d.OperationType {
		case alipay.OperationSettle:
			settled += d.Amount
			out.Releases = append(out.Releases, acquiring.Release{Number: d.SerialNo, Amount: d.Amount})
		case alipay.OperationSettleRefund:
			settled -= d.Amount
		case alipay.OperationTransfer:
			out.Splits = append(out.Splits, acquiring.Release{Number: d.SerialNo, Amount: d.Amount})
		case alipay.OperationTransferRefund:
			out.Returned = append(out.Returned, acquiring.Returning{Number: d.SerialNo, Amount: d.Amount,
				Accounts: []string{d.TransOut, d.OriTransOut}})
		case alipay.OperationOnSettle:
			waiting += d.Amount
		case alipay.OperationReplenish, alipay.OperationReplenishRefund:
		}
	}
	if t.TradeStatus == alipay.TradeClosed {
		out.Refunded = t.TotalAmount
		return out, nil
	}
	if !out.Status.Paid() {
		return out, nil
	}
	unsettled, err := a.unsettled(ctx, tradeNo, info.UnsettledAmount, waiting)
	if err != nil {
		return acquiring.Standing{}, err
	}
	out.Refunded = t.TotalAmount - unsettled - settled
	return out, nil
}

// unsettled is what of a trade waits to be settled: what the trade says of it in one number, or by its lines. Alipay
// may leave out both: then it is asked for by itself (alipay.trade.settle.receivables.query).
func (a adapter) unsettled(
	ctx context.Context,
	tradeNo string,
	told *money.Fen,
	lines money.Fen,
) (money.Fen, error) {
	if told != nil {
		return *told, nil
	}
	if lines > 0 {
		return lines, nil
	}
	r, err := a.c.TradeSettleReceivablesQuery(ctx, alipay.TradeSettleReceivablesQueryRequest{
		OutRequestNo: id.New[id.Payment]().Hex(), TradeNo: tradeNo,
	})
	if err != nil {
		return 0, failure(err)
	}
	if r.UnsettledAmount == nil {
		return 0, acquiring.NotKnown("Alipay does not say what of the trade is unsettled", nil)
	}
	return *r.UnsettledAmount, nil
}

// Bind implements acquiring.Settle (alipay.trade.royalty.relation.bind). Alipay wants the name for a login name, and
// checks it for a user id when it is sent.
func (a adapter) Bind(ctx context.Context, number string, r acquiring.Receiver) error {
	receiver := alipay.RoyaltyReceiver{Type: alipay.TransInType(r.Type), Account: r.Account}
	if r.Type == acquiring.ReceiverLogin {
		receiver.Name = r.Name
	}
	_, err := a.c.TradeRoyaltyRelationBind(ctx, alipay.TradeRoyaltyRelationBindRequest{
		OutRequestNo: number,
		Receivers:    []alipay.RoyaltyReceiver{receiver},
	})
	return failure(err)
}

// Bounds of a look through the receivers that are bound.
const (
	boundPage  = 100 // Alipay's most
	boundPages = 50  // beyond that nothing is known: binding again is harmless
)

// Bound implements acquiring.Settle (alipay.trade.royalty.relation.batchquery). Alipay lists all receivers, and does
// not find one. One whose owner has another login name by now is not what was bound.
func (a adapter) Bound(ctx context.Context, number string, r acquiring.Receiver) (bool, error) {
	for page := int64(1); page <= boundPages; page++ {
		list, err := a.c.TradeRoyaltyRelationBatchquery(ctx, alipay.TradeRoyaltyRelationBatchqueryRequest{
			OutRequestNo: number, PageNum: page, PageSize: boundPage,
		})
		if err != nil {
			return false, failure(err)
		}
		for _, b := range list.Receivers {
			same := b.BindLoginName == "" || b.LoginName == b.BindLoginName
			if same && b.Type == alipay.TransInType(r.Type) && b.Account == r.Account {
				return true, nil
			}
		}
		if page >= list.TotalPages {
			return false, nil
		}
	}
	return false, acquiring.NotKnown("more receivers are bound than are looked through", nil)
}

// Split implements acquiring.Settle (alipay.trade.order.settle): one synchronous request, of which all happens or
// nothing.
func (a adapter) Split(ctx context.Context, s acquiring.Split) (string, error) {
	var lines []alipay.RoyaltyParameter // none: royalty_finish alone
	for _, p := range s.Parts {
		line := alipay.RoyaltyParameter{
			RoyaltyType: alipay.RoyaltyTransfer,
			TransInType: alipay.TransInType(p.Receiver.Type),
			TransIn:     p.Receiver.Account,
			Amount:      p.Amount,
			Desc:        s.Note,
		}
		if p.Service {
			line.RoyaltyScene = platformScene
		}
		lines = append(lines, line)
	}
	answer, err := a.c.TradeOrderSettle(ctx, alipay.TradeOrderSettleRequest{
		OutRequestNo: s.Number,
		TradeNo:      s.TradeNo,
		Royalties:    lines,
		RoyaltyMode:  alipay.RoyaltySync,
		ExtendParams: &alipay.SettleExtendParams{RoyaltyFinish: true},
	})
	if err != nil {
		return "", failure(err)
	}
	return answer.SettleNo, nil
}

// QuerySplit implements acquiring.Settle (alipay.trade.order.settle.query). A number that Alipay does not know is
// refused or has no lines.
func (a adapter) QuerySplit(ctx context.Context, number, tradeNo string) ([]acquiring.Line, error) {
	answer, err := a.c.TradeOrderSettleQuery(ctx,
		alipay.TradeOrderSettleQueryRequest{OutRequestNo: number, TradeNo: tradeNo})
	if notFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failure(err)
	}
	return linesOf(answer.Details), nil
}

func linesOf(details []alipay.RoyaltyDetail) []acquiring.Line {
	var out []acquiring.Line
	for _, d := range details {
		if d.OperationType != alipay.OperationTransfer {
			continue
		}
		l := acquiring.Line{Amount: d.Amount, State: acquiring.LineRunning}
		switch d.State {
		case alipay.RoyaltySuccess:
			l.State = acquiring.LineDone
		case alipay.RoyaltyFail:
			l.State, l.Failure = acquiring.LineFailed, d.ErrorCode+" "+d.ErrorDesc
		case alipay.RoyaltyProcessing:
		}
		out = append(out, l)
	}
	return out
}

// Refund implements acquiring.Settle (alipay.trade.refund).
func (a adapter) Refund(ctx context.Context, r acquiring.Refund) error {
	req := alipay.TradeRefundRequest{
		TradeNo:                r.TradeNo,
		OutRequestNo:           r.Number,
		RefundAmount:           r.Amount,
		RefundReason:           r.Reason,
		RelatedSettleConfirmNo: r.Settlement,
	}
	for _, p := range r.Parts {
		req.RefundRoyalties = append(req.RefundRoyalties, alipay.RefundRoyalty{
			RoyaltyType:  alipay.RoyaltyTransfer,
			TransOutType: alipay.TransInType(p.Receiver.Type),
			TransOut:     p.Receiver.Account,
			Amount:       p.Amount,
		})
	}
	_, err := a.c.TradeRefund(ctx, req)
	return failure(err)
}

// QueryRefund implements acquiring.Settle (alipay.trade.fastpay.refund.query). Alipay knows of a refund ten seconds
// after it at the latest.
func (a adapter) QueryRefund(ctx context.Context, number, tradeNo string) (r acquiring.Refunded, found bool,
	err error) {
	answer, err := a.c.TradeFastpayRefundQuery(ctx,
		alipay.TradeFastpayRefundQueryRequest{TradeNo: tradeNo, OutRequestNo: number})
	if notFound(err) {
		return r, false, nil
	}
	if err != nil {
		return r, false, failure(err)
	}
	r.Amount = answer.RefundAmount
	for _, l := range answer.RefundRoyalties {
		if l.ResultCode != "" && l.ResultCode != "SUCCESS" {
			r.Failed = append(r.Failed, l.TransOut, l.OriTransOut)
		}
	}
	return r, answer.Refunded(), nil
}

// Cap implements acquiring.Settle (alipay.trade.royalty.rate.query).
func (a adapter) Cap(ctx context.Context, number string) (money.BasisPoints, error) {
	answer, err := a.c.TradeRoyaltyRateQuery(ctx, alipay.TradeRoyaltyRateQueryRequest{OutRequestNo: number})
	if err != nil {
		return 0, failure(err)
	}
	return money.BasisPoints(answer.MaxRatio) * (money.Whole / 100), nil
}
