package simulator

import "github.com/go-chi/chi/v5"

func (s *Simulator) deskTrades(r chi.Router)        {}
func (s *Simulator) deskNotifications(r chi.Router) {}
func (s *Simulator) deskAccounts(r chi.Router)      {}
