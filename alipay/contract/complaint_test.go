package contract

import (
	"context"
	"slices"
	"strings"
	"time"

	"zhitong/alipay"
)

// complaint is a buyer's complaint about a trade that was just paid.
func (w *world) complaint() (id, trade string) {
	w.Helper()
	trade = w.paid()
	return text(w.desk("POST", "/complaints", obj{"trade": trade, "content": "卡密无效"}), "complain_event_id"), trade
}

// answering is a method that writes to a complaint. It has no key: what a repeat does is decided by the complaint's
// state.
func answering(method, again string, keyless bool,
	do func(ctx context.Context, c *alipay.Client, id, content string) error, refusals ...refusal) table {
	return table{method: method, again: again, keyless: keyless, ready: func(w *world) *act {
		id, _ := w.complaint()
		replies := func() int {
			list, _ := w.desk("GET", "/complaints/"+id, nil)["replies"].([]any)
			return len(list)
		}
		return &act{
			call: func(ctx context.Context, c *alipay.Client) error { return do(ctx, c, id, "已核实") }, effects: replies,
			ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
				q, err := c.MerchantTradecomplainQuery(ctx,
					alipay.MerchantTradecomplainQueryRequest{ComplainEventID: id})
				if err != nil || slices.ContainsFunc(q.Replies, func(r alipay.ComplaintReply) bool {
					return r.Content == "已核实"
				}) != happened {
					return "wrong" + problem(err)
				}
				return ""
			},
		}
	}, refusals: append(refusals,
		refusal{"AUTHORITY_ILLEGAL", func(w *world) error {
			return do(w.Context(), w.c, "2026010200000000000000009999", "已核实")
		}},
		refusal{"SUBMIT_CONTENT_VIOLATION", func(w *world) error {
			id, _ := w.complaint()
			return do(w.Context(), w.c, id, "毒品")
		}},
		refusal{"STATUS_CHANGED", func(w *world) error {
			id, _ := w.complaint()
			w.desk("PATCH", "/complaints/"+id, obj{"status": "FINISHED"})
			return do(w.Context(), w.c, id, "已核实")
		}},
		refusal{"PARAM_ILLEGAL", func(w *world) error { return only(w.raw(method, obj{"complain_event_id": ""})) }},
	)}
}

