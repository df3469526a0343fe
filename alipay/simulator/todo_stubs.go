package simulator

import "github.com/go-chi/chi/v5"

const kindMerge = "merge"

func refundMethods() []method      { return nil }
func mergeMethods() []method       { return nil }
func settleMethods() []method      { return nil }
func royaltyMethods() []method     { return nil }
func relationMethods() []method    { return nil }
func certificateMethods() []method { return nil }

func autoSettle(t *tx, seq uint64) error                   { return nil }
func autoUnfreeze(t *tx, seq uint64) error                 { return nil }
func finishAsync(t *tx, seq uint64, settleNo string) error { return nil }
func scheduleSettle(tx *tx, t *Trade) error                { return nil }
func refundTrade(tx *tx, t *Trade, r *Refund) error        { return nil }
func tradesOfMerge(tx *tx, token string) ([]*Trade, error) { return nil, errNoToken }
func (s *Simulator) deskTrades(r chi.Router)               {}
func (s *Simulator) deskNotifications(r chi.Router)        {}
func (s *Simulator) deskAccounts(r chi.Router)             {}
