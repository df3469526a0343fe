package desk

import (
	_ "embed"
	"errors"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/merchants"
	"zhitong/simulator/state"
)

// merchantCreate makes a secondary merchant without an application, for programs that only want to trade.
func (d *Desk) merchantCreate(r *http.Request) (result, error) {
	in := struct {
		AppID      string   `json:"app_id"`
		PID        string   `json:"pid"`
		ExternalID string   `json:"external_id"`
		Name       string   `json:"name"`
		Cards      []string `json:"cards"`
		NoDefault  bool     `json:"no_default_rule"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if a := d.st.Apps.Get(in.AppID); a != nil {
		in.PID = a.PID
	}
	if in.PID == "" {
		return result{}, state.BadInput(errors.New("app_id or pid: unknown"))
	}
	m := &merchants.Merchant{PID: in.PID, ExternalID: in.ExternalID, Name: in.Name}
	for _, card := range in.Cards {
		m.Cards = append(m.Cards, merchants.CardAlias(in.PID, card))
	}
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		if err := merchants.Create(tx, m); err != nil || !in.NoDefault {
			return err
		}
		m.DefaultType, m.DefaultTarget = "", ""
		return merchants.Put(tx, m)
	})
	if err != nil {
		return result{}, err
	}
	return result{http.StatusCreated, m}, nil
}

type merchantReply struct {
	*merchants.Merchant
	Unsettled int64 `json:"unsettled_fen"`
	Frozen    int64 `json:"frozen_fen"`
	Settled   int64 `json:"settled_fen"`
	ToCard    int64 `json:"to_card_fen"`
}

func describeMerchant(tx *state.Tx, m *merchants.Merchant) merchantReply {
	return merchantReply{m, int64(state.Balance(tx, "U:"+m.SMID)), int64(state.Balance(tx, "F:"+m.SMID)),
		int64(state.Balance(tx, "B:"+m.SMID)), int64(state.Balance(tx, "C:"+m.SMID))}
}

func (d *Desk) merchantList(r *http.Request) (result, error) {
	out := []merchantReply{}
	pid, limit := r.URL.Query().Get("pid"), pageSize(r)
	next := ""
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		return state.Each(tx, merchants.Bucket, "", r.URL.Query().Get("from"),
			func(smid string, m *merchants.Merchant) (bool, error) {
				if len(out) == limit {
					next = smid
					return false, nil
				}
				if pid == "" || m.PID == pid {
					out = append(out, describeMerchant(tx, m))
				}
				return true, nil
			})
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"merchants": out, "next": next})
}

func (d *Desk) merchantGet(r *http.Request) (result, error) {
	var out merchantReply
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		m, err := merchants.Get(tx, chi.URLParam(r, "smid"))
		if err != nil {
			return err
		}
		if m == nil {
			return state.NotFound("merchant")
		}
		out = describeMerchant(tx, m)
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(out)
}

func (d *Desk) merchantPatch(r *http.Request) (result, error) {
	in := struct {
		Status        *string `json:"status"`
		SettleHold    *bool   `json:"settle_hold"`
		AccountFrozen *bool   `json:"account_frozen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	var m *merchants.Merchant
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		if m, err = merchants.Get(tx, chi.URLParam(r, "smid")); err != nil {
			return err
		}
		if m == nil {
			return state.NotFound("merchant")
		}
		if in.Status != nil {
			if !slices.Contains([]string{merchants.Active, merchants.Closed, merchants.Punished}, *in.Status) {
				return state.BadInput(errors.New("status: active, closed or punished"))
			}
			m.Status = *in.Status
		}
		if in.SettleHold != nil {
			m.SettleHold = *in.SettleHold
		}
		if in.AccountFrozen != nil {
			m.AccountFrozen = *in.AccountFrozen
		}
		return merchants.Put(tx, m)
	})
	if err != nil {
		return result{}, err
	}
	return ok(m)
}