func complaintTables() []table {
	feedback := func(ctx context.Context, c *alipay.Client, id, content string, code alipay.FeedbackCode) error {
		return only(c.MerchantTradecomplainFeedbackSubmit(ctx,
			alipay.MerchantTradecomplainFeedbackSubmitRequest{ComplainEventID: id, FeedbackCode: code,
				FeedbackContent: content}))
	}
	page := func(ctx context.Context, c *alipay.Client,
		change func(r *alipay.MerchantTradecomplainBatchqueryRequest)) (*alipay.MerchantTradecomplainBatchqueryResponse,
		error) {
		r := alipay.MerchantTradecomplainBatchqueryRequest{PageNum: 1, PageSize: 20}
		if change != nil {
			change(&r)
		}
		return c.MerchantTradecomplainBatchquery(ctx, r)
	}
	return []table{
		answering("alipay.merchant.tradecomplain.feedback.submit", "STATUS_CHANGED", false,
			func(ctx context.Context, c *alipay.Client, id, content string) error {
				return feedback(ctx, c, id, content, alipay.FeedbackShipped)
			},
			refusal{"REFUND_FEEDBACK_FAILED", func(w *world) error {
				id, _ := w.complaint()
				return feedback(w.Context(), w.c, id, "已退款", alipay.FeedbackRefunded)
			}},
			refusal{"REFUND_ALREADY_SUCCEED", func(w *world) error {
				id, trade := w.complaint()
				w.done(w.c.TradeRefund(w.Context(), w.refund(trade, 100)))
				return feedback(w.Context(), w.c, id, "请退款", alipay.FeedbackRefundByDeposit)
			}}),
		answering("alipay.merchant.tradecomplain.reply.submit", "", true,
			func(ctx context.Context, c *alipay.Client, id, content string) error {
				return only(c.MerchantTradecomplainReplySubmit(ctx,
					alipay.MerchantTradecomplainReplySubmitRequest{ComplainEventID: id, ReplyContent: content}))
			}),
		answering("alipay.merchant.tradecomplain.supplement.submit", "", true,
			func(ctx context.Context, c *alipay.Client, id, content string) error {
				return only(c.MerchantTradecomplainSupplementSubmit(ctx,
					alipay.MerchantTradecomplainSupplementSubmitRequest{ComplainEventID: id,
						SupplementContent: content}))
			}),
		{method: "alipay.merchant.tradecomplain.batchquery", ready: func(w *world) *act {
			id, _ := w.complaint()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := page(ctx, c, nil)
				if err == nil && (len(q.Complaints) == 0 || q.Complaints[0].ComplainEventID != id) {
					w.Errorf("complaints: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"PARAM_ILLEGAL", func(w *world) error {
				return only(page(w.Context(), w.c, func(r *alipay.MerchantTradecomplainBatchqueryRequest) {
					r.PageSize = 21
				}))
			}},
		}},
		{method: "alipay.merchant.tradecomplain.query", ready: func(w *world) *act {
			id, trade := w.complaint()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.MerchantTradecomplainQuery(ctx,
					alipay.MerchantTradecomplainQueryRequest{ComplainEventID: id})
				if err == nil && (q.Status != alipay.ComplaintMerchantProcessing || q.TradeNo != trade ||
					q.TradeAmount != price) {
					w.Errorf("complaint: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"AUTHORITY_ILLEGAL", func(w *world) error {
				other := open(w.TB, nil)
				id, _ := other.complaint()
				return only(w.c.MerchantTradecomplainQuery(w.Context(),
					alipay.MerchantTradecomplainQueryRequest{ComplainEventID: id}))
			}},
			{"PARAM_ILLEGAL", func(w *world) error {
				return only(w.raw("alipay.merchant.tradecomplain.query", obj{}))
			}},
		}},
		{method: "alipay.merchant.image.upload", keyless: true, ready: func(*world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.MerchantImageUpload(ctx,
					alipay.MerchantImageUploadRequest{ImageType: "png", Image: alipay.File{Content: png()}}))
			}}
		}, refusals: []refusal{
			{"PARAM_ILLEGAL", func(w *world) error {
				return only(w.c.MerchantImageUpload(w.Context(),
					alipay.MerchantImageUploadRequest{ImageType: "png", Image: alipay.File{Content: []byte("<svg/>")}}))
			}},
			{alipay.SubCodeInvalidRequest, func(w *world) error {
				return only(w.c.MerchantImageUpload(w.Context(),
					alipay.MerchantImageUploadRequest{ImageType: "gif", Image: alipay.File{Content: png()}}))
			}},
		}},
		// RiskGO: nothing but the field tables is documented, so the simulator does not play it.
		{method: "alipay.security.risk.complaint.info.batchquery", absent: true, ready: func(*world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.SecurityRiskComplaintInfoBatchquery(ctx,
					alipay.SecurityRiskComplaintInfoBatchqueryRequest{CurrentPageNum: 1, PageSize: 10}))
			}}
		}},
		{method: "alipay.security.risk.complaint.info.query", absent: true, ready: func(*world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.SecurityRiskComplaintInfoQuery(ctx,
					alipay.SecurityRiskComplaintInfoQueryRequest{ComplainID: "1"}))
			}}
		}},
		{method: "alipay.security.risk.complaint.process.finish", absent: true, ready: func(*world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.SecurityRiskComplaintProcessFinish(ctx,
					alipay.SecurityRiskComplaintProcessFinishRequest{IDList: []int64{1}, ProcessCode: "REFUND"}))
			}}
		}},
	}
}

