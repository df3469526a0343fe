package trades

import (
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const (
	bucketRelations = "relations" // pid|user id → relation
	maxRelations    = 20_000
	maxBind         = 20
)

// relation is one receiver of a platform's royalty relation set.
type relation struct {
	Type    string `json:"t"`
	Account string `json:"a"`
	UserID  string `json:"u"`
	Name    string `json:"n,omitempty"`
	Memo    string `json:"m,omitempty"`
	Login   string `json:"l,omitempty"` // at binding
}

func relationMethods() []gateway.Method {
	no := protocol.Field{Name: "out_request_no", Required: true, Max: 32, Form: protocol.IsToken}
	list := protocol.Field{Name: "receiver_list", Kind: protocol.KindArray, Fields: []protocol.Field{
		{Name: "type", Max: 32}, {Name: "account", Max: 128}, {Name: "name", Max: 64}, {Name: "memo", Max: 500},
		{Name: "account_open_id", Max: 128}, {Name: "login_name"}, {Name: "bind_login_name"},
	}}
	return []gateway.Method{
		{Name: "alipay.trade.royalty.relation.bind", Handle: relationBind, Fields: []protocol.Field{no, list}},
		{Name: "alipay.trade.royalty.relation.unbind", Handle: relationUnbind, Fields: []protocol.Field{no, list}},
		{Name: "alipay.trade.royalty.relation.batchquery", Handle: relationQuery,
			Fields: []protocol.Field{no, {Name: "page_num", Kind: protocol.KindInt},
				{Name: "page_size", Kind: protocol.KindInt}}},
		{Name: "alipay.trade.royalty.rate.query", Handle: rateQuery, Fields: []protocol.Field{no}},
	}
}

// signedRoyalty refuses with the family's own code, not with 40006.
func signedRoyalty(c *gateway.Call) error {
	if !c.Owner().Has(state.ProductZFT, state.ProductRoyalty) {
		return protocol.Refuse("PRODUCT_UNSIGN", "产品未签约")
	}
	return nil
}

// related reports whether a user may receive royalties of the platform's trades.
func related(tx *state.Tx, pid, userID string) (bool, error) {
	r, err := state.Get[relation](tx, bucketRelations, pid+"|"+userID)
	return r != nil, err
}

type resultCode struct {
	Result string `json:"result_code"`
}

// receivers checks the list and finds the accounts.
func receivers(tx *state.Tx, c *gateway.Call, binding bool) ([]relation, error) {
	list := c.Biz.List("receiver_list")
	switch {
	case len(list) == 0:
		return nil, protocol.Refuse("RECEIVER_LIST_EMPTY", "分账接收方列表为空")
	case len(list) > maxBind:
		return nil, protocol.Refuse("RECEIVER_LIST_OVERLOAD", "分账接收方列表超过20个")
	}
	var out []relation
	for _, o := range list {
		kind, name := o.Str("type"), o.Str("name")
		if kind != "userId" && kind != "loginName" && kind != "openId" {
			return nil, protocol.Refuse("INVALID_RECEIVER_TYPE", "分账接收方类型错误")
		}
		if !o.Has("account") || (binding && kind == "loginName" && name == "") {
			return nil, protocol.Refuse("INVALID_PARAMETER", "参数有误：account 与登录号的 name 不能为空")
		}
		a, err := receiver(tx, kind, o.Str("account"))
		if err != nil {
			return nil, err
		}
		if a == nil {
			return nil, protocol.Refuse("USER_NOT_EXIST", "用户不存在")
		}
		if err := bindable(a, name, binding); err != nil {
			return nil, err
		}
		out = append(out,
			relation{Type: kind, Account: o.Str("account"), UserID: a.UserID, Name: name, Memo: o.Str("memo"),
				Login: a.LogonID})
	}
	return out, nil
}

func bindable(a *state.Account, name string, binding bool) error {
	switch {
	case name != "" && name != a.Name:
		return protocol.Refuse("USERNAME_NOT_MATCH", "姓名与账号不匹配")
	case !binding:
		return nil
	case !a.Certified:
		return protocol.Refuse("RECEIVER_ACCOUNT_NOT_CERTIFY", "分账接收方未实名认证")
	case a.NoBalance:
		return protocol.Refuse("RECEIVER_ACCOUNT_NO_BALANCE", "分账接收方无余额户")
	case a.Blocked:
		return protocol.Refuse("RECEIVER_ACCOUNT_STATE_INVALID", "分账接收方账户状态异常")
	}
	return nil
}

// relationBind is alipay.trade.royalty.relation.bind; binding again is no error.
func relationBind(c *gateway.Call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	err := c.Update(func(tx *state.Tx) error {
		list, err := receivers(tx, c, true)
		if err != nil {
			return err
		}
		count, err := countRelations(tx, c.PID)
		if err != nil {
			return err
		}
		for _, r := range list {
			known, err := related(tx, c.PID, r.UserID)
			if err != nil {
				return err
			}
			if !known {
				count++
			}
			if count > maxRelations {
				return protocol.Refuse("RELATION_QUANTITY_LIMIT", "分账关系数量超限")
			}
			if err := state.Put(tx, bucketRelations, c.PID+"|"+r.UserID, r); err != nil {
				return err
			}
		}
		return state.Put(tx, state.BucketMeta, "relations|"+c.PID, count)
	})
	if err != nil {
		return nil, err
	}
	return resultCode{"SUCCESS"}, nil
}

// relationUnbind is alipay.trade.royalty.relation.unbind.
func relationUnbind(c *gateway.Call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	err := c.Update(func(tx *state.Tx) error {
		list, err := receivers(tx, c, false)
		if err != nil {
			return err
		}
		count, err := countRelations(tx, c.PID)
		if err != nil {
			return err
		}
		for _, r := range list {
			known, err := related(tx, c.PID, r.UserID)
			if err != nil {
				return err
			}
			if known {
				count--
			}
			if err := state.Delete(tx, bucketRelations, c.PID+"|"+r.UserID); err != nil {
				return err
			}
		}
		return state.Put(tx, state.BucketMeta, "relations|"+c.PID, count)
	})
	if err != nil {
		return nil, err
	}
	return resultCode{"SUCCESS"}, nil
}

func countRelations(tx *state.Tx, pid string) (int, error) {
	n, err := state.Get[int](tx, state.BucketMeta, "relations|"+pid)
	if err != nil || n == nil {
		return 0, err
	}
	return *n, nil
}

type receiverAnswer struct {
	Type      string `json:"type"`
	Account   string `json:"account"`
	OpenID    string `json:"account_open_id,omitempty"`
	Memo      string `json:"memo,omitempty"`
	Login     string `json:"login_name,omitempty"`
	BindLogin string `json:"bind_login_name,omitempty"`
}

type relationAnswer struct {
	Result    string           `json:"result_code"`
	Receivers []receiverAnswer `json:"receiver_list"`
	Pages     int              `json:"total_page_num"`
	Records   int              `json:"total_record_num"`
	Page      int              `json:"current_page_num"`
	Size      int              `json:"current_page_size"`
}

// relationQuery is alipay.trade.royalty.relation.batchquery.
func relationQuery(c *gateway.Call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	page, size := c.Biz.Num("page_num", 1), c.Biz.Num("page_size", 20)
	if page < 1 || size < 1 || size > 100 {
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "page_num,page_size", Why: "取值错误"})
	}
	a := relationAnswer{Result: "SUCCESS", Receivers: []receiverAnswer{}, Page: page, Size: size}
	err := c.View(func(tx *state.Tx) error {
		prefix := c.PID + "|"
		return state.Each(tx, bucketRelations, prefix, "", func(key string, r *relation) (bool, error) {
			i := a.Records
			a.Records++
			if i < (page-1)*size || i >= page*size {
				return true, nil
			}
			acc, err := state.Get[state.Account](tx, state.BucketAccounts, strings.TrimPrefix(key, prefix))
			if err != nil || acc == nil {
				return true, err
			}
			a.Receivers = append(a.Receivers,
				receiverAnswer{r.Type, r.Account, state.OpenID(acc, c.App.AppID), r.Memo, state.MaskLogon(acc.LogonID),
					state.MaskLogon(r.Login)})
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	a.Pages = (a.Records + size - 1) / size
	return a, nil
}

// rateQuery is alipay.trade.royalty.rate.query.
func rateQuery(c *gateway.Call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	return struct {
		UserID   string `json:"user_id"`
		MaxRatio int    `json:"max_ratio"`
	}{c.PID, c.Owner().Settings.MaxRatio}, nil
}
