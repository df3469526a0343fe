package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
)

// deskAccounts are Alipay accounts: buyers, receivers, platforms.
func (s *Simulator) deskAccounts(r chi.Router) {
	r.Get("/accounts", desk(s, s.deskAccountList))
	r.Post("/accounts", desk(s, s.deskAccountMake))
	r.Get("/accounts/{id}", desk(s, s.deskAccountGet))
	r.Patch("/accounts/{id}", desk(s, s.deskAccountPatch))
	r.Get("/purses", desk(s, s.deskPurses))
}

type accountReply struct {
	*Account
	Balance money.Fen `json:"balance_fen"`
	Debt    money.Fen `json:"huabei_debt_fen"`
}

func describeAccount(tx *tx, a *Account) accountReply {
	return accountReply{a, balance(tx, "A:"+a.UserID), -balance(tx, "K:"+a.UserID)}
}

func (s *Simulator) deskAccountList(r *http.Request) (deskReply, error) {
	q, limit, next := r.URL.Query(), pageSize(r), ""
	out := []accountReply{}
	err := s.view(s.now(), func(tx *tx) error {
		return eachDoc(tx, bucketAccounts, "", q.Get("from"), func(id string, a *Account) (bool, error) {
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
		return deskReply{}, err
	}
	return ok(map[string]any{"accounts": out, "next": next})
}

// deskAccountMake makes a test account with money.
func (s *Simulator) deskAccountMake(r *http.Request) (deskReply, error) {
	in := struct {
		Account
		Balance money.Fen `json:"balance_fen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if in.Balance < 0 || in.Balance > 1<<50 || (in.UserID != "" && (len(in.UserID) != 16 || !digits(in.UserID))) {
		return deskReply{}, badInput(errors.New("user_id: 16 digits; balance_fen ≥ 0"))
	}
	var reply accountReply
	err := s.update(s.now(), func(tx *tx) error {
		n, err := tx.nextID(bucketAccounts)
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
			a.Kind = accountBuyer
		}
		for _, id := range []string{a.UserID, a.LogonID} {
			if old, err := findAccount(tx, id); err != nil || old != nil {
				return errors.Join(err, &deskError{http.StatusConflict, "exists", "账号已存在"})
			}
		}
		if err := putAccount(tx, &a); err != nil {
			return err
		}
		reply = accountReply{Account: &a, Balance: in.Balance}
		return topUp(tx, a.UserID, in.Balance)
	})
	if err != nil {
		return deskReply{}, err
	}
	return deskReply{http.StatusCreated, reply}, nil
}

func (s *Simulator) deskAccountGet(r *http.Request) (deskReply, error) {
	var reply accountReply
	err := s.view(s.now(), func(tx *tx) error {
		a, err := findAccount(tx, chi.URLParam(r, "id"))
		if err != nil {
			return err
		}
		if a == nil {
			return notFound("account")
		}
		reply = describeAccount(tx, a)
		return nil
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(reply)
}

// deskAccountPatch changes states and adds or takes money.
func (s *Simulator) deskAccountPatch(r *http.Request) (deskReply, error) {
	in := struct {
		Name           *string   `json:"name"`
		Certified      *bool     `json:"certified"`
		NoBalance      *bool     `json:"no_balance"`
		Blocked        *bool     `json:"blocked"`
		ReturnsRoyalty *bool     `json:"returns_royalty"`
		TopUp          money.Fen `json:"top_up_fen"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	var reply accountReply
	err := s.update(s.now(), func(tx *tx) error {
		a, err := findAccount(tx, chi.URLParam(r, "id"))
		if err != nil {
			return err
		}
		if a == nil {
			return notFound("account")
		}
		for _, f := range []struct {
			to   *bool
			from *bool
		}{{&a.Certified, in.Certified}, {&a.NoBalance, in.NoBalance}, {&a.Blocked, in.Blocked}, {&a.ReturnsRoyalty, in.ReturnsRoyalty}} {
			if f.from != nil {
				*f.to = *f.from
			}
		}
		if in.Name != nil {
			a.Name = *in.Name
		}
		if err := putAccount(tx, a); err != nil {
			return err
		}
		if err := changeBalance(tx, a.UserID, in.TopUp); err != nil {
			return err
		}
		reply = describeAccount(tx, a)
		return nil
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(reply)
}

func changeBalance(tx *tx, userID string, by money.Fen) error {
	if by >= 0 {
		return topUp(tx, userID, by)
	}
	err := move(tx, Flow{Kind: "withdraw", From: "A:" + userID, To: worldPurse, Amount: -by})
	if errors.Is(err, errPurseShort) {
		return badInput(errors.New("top_up_fen: more than the balance"))
	}
	return err
}

// deskPurses lists every place where money rests (?prefix=U: …) with the sum over all, which is 0.
func (s *Simulator) deskPurses(r *http.Request) (deskReply, error) {
	prefix := r.URL.Query().Get("prefix")
	out, sum := map[string]money.Fen{}, money.Fen(0)
	err := s.view(s.now(), func(tx *tx) error {
		b := tx.bucket(bucketBalances)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, _ []byte) error {
			v := balance(tx, string(k))
			sum += v
			if strings.HasPrefix(string(k), prefix) && len(out) < 10_000 {
				out[string(k)] = v
			}
			return nil
		})
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"purses": out, "sum_fen": sum})
}
