package simulator

import (
	"strings"
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

func relationMethods() []method {
	no := field{Name: "out_request_no", Required: true, Max: 32, Form: token}
	list := field{Name: "receiver_list", Kind: kArray, Fields: []field{
		{Name: "type", Max: 32}, {Name: "account", Max: 128}, {Name: "name", Max: 64}, {Name: "memo", Max: 500}, {Name: "account_open_id", Max: 128}, {Name: "login_name"}, {Name: "bind_login_name"},
	}}
	return []method{
		{Name: "alipay.trade.royalty.relation.bind", Handle: relationBind, Fields: []field{no, list}},
		{Name: "alipay.trade.royalty.relation.unbind", Handle: relationUnbind, Fields: []field{no, list}},
		{Name: "alipay.trade.royalty.relation.batchquery", Handle: relationQuery, Fields: []field{no, {Name: "page_num", Kind: kInt}, {Name: "page_size", Kind: kInt}}},
		{Name: "alipay.trade.royalty.rate.query", Handle: rateQuery, Fields: []field{no}},
	}
}

// signedRoyalty refuses with the family's own code, not with 40006.
func signedRoyalty(c *call) error {
	if !c.owner().has(ProductZFT, ProductRoyalty) {
		return refuse("PRODUCT_UNSIGN", "产品未签约")
	}
	return nil
}

// related reports whether a user may receive royalties of the platform's trades.
func related(tx *tx, pid, userID string) (bool, error) {
	r, err := getDoc[relation](tx, bucketRelations, pid+"|"+userID)
	return r != nil, err
}

type resultCode struct {
	Result string `json:"result_code"`
}

// receivers checks the list and finds the accounts.
func receivers(tx *tx, c *call, binding bool) ([]relation, error) {
	list := c.biz.list("receiver_list")
	switch {
	case len(list) == 0:
		return nil, refuse("RECEIVER_LIST_EMPTY", "分账接收方列表为空")
	case len(list) > maxBind:
		return nil, refuse("RECEIVER_LIST_OVERLOAD", "分账接收方列表超过20个")
	}
	var out []relation
	for _, o := range list {
		kind, name := o.str("type"), o.str("name")
		if kind != "userId" && kind != "loginName" && kind != "openId" {
			return nil, refuse("INVALID_RECEIVER_TYPE", "分账接收方类型错误")
		}
		if !o.has("account") || (binding && kind == "loginName" && name == "") {
			return nil, refuse("INVALID_PARAMETER", "参数有误：account 与登录号的 name 不能为空")
		}
		a, err := receiver(tx, kind, o.str("account"))
		if err != nil {
			return nil, err
		}
		if a == nil {
			return nil, refuse("USER_NOT_EXIST", "用户不存在")
		}
		if err := bindable(a, name, binding); err != nil {
			return nil, err
		}
		out = append(out, relation{Type: kind, Account: o.str("account"), UserID: a.UserID, Name: name, Memo: o.str("memo"), Login: a.LogonID})
	}
	return out, nil
}

func bindable(a *Account, name string, binding bool) error {
	switch {
	case name != "" && name != a.Name:
		return refuse("USERNAME_NOT_MATCH", "姓名与账号不匹配")
	case !binding:
		return nil
	case !a.Certified:
		return refuse("RECEIVER_ACCOUNT_NOT_CERTIFY", "分账接收方未实名认证")
	case a.NoBalance:
		return refuse("RECEIVER_ACCOUNT_NO_BALANCE", "分账接收方无余额户")
	case a.Blocked:
		return refuse("RECEIVER_ACCOUNT_STATE_INVALID", "分账接收方账户状态异常")
	}
	return nil
}

// relationBind is alipay.trade.royalty.relation.bind; binding again is no error.
func relationBind(c *call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	err := c.update(func(tx *tx) error {
		list, err := receivers(tx, c, true)
		if err != nil {
			return err
		}
		count, err := countRelations(tx, c.pid)
		if err != nil {
			return err
		}
		for _, r := range list {
			known, err := related(tx, c.pid, r.UserID)
			if err != nil {
				return err
			}
			if !known {
				count++
			}
			if count > maxRelations {
				return refuse("RELATION_QUANTITY_LIMIT", "分账关系数量超限")
			}
			if err := putDoc(tx, bucketRelations, c.pid+"|"+r.UserID, r); err != nil {
				return err
			}
		}
		return putDoc(tx, bucketMeta, "relations|"+c.pid, count)
	})
	if err != nil {
		return nil, err
	}
	return resultCode{"SUCCESS"}, nil
}

// relationUnbind is alipay.trade.royalty.relation.unbind.
func relationUnbind(c *call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	err := c.update(func(tx *tx) error {
		list, err := receivers(tx, c, false)
		if err != nil {
			return err
		}
		count, err := countRelations(tx, c.pid)
		if err != nil {
			return err
		}
		for _, r := range list {
			known, err := related(tx, c.pid, r.UserID)
			if err != nil {
				return err
			}
			if known {
				count--
			}
			if err := delDoc(tx, bucketRelations, c.pid+"|"+r.UserID); err != nil {
				return err
			}
		}
		return putDoc(tx, bucketMeta, "relations|"+c.pid, count)
	})
	if err != nil {
		return nil, err
	}
	return resultCode{"SUCCESS"}, nil
}

func countRelations(tx *tx, pid string) (int, error) {
	n, err := getDoc[int](tx, bucketMeta, "relations|"+pid)
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
func relationQuery(c *call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	page, size := c.biz.num("page_num", 1), c.biz.num("page_size", 20)
	if page < 1 || size < 1 || size > 100 {
		return nil, c.method.refuseField(&fieldError{"page_num,page_size", "取值错误"})
	}
	a := relationAnswer{Result: "SUCCESS", Receivers: []receiverAnswer{}, Page: page, Size: size}
	err := c.view(func(tx *tx) error {
		prefix := c.pid + "|"
		return eachDoc(tx, bucketRelations, prefix, "", func(key string, r *relation) (bool, error) {
			i := a.Records
			a.Records++
			if i < (page-1)*size || i >= page*size {
				return true, nil
			}
			acc, err := getDoc[Account](tx, bucketAccounts, strings.TrimPrefix(key, prefix))
			if err != nil || acc == nil {
				return true, err
			}
			a.Receivers = append(a.Receivers, receiverAnswer{r.Type, r.Account, openID(acc, c.app.AppID), r.Memo, maskLogon(acc.LogonID), maskLogon(r.Login)})
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
func rateQuery(c *call) (any, error) {
	if err := signedRoyalty(c); err != nil {
		return nil, err
	}
	return struct {
		UserID   string `json:"user_id"`
		MaxRatio int    `json:"max_ratio"`
	}{c.pid, c.owner().Settings.MaxRatio}, nil
}
