package contract

import (
	"context"
	"time"

	"zhitong/alipay"
	"zhitong/internal/money"
)

// Transfers need certificate mode, so these tables run in it.
func payer() obj {
	return obj{"certificate_mode": true, "settings": obj{"transfer_max_fen": 60_000_00}}
}

func (w *world) rich() {
	w.Helper()
	w.desk("PATCH", "/accounts/"+w.pid, obj{"top_up_fen": 1_000_000_00})
}

func transferTo(who string, amount money.Fen) alipay.FundTransUniTransferRequest {
	return alipay.FundTransUniTransferRequest{OutBizNo: no("PO"), TransAmount: amount,
		ProductCode: alipay.TransferToAccount, BizScene: alipay.SceneDirect, OrderTitle: "服务费",
		PayeeInfo: &alipay.Participant{Identity: who, IdentityType: alipay.IdentityUserID}}
}

func toCard(number string) alipay.FundTransUniTransferRequest {
	r := transferTo(number, 1000)
	r.ProductCode = alipay.TransferToBankcard
	r.PayeeInfo = &alipay.Participant{Identity: number, IdentityType: alipay.IdentityBankcard, Name: "王五",
		Bankcard: &alipay.BankcardExt{AccountType: "2"}}
	return r
}

func transferring(prepare func(w *world) alipay.FundTransUniTransferRequest) func(w *world) error {
	return func(w *world) error {
		w.rich()
		return only(w.c.FundTransUniTransfer(w.Context(), prepare(w)))
	}
}

// count counts the documents of a list at the desk that bear a number.
func (w *world) count(list, name, number string) func() int {
	return func() int {
		n := 0
		all, _ := w.desk("GET", "/"+list+"?limit=1000&app_id="+w.app, nil)[list].([]any)
		for _, d := range all {
			if text(d.(obj), name) == number {
				n++
			}
		}
		return n
	}
}

func queryOf(r alipay.FundTransUniTransferRequest) alipay.FundTransCommonQueryRequest {
	return alipay.FundTransCommonQueryRequest{OutBizNo: r.OutBizNo, ProductCode: r.ProductCode, BizScene: r.BizScene}
}

