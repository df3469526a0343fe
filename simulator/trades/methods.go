package trades

import (
	"encoding/binary"
	"slices"

	"zhitong/simulator/gateway"
	"zhitong/simulator/state"
)

// Methods are the methods of trades: ordering, paying, refunds, settlement, royalties and their receivers.
func Methods() []gateway.Method {
	return slices.Concat(
		orderMethods(), queryMethods(), refundMethods(), mergeMethods(), settleMethods(), royaltyMethods(),
		relationMethods(),
	)
}

// Kinds of timers.
const (
	timerExpire   = 'x' // an unpaid trade closes; what = Trade.Seq
	timerSettle   = 's' // automatic settle.confirm after settle_period_time
	timerUnfreeze = 'f' // royalty money is released after 30 days
	timerFinish   = 'w' // the refund window ends
	timerRoyalty  = 'r' // an asynchronous royalty is carried out; what = Trade.Seq ‖ settle number
)

// Timers say what happens to trades by itself.
func Timers() state.Timers {
	return state.Timers{
		timerExpire:   state.BySeq(expireTrade),
		timerSettle:   state.BySeq(autoSettle),
		timerUnfreeze: state.BySeq(autoUnfreeze),
		timerFinish:   state.BySeq(finishTrade),
		timerRoyalty: func(t *state.Tx, what []byte) error {
			return finishAsync(t, binary.BigEndian.Uint64(what), string(what[8:]))
		},
	}
}