func riskTables() []table {
	send := func(w *world, trade, smid, code string) error {
		return only(w.c.SecurityRiskCustomerriskSend(w.Context(),
			alipay.SecurityRiskCustomerriskSendRequest{TradeNo: trade, ProcessCode: code, SMID: smid}))
	}
	// Several measures are several calls, and there is no query: a repeat is another report of the same, which harms
	// nobody.
	return []table{{method: "alipay.security.risk.customerrisk.send", keyless: true, ready: func(w *world) *act {
		trade := w.paid()
		return &act{
			call: func(ctx context.Context, c *alipay.Client) error {
				return only(c.SecurityRiskCustomerriskSend(ctx,
					alipay.SecurityRiskCustomerriskSendRequest{TradeNo: trade, ProcessCode: "01", SMID: w.smid}))
			},
			effects: w.count("risk_reports", "trade_no", trade),
		}
	}, refusals: []refusal{
		{"INVALID_PARAMETER", func(w *world) error { return send(w, w.paid(), w.smid, "55") }},
	}}, {method: "alipay.security.risk.customerrisk.query", ready: func(w *world) *act {
		return &act{call: func(ctx context.Context, c *alipay.Client) error {
			q, err := c.SecurityRiskCustomerriskQuery(ctx,
				alipay.SecurityRiskCustomerriskQueryRequest{RiskType: "riskinfo_mobile_no", MobileNo: "13800000009"})
			if err == nil && !strings.Contains(q.RiskResult, "rank3") {
				w.Errorf("risk: %+v", q)
			}
			return err
		}}
	}, refusals: []refusal{{"INVALID_PARAMETER", func(w *world) error {
		return only(w.c.SecurityRiskCustomerriskQuery(w.Context(),
			alipay.SecurityRiskCustomerriskQueryRequest{RiskType: "riskinfo_mobile_no"}))
	}}}}}
}

func certifyTables() []table {
	initialize := func(change func(r *alipay.UserCertifyOpenInitializeRequest)) alipay.UserCertifyOpenInitializeRequest {
		r := alipay.UserCertifyOpenInitializeRequest{OuterOrderNo: no("C"), BizCode: "FACE",
			MerchantConfig: &alipay.CertifyConfig{ReturnURL: "https://shop.example.cn/back"},
			IdentityParam: &alipay.IdentityParam{IdentityType: "CERT_INFO", CertType: "IDENTITY_CARD", CertName: "王小明",
				CertNo: idCard("11010119900307001")}}
		if change != nil {
			change(&r)
		}
		return r
	}
	begun := func(w *world) string {
		r, err := w.c.UserCertifyOpenInitialize(w.Context(), initialize(nil))
		w.done(r, err)
		return r.CertifyID
	}
	query := func(w *world, id string) error {
		return only(w.c.UserCertifyOpenQuery(w.Context(), alipay.UserCertifyOpenQueryRequest{CertifyID: id}))
	}
	return []table{
		{method: "alipay.user.certify.open.initialize", ready: func(w *world) *act {
			r, ids := initialize(nil), map[string]bool{}
			return &act{
				call: func(ctx context.Context, c *alipay.Client) error {
					out, err := c.UserCertifyOpenInitialize(ctx, r)
					if err == nil {
						ids[out.CertifyID] = true
						if len(ids) > 1 {
							w.Errorf("one number began several verifications: %v", ids)
						}
					}
					return err
				},
			}
		}, refusals: []refusal{
			{"ILLEGAL_ARGUMENT_FORMAT", func(w *world) error {
				return only(w.c.UserCertifyOpenInitialize(w.Context(),
					initialize(func(r *alipay.UserCertifyOpenInitializeRequest) {
						r.IdentityParam.CertNo = "1"
					})))
			}},
		}},
		{method: "alipay.user.certify.open.certify", keyless: true, ready: func(w *world) *act {
			id := begun(w)
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				made, err := c.UserCertifyOpenCertify(ctx, alipay.UserCertifyOpenCertifyRequest{CertifyID: id})
				if err == nil {
					w.browse(made)
				}
				return err
			}}
		}},
		{method: "alipay.user.certify.open.query", ready: func(w *world) *act {
			id := begun(w)
			w.desk("POST", "/certify/"+id, obj{"pass": true})
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.UserCertifyOpenQuery(ctx, alipay.UserCertifyOpenQueryRequest{CertifyID: id})
				if err == nil && !q.Passed {
					w.Errorf("verification: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"OPEN_CERTIFY_BILL_STATUS_ERROR", func(w *world) error { return query(w, begun(w)) }},
			{"OPEN_CERTIFY_BILL_NOT_EXIST", func(w *world) error { return query(w, "x") }},
			{"ILLEGAL_ARGUMENT_FORMAT", func(w *world) error {
				return only(w.raw("alipay.user.certify.open.query", obj{}))
			}},
			{"CERTIFY_ID_EXPIRED", func(w *world) error {
				own := openOwn(w.TB, nil)
				id := begun(own)
				own.desk("POST", "/clock", obj{"advance_seconds": (24 * time.Hour).Seconds()})
				return query(own, id)
			}},
		}},
	}
}