func fundTables() []table {
	return []table{transferTable(),
		{method: "alipay.fund.trans.common.query", register: payer(), ready: func(w *world) *act {
			w.rich()
			r := transferTo(receiver, 100)
			w.done(w.c.FundTransUniTransfer(w.Context(), r))
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.FundTransCommonQuery(ctx, queryOf(r))
				if err == nil && (q.Status != alipay.TransferSuccess || q.TransAmount != 100) {
					w.Errorf("transfer: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"ORDER_NOT_EXIST", func(w *world) error {
				return only(w.c.FundTransCommonQuery(w.Context(), queryOf(transferTo(receiver, 1))))
			}},
			{"INVALID_PARAMETER", func(w *world) error {
				return only(w.c.FundTransCommonQuery(w.Context(), alipay.FundTransCommonQueryRequest{OutBizNo: "PO1"}))
			}},
			{"NO_ORDER_PERMISSION", func(w *world) error {
				other := open(w.TB, payer())
				other.rich()
				r, err := other.c.FundTransUniTransfer(w.Context(), transferTo(receiver, 100))
				w.done(r, err)
				return only(w.c.FundTransCommonQuery(w.Context(),
					alipay.FundTransCommonQueryRequest{OrderID: r.OrderID}))
			}},
		}},
		{method: "alipay.fund.account.query", register: payer(), ready: func(w *world) *act {
			w.rich()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.FundAccountQuery(ctx,
					alipay.FundAccountQueryRequest{AlipayUserID: w.pid, AccountType: "ACCTRANS_ACCOUNT"})
				if err == nil && q.AvailableAmount < 1_000_000_00 {
					w.Errorf("balance: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"INVALID_PARAMETER", func(w *world) error {
				return only(w.c.FundAccountQuery(w.Context(),
					alipay.FundAccountQueryRequest{AlipayUserID: w.pid, AccountType: "X"}))
			}},
			{"AUTH_USERID_IS_NOT_MATCH", func(w *world) error {
				return only(w.c.FundAccountQuery(w.Context(),
					alipay.FundAccountQueryRequest{AlipayUserID: buyer, AccountType: "ACCTRANS_ACCOUNT"}))
			}},
		}},
		{method: "alipay.fund.quota.query", register: payer(), ready: func(w *world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.FundQuotaQuery(ctx,
					alipay.FundQuotaQueryRequest{ProductCode: alipay.TransferToAccount, BizScene: alipay.SceneDirect})
				if err == nil && (q.NewSingleMax == nil || *q.NewSingleMax != 60_000_00) {
					w.Errorf("quota: %+v", q)
				}
				return err
			}}
		}},
		batchTable("alipay.fund.batch.create",
			func(ctx context.Context, c *alipay.Client,
				r alipay.FundBatchCreateRequest) (*alipay.FundBatchResponse, error) {
				return c.FundBatchCreate(ctx, r)
			}),
		batchTable("alipay.fund.batch.uni.transfer",
			func(ctx context.Context, c *alipay.Client,
				r alipay.FundBatchCreateRequest) (*alipay.FundBatchResponse, error) {
				return c.FundBatchUniTransfer(ctx, r)
			}),
		{method: "alipay.fund.batch.app.pay", register: payer(), keyless: true, ready: func(w *world) *act {
			w.rich()
			id := w.batch()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				made, err := c.FundBatchAppPay(ctx, alipay.FundBatchAppPayRequest{BatchTransID: id})
				if err == nil {
					w.browse(made)
				}
				return err
			}}
		}},
		{method: "alipay.fund.batch.close", register: payer(), ready: func(w *world) *act {
			id := w.batch()
			status := func(ctx context.Context, c *alipay.Client) (string, error) {
				q, err := c.FundBatchDetailQuery(ctx, alipay.FundBatchDetailQueryRequest{BatchTransID: id})
				if err != nil {
					return "", err
				}
				return q.Status, nil
			}
			return &act{
				call: func(ctx context.Context, c *alipay.Client) error {
					return only(c.FundBatchClose(ctx, alipay.FundBatchCloseRequest{BatchTransID: id}))
				},
				effects: func() int {
					if got, err := status(w.Context(), w.c); err == nil && got == "DISUSE" {
						return 1
					}
					return 0
				},
				ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
					if got, err := status(ctx, c); err != nil || (got == "DISUSE") != happened {
						return "says " + got + problem(err)
					}
					return ""
				},
			}
		}, refusals: []refusal{
			{"ORDER_STATUS_INVALID", func(w *world) error {
				w.rich()
				id := w.batch()
				w.desk("POST", "/batches/"+id+"/pay", nil)
				return only(w.c.FundBatchClose(w.Context(), alipay.FundBatchCloseRequest{BatchTransID: id}))
			}},
			{"ORDER_NOT_EXIST", func(w *world) error {
				return only(w.c.FundBatchClose(w.Context(), alipay.FundBatchCloseRequest{BatchTransID: "1"}))
			}},
		}},
		{method: "alipay.fund.batch.detail.query", register: payer(), ready: func(w *world) *act {
			id := w.batch()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.FundBatchDetailQuery(ctx,
					alipay.FundBatchDetailQueryRequest{BatchTransID: id, PageNum: 1, PageSize: 10})
				if err == nil && (q.Status != "INIT" || len(q.Details) != 2) {
					w.Errorf("batch: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"ORDER_NOT_EXIST", func(w *world) error {
				return only(w.c.FundBatchDetailQuery(w.Context(),
					alipay.FundBatchDetailQueryRequest{OutBatchNo: no("BT")}))
			}},
		}},
		billTable(),
	}
}

func batchOf() alipay.FundBatchCreateRequest {
	r := alipay.FundBatchCreateRequest{OutBatchNo: no("BT"), ProductCode: "BATCH_API_TO_ACC",
		BizScene: "MESSAGE_BATCH_PAY", OrderTitle: "佣金"}
	for range 2 {
		r.TransOrderList = append(r.TransOrderList,
			alipay.BatchOrder{OutBizNo: no("L"), TransAmount: 200, OrderTitle: "佣金",
				PayeeInfo: &alipay.Participant{Identity: receiver, IdentityType: alipay.IdentityUserID, Name: "分账一号"}})
	}
	return r
}

