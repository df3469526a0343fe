package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// accounts are Alipay accounts: buyers, receivers, platforms.
func (d *Desk) accounts(r chi.Router) {
	r.Get("/accounts", d.answer(d.accountList))
	r.Post("/accounts", d.answer(d.accountMake))
	r.Get("/accounts/{id}", d.answer(d.accountGet))
	r.Patch("/accounts/{id}", d.answer(d.accountPatch))
	r.Get("/purses", d.answer(d.purses))
}

type accountReply struct {
	*state.Account
	Balance money.Fen `json:"balance_fen"`
	Debt    money.Fen `json:"huabei_debt_fen"`
}

func describeAccount(tx *state.Tx, a *state.Account) accountReply {
	return accountReply{a, state.Balance(tx, "A:"+a.UserID), -state.Balance(tx, "K:"+a.UserID)}
}

func (d *Desk) accountList(r *http.Request) (result, error) {
	q, limit, next := r.URL.Query(), pageSize(r), ""
	out := []accountReply{}
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		return state.Each(tx, state.BucketAccounts, "", q.Get("from"), func(id string, a *state.Account) (bool, error) {
			if len(out) == limit {
				next = id
				return false, nil
			}
			if q.Get("kind") == "" || q.Get("kind") == a.Kind {
				out = append(out, describeAccount(tx, a))
			}
			return true, nil
		})
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"accounts": out, "next": next})
}

// accountMake makes a test account with money.
func (d *Desk) accountMake(r *http.Request) (result, error) {
	in := struct {
		state.Account
		Balance money.Fen `json:"balance_fen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if in.Balance < 0 || in.Balance > 1<<50 ||
		(in.UserID != "" && (len(in.UserID) != 16 || !protocol.IsDigits(in.UserID))) {
		return result{}, state.BadInput(errors.New("user_id: 16 digits; balance_fen ≥ 0"))
	}
	var reply accountReply
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		n, err := tx.NextID(state.BucketAccounts)
		if err != nil {
			return err
		}
		a := in.Account
		if a.UserID == "" {
			a.UserID = fmt.Sprintf("2088%012d", 100_000_000+n)
		}
		if a.LogonID == "" {
			a.LogonID = a.UserID + "@simulator.example"
		}
		if a.Kind == "" {
			a.Kind = state.AccountBuyer
		}
		for _, id := range []string{a.UserID, a.LogonID} {
			if old, err := state.FindAccount(tx, id); err != nil || old != nil {
				return errors.Join(err, &state.Refusal{Status: http.StatusConflict, Code: "exists", Message: "账号已存在"})
			}
		}
		if err := state.PutAccount(tx, &a); err != nil {
			return err
		}
		reply = accountReply{Account: &a, Balance: in.Balance}
		return state.TopUp(tx, a.UserID, in.Balance)
	})
	if err != nil {
		return result{}, err
	}
	return result{http.StatusCreated, reply}, nil
}

func (d *Desk) accountGet(r *http.Request) (result, error) {
	var reply accountReply
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		a, err := state.FindAccount(tx, chi.URLParam(r, "id"))
		if err != nil {
			return err
		}
		if a == nil {
			return state.NotFound("account")
		}
		reply = describeAccount(tx, a)
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(reply)
}

// accountPatch changes states and adds or takes money.
func (d *Desk) accountPatch(r *http.Request) (result, error) {
	in := struct {
		Name           *string   `json:"name"`
		Certified      *bool     `json:"certified"`
		NoBalance      *bool     `json:"no_balance"`
		Blocked        *bool     `json:"blocked"`
		ReturnsRoyalty *bool     `json:"returns_royalty"`
		TopUp          money.Fen `json:"top_up_fen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	var reply accountReply
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		a, err := state.FindAccount(tx, chi.URLParam(r, "id"))
		if err != nil {
			return err
		}
		if a == nil {
			return state.NotFound("account")
		}
		for _, f := range []struct {
			to   *bool
			from *bool
		}{{&a.Certified, in.Certified}, {&a.NoBalance, in.NoBalance}, {&a.Blocked, in.Blocked},
			{&a.ReturnsRoyalty, in.ReturnsRoyalty}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if in.Name != nil {
			a.Name = *in.Name
		}
		if err := state.PutAccount(tx, a); err != nil {
			return err
		}
		if err := changeBalance(tx, a.UserID, in.TopUp); err != nil {
			return err
		}
		reply = describeAccount(tx, a)
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(reply)
}

func changeBalance(tx *state.Tx, userID string, by money.Fen) error {
	if by >= 0 {
		return state.TopUp(tx, userID, by)
	}
	err := state.Move(tx, state.Flow{Kind: "withdraw", From: "A:" + userID, To: state.WorldPurse, Amount: -by})
	if errors.Is(err, state.ErrPurseShort) {
		return state.BadInput(errors.New("top_up_fen: more than the balance"))
	}
	return err
}

// purses lists every place where money rests (?prefix=U: …) with the sum over all, which is 0.
func (d *Desk) purses(r *http.Request) (result, error) {
	prefix := r.URL.Query().Get("prefix")
	out, sum := map[string]money.Fen{}, money.Fen(0)
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		b := tx.Bucket(state.BucketBalances)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, _ []byte) error {
			v := state.Balance(tx, string(k))
			sum += v
			if strings.HasPrefix(string(k), prefix) && len(out) < 10_000 {
				out[string(k)] = v
			}
			return nil
		})
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"purses": out, "sum_fen": sum})
}