func (w *world) batch() string {
	w.Helper()
	r, err := w.c.FundBatchCreate(w.Context(), batchOf())
	w.done(r, err)
	return r.BatchTransID
}

func batchTable(method string,
	do func(context.Context, *alipay.Client, alipay.FundBatchCreateRequest) (*alipay.FundBatchResponse, error)) table {
	return table{method: method, register: payer(), ready: func(w *world) *act {
		w.rich()
		r := batchOf()
		return &act{
			call: func(ctx context.Context, c *alipay.Client) error {
				return only(do(ctx, c, r))
			}, effects: w.count("batches", "out_batch_no", r.OutBatchNo),
			ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
				q, err := c.FundBatchDetailQuery(ctx, alipay.FundBatchDetailQueryRequest{OutBatchNo: r.OutBatchNo})
				if happened != (err == nil) || err != nil && !alipay.IsRefused(err, "ORDER_NOT_EXIST") ||
					err == nil && q.OutBatchNo != r.OutBatchNo {
					return "wrong" + problem(err)
				}
				return ""
			},
		}
	}, refusals: []refusal{
		{"PAYMENT_INFO_INCONSISTENCY", func(w *world) error {
			w.rich()
			r := batchOf()
			w.done(do(w.Context(), w.c, r))
			r.TransOrderList[0].TransAmount++
			return only(do(w.Context(), w.c, r))
		}},
		{"INVALID_PARAMETER", func(w *world) error {
			r := batchOf()
			r.TransOrderList[1].OutBizNo = r.TransOrderList[0].OutBizNo
			return only(do(w.Context(), w.c, r))
		}},
	}}
}

func transferTable() table {
	type T = alipay.FundTransUniTransferRequest
	is := func(code string, change func(r *T)) refusal {
		return refusal{code, transferring(func(*world) T {
			r := transferTo(receiver, 100)
			change(&r)
			return r
		})}
	}
	logon := func(name string) *alipay.Participant {
		return &alipay.Participant{Identity: "receiver@simulator.example", IdentityType: alipay.IdentityLogonID,
			Name: name}
	}
	return table{method: "alipay.fund.trans.uni.transfer", register: payer(), ready: func(w *world) *act {
		w.rich()
		r := transferTo(receiver, 100)
		return &act{
			call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.FundTransUniTransfer(ctx, r))
			}, effects: w.count("transfers", "out_biz_no", r.OutBizNo),
			ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
				q, err := c.FundTransCommonQuery(ctx, queryOf(r))
				if happened != (err == nil) || err != nil && !alipay.IsRefused(err, "ORDER_NOT_EXIST") ||
					err == nil && q.Status != alipay.TransferSuccess {
					return "wrong" + problem(err)
				}
				return ""
			},
		}
	}, refusals: []refusal{
		is("EXCEED_LIMIT_SM_MIN_AMOUNT", func(r *T) { r.TransAmount = 9 }),
		is("EXCEED_LIMIT_SM_AMOUNT", func(r *T) { r.TransAmount = 60_000_01 }),
		is("MEMO_REQUIRED_IN_TRANSFER_ERROR", func(r *T) { r.TransAmount = 50_000_00 }),
		is("PRODUCT_NOT_SIGN", func(r *T) { r.ProductCode = "STD_RED_PACKET" }),
		is("INVALID_PARAMETER", func(r *T) { r.BizScene = "PERSONAL_COLLECTION" }),
		is("REMARK_HAS_SENSITIVE_WORD", func(r *T) { r.Remark = "赌博" }),
		is("PAYEE_NOT_EXIST", func(r *T) { r.PayeeInfo.Identity = nobody }),
		is("PAYEE_USERINFO_ERROR", func(r *T) { r.PayeeInfo = logon("别人") }),
		is("PAYEE_NOT_RELNAME_CERTIFY", func(r *T) { r.PayeeInfo.Identity = uncertified }),
		is("NO_ACCOUNT_RECEIVE_PERMISSION", func(r *T) { r.PayeeInfo.Identity = balanceless }),
		is("PAYEE_ACCOUNT_STATUS_ERROR", func(r *T) { r.PayeeInfo.Identity = abnormal }),
		{"PAYER_PAYEE_CANNOT_SAME", transferring(func(w *world) T { return transferTo(w.pid, 100) })},
		{"CARD_BIN_ERROR", transferring(func(*world) T { return toCard("62x") })},
		{"BANKCODE_OR_BRANCHNAME_INFO_ERROR", transferring(func(*world) T {
			r := toCard("6225000000000001")
			r.PayeeInfo.Bankcard.AccountType = "1"
			return r
		})},
		is("TRANSFER_SCENE_NAME_ILLEGAL", func(r *T) {
			r.TransferSceneName, r.TransferSceneReport = "喝茶", []alipay.SceneReport{{InfoType: "佣金报酬说明",
				InfoContent: "1月"}}
		}),
		is("TRANSFER_SCENE_REPORT_INFO_ILLEGAL", func(r *T) { r.TransferSceneName = "佣金报酬" }),
		{"TRANSFER_SCENE_NAME_BLANK", transferring(func(w *world) T {
			w.settings(obj{"require_transfer_scene": true})
			return transferTo(receiver, 100)
		})},
		{"PAYER_STATUS_ERROR", transferring(func(w *world) T {
			w.desk("PATCH", "/accounts/"+w.pid, obj{"blocked": true})
			return transferTo(receiver, 100)
		})},
		{"PAYER_BALANCE_NOT_ENOUGH", func(w *world) error { // a platform has some money from the start
			have := fen(w.desk("GET", "/accounts/"+w.pid, nil), "balance_fen")
			w.desk("PATCH", "/accounts/"+w.pid, obj{"top_up_fen": -have})
			return only(w.c.FundTransUniTransfer(w.Context(), transferTo(receiver, 100)))
		}},
		{"PAYMENT_INFO_INCONSISTENCY", transferring(func(w *world) T {
			r := transferTo(receiver, 100)
			w.done(w.c.FundTransUniTransfer(w.Context(), r))
			r.TransAmount = 200
			return r
		})},
		{"unknown " + alipay.SubCodeNotFinal, transferring(func(*world) T {
			return toCard("6225000000000001")
		})}, // DEALING
		{"isv.missing-app-cert-sn", func(w *world) error {
			plain := open(w.TB, nil) // public-key mode
			return only(plain.c.FundTransUniTransfer(w.Context(), transferTo(receiver, 100)))
		}},
	}}
}

func billTable() table {
	ask := func(ctx context.Context, c *alipay.Client, kind alipay.BillType, date string) error {
		return only(c.BillDownloadurlQuery(ctx, alipay.BillDownloadurlQueryRequest{BillType: kind, BillDate: date}))
	}
	later := func(w *world, days, hour int) { // to an hour of a later day in Beijing, whatever the hour is now
		now := w.clk.Now().Add(8 * time.Hour) // UTC shows Beijing's date and hour
		at := time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, time.UTC)
		w.desk("POST", "/clock", obj{"advance_seconds": at.Sub(now).Seconds()})
	}
	day := func(w *world, days int) string { return alipay.BillDay(w.clk.Now().AddDate(0, 0, days)) }
	wants := func(code string, kind alipay.BillType, days int) refusal {
		return refusal{code, func(w *world) error { return ask(w.Context(), w.c, kind, day(w, days)) }}
	}
	return table{method: "alipay.data.dataservice.bill.downloadurl.query", own: true, ready: func(w *world) *act {
		w.paid()
		later(w, 2, 12) // a bill needs a day that is over, and comes at 09:00 of the next
		return &act{call: func(ctx context.Context, c *alipay.Client) error {
			return ask(ctx, c, alipay.BillTrade, day(w, -1))
		}}
	}, refusals: []refusal{
		wants("INVAILID_ARGUMENTS", alipay.BillTrade, 0),
		wants("TYPE_NOT_SUPPORTED", "cash", -1),
		wants("BILL_NOT_EXIST", alipay.BillTrade, -3000),
		wants("BILL_DATE_BEFORE_REGISTRATION", alipay.BillTrade, -100),
		{"NO_BILL_DATA", func(w *world) error {
			later(w, 1, 4) // at 04:00 of the day after the registration
			return ask(w.Context(), w.c, alipay.BillTrade, day(w, -1))
		}},
	}}
}
