package contract

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"zhitong/alipay"
)

// idCard appends the check digit (GB 11643).
func idCard(first17 string) string {
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, d := range first17 {
		sum += int(d-'0') * weights[i]
	}
	return first17 + string("10X98765432"[sum%11])
}

const phone = "13800000000"

// person is a complete application of an individual that settles to Alipay.
func person() alipay.IndirectZftCreateRequest {
	return alipay.IndirectZftCreateRequest{
		ExternalID: no("m"), Name: "王小明", AliasName: "小明数卡铺", MerchantType: alipay.MerchantIndividual, MCC: "B0125",
		CertType: "100", CertNo: idCard("11010119900307001"),
		ContactInfos: []alipay.ContactInfo{{Name: "王小明", Mobile: phone}},
		Service:      []alipay.ServiceName{alipay.ServiceWap}, Sites: []alipay.SiteInfo{site()},
		AlipayLogonID: phone, BindingAlipayLogonID: phone, DefaultSettleRule: toAlipay(phone),
	}
}

func site() alipay.SiteInfo {
	return alipay.SiteInfo{SiteType: "01", SiteName: "小明数卡铺", SiteURL: "https://shop.example.cn"}
}

func toAlipay(logon string) *alipay.DefaultSettleRule {
	return &alipay.DefaultSettleRule{Type: alipay.SettleToAlipayAccount, Target: logon}
}

func card() alipay.SettleCard {
	return alipay.SettleCard{HolderName: "杭州示例网络科技有限公司", No: "571900000010001", Province: "浙江省", City: "杭州市",
		Branch: "招商银行股份有限公司杭州分行", Usage: "01", Kind: "DC",
		BankName: "招商银行", BankID: "CMB", BankCode: "308331012001"}
}

// company is an enterprise of a special industry that settles to a bank card.
func (w *world) company() alipay.IndirectZftCreateRequest {
	w.Helper()
	img := w.image()
	return alipay.IndirectZftCreateRequest{
		ExternalID: no("m"), Name: "杭州示例网络科技有限公司", AliasName: "示例充值中心", MerchantType: alipay.MerchantEnterprise,
		MCC: "B0205", CertType: "201", CertNo: "91330100MA00000000",
		CertImage: img, LegalName: "李四", LegalCertNo: idCard("33010619800101123"), LegalCertFrontImage: img,
		LegalCertBackImage: img,
		Qualifications:     []alipay.Qualification{{Type: "310", Image: img}},
		ContactInfos:       []alipay.ContactInfo{{Name: "赵六", Mobile: "13900000000"}},
		Service:            []alipay.ServiceName{alipay.ServicePage}, BindingAlipayLogonID: "finance@example.cn",
		Sites: []alipay.SiteInfo{site()}, BizCards: []alipay.SettleCard{card()},
		DefaultSettleRule: &alipay.DefaultSettleRule{Type: alipay.SettleToBankCard, Target: "571900000010001"},
	}
}

func png() []byte { return []byte("\x89PNG\r\n\x1a\nrest") }

// image is a picture that was uploaded for this application.
func (w *world) image() string {
	w.Helper()
	if w.picture != "" {
		return w.picture
	}
	r, err := w.c.IndirectImageUpload(w.Context(),
		alipay.IndirectImageUploadRequest{ImageType: "png", Image: alipay.File{Content: png()}})
	w.done(r, err)
	w.picture = r.ImageID
	return r.ImageID
}

// onboarded is a merchant that went through an application.
func (w *world) onboarded() (smid, external string) {
	w.Helper()
	p := person()
	r, err := w.c.IndirectZftCreate(w.Context(), p)
	w.done(r, err)
	w.desk("POST", "/applications/"+r.OrderID+"/approve", nil)
	q, err := w.c.IndirectZftorderQuery(w.Context(), alipay.IndirectZftorderQueryRequest{OrderID: r.OrderID})
	w.done(q, err)
	return q.Orders[0].SMID(), p.ExternalID
}

// applications counts those of an external id that the desk has.
func (w *world) applications(external string) func() int {
	return func() int {
		n := 0
		list, _ := w.desk("GET", "/applications?limit=1000&app_id="+w.app, nil)["applications"].([]any)
		for _, a := range list {
			if text(a.(obj), "external_id") == external {
				n++
			}
		}
		return n
	}
}

// listed asks zftorder.query how many applications an external id has, beyond those of before.
func listed(external string, before int) func(context.Context, *alipay.Client, bool) string {
	return func(ctx context.Context, c *alipay.Client, happened bool) string {
		q, err := c.IndirectZftorderQuery(ctx, alipay.IndirectZftorderQueryRequest{ExternalID: external})
		n := 0
		if err == nil {
			n = len(q.Orders)
		} else if !alipay.IsRefused(err, "ORDER_NOT_EXIST") {
			return err.Error()
		}
		want := before
		if happened {
			want++
		}
		if n != want {
			return fmt.Sprintf("%d applications, want %d", n, want)
		}
		return ""
	}
}

const conflict = "MERCHANT_ORDER_EXECUTE_CONFLICT"

// applying is a method that submits an application under a fresh external id: while it is in review a second one is
// refused.
func applying(method string, do func(ctx context.Context, w *world, external string) error, refusals ...refusal) table {
	return table{method: method, again: conflict, ready: func(w *world) *act {
		external := no("m")
		return &act{
			call:    func(ctx context.Context, _ *alipay.Client) error { return do(ctx, w, external) },
			effects: w.applications(external), ask: listed(external, 0),
		}
	}, refusals: append(refusals,
		refusal{conflict, func(w *world) error { return do(w.Context(), w, no("m")+"-conflict") }},
		refusal{"unknown isp.unknow-error", func(w *world) error { return do(w.Context(), w, no("m")+"-20000") }},
		refusal{"unknown " + alipay.SubCodeTransport, func(w *world) error {
			return do(w.Context(), w, no("m")+"-timeout")
		}},
		refusal{"isv.insufficient-isv-permissions", func(w *world) error {
			w.image()
			w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}})
			return do(w.Context(), w, no("m"))
		}},
	)}
}

// changing is a method that changes an onboarded merchant by an application.
func changing(method string, do func(ctx context.Context, c *alipay.Client, smid string, w *world) error,
	refusals ...refusal) table {
	return table{method: method, again: conflict, ready: func(w *world) *act {
		smid, external := w.onboarded()
		count := w.applications(external)
		return &act{
			call:    func(ctx context.Context, c *alipay.Client) error { return do(ctx, c, smid, w) },
			effects: func() int { return count() - 1 }, ask: listed(external, 1),
		}
	}, refusals: append(refusals,
		refusal{"MERCHANT_NOT_EXIST", func(w *world) error { return do(w.Context(), w.c, "2088000000009999", w) }},
		refusal{conflict, func(w *world) error {
			smid, _ := w.onboarded()
			w.done(nil, do(w.Context(), w.c, smid, w))
			return do(w.Context(), w.c, smid, w)
		}},
	)}
}

func merchantTables() []table {
	return slices.Concat(applicationTables(), changeTables(), merchantQueryTables())
}

func applicationTables() []table {
	create := applying("ant.merchant.expand.indirect.zft.create",
		func(ctx context.Context, w *world, external string) error {
			p := person()
			p.ExternalID = external
			return only(w.c.IndirectZftCreate(ctx, p))
		}, slices.Concat(personRefusals(), faceRefusals(), companyRefusals())...)
	simple := func(ctx context.Context, c *alipay.Client, r alipay.IndirectZftSimplecreateRequest) error {
		return only(c.IndirectZftSimplecreate(ctx, r))
	}
	simplest := func(external, screenshot string) alipay.IndirectZftSimplecreateRequest {
		s := site()
		s.ScreenshotImage = screenshot
		return alipay.IndirectZftSimplecreateRequest{ExternalID: external, AliasName: "小铺", MCC: "B0125",
			ContactInfos: &alipay.ContactInfo{Name: "王小明", Mobile: phone},
			Service:      []alipay.ServiceName{alipay.ServiceFaceToFace}, Sites: &s, AlipayLogonID: phone,
			BindingAlipayLogonID: phone, DefaultSettleRule: toAlipay(phone),
			BusinessAddress: place(), OutDoorImages: screenshot, InDoorImages: screenshot}
	}
	return []table{create,
		{method: "ant.merchant.expand.indirect.zft.consult", keyless: true,
			ready: func(w *world) *act { // a dry run: nothing to repeat, nothing to ask
				p := person()
				return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.IndirectZftConsult(ctx, consultOf(p))
				})}
			}, refusals: []refusal{
				{"INVALID_PARAMETER", func(w *world) error {
					r := consultOf(person())
					r.MCC = "B9999"
					return only(w.c.IndirectZftConsult(w.Context(), r))
				}},
				{"ID_CARD_MSG_ILLEGAL", func(w *world) error {
					r := consultOf(person())
					r.CertNo = "110101199003070010"
					return only(w.c.IndirectZftConsult(w.Context(), r))
				}},
			}},
		simpleTable(simple, simplest),
		applying("ant.merchant.expand.indirect.zft.quickcreate",
			func(ctx context.Context, w *world, external string) error {
				s := site()
				s.ScreenshotImage = w.image()
				return only(w.c.IndirectZftQuickcreate(ctx,
					alipay.IndirectZftQuickcreateRequest{ExternalID: external, AliasName: "小铺", MCC: "B0125",
						ContactInfos: []alipay.ContactInfo{{Name: "王小明", Mobile: phone}},
						Service:      []alipay.ServiceName{alipay.ServicePage}, Sites: []alipay.SiteInfo{s},
						AlipayLogonID: phone, BindingAlipayLogonID: phone, DefaultSettleRule: toAlipay(phone)}))
			}),
	}
}

func simpleTable(do func(context.Context, *alipay.Client, alipay.IndirectZftSimplecreateRequest) error,
	form func(external, screenshot string) alipay.IndirectZftSimplecreateRequest) table {
	return applying("ant.merchant.expand.indirect.zft.simplecreate",
		func(ctx context.Context, w *world, external string) error {
			return do(ctx, w.c, form(external, w.image()))
		}, refusal{"BANK_CARD_TYPE_ILLEGAL", func(w *world) error {
			r := form(no("m"), w.image())
			bank := card()
			r.BizCards = &bank
			return do(w.Context(), w.c, r)
		}}, refusal{"INVALID_PARAMETER", func(w *world) error {
			r := form(no("m"), w.image())
			r.AdditionalCertType = "201"
			return do(w.Context(), w.c, r)
		}})
}

func place() *alipay.AddressInfo {
	return &alipay.AddressInfo{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330106", Address: "示例路1号"}
}

func consultOf(p alipay.IndirectZftCreateRequest) alipay.IndirectZftConsultRequest {
	return alipay.IndirectZftConsultRequest{ExternalID: p.ExternalID, Name: p.Name, AliasName: p.AliasName,
		MerchantType: p.MerchantType, MCC: p.MCC, CertType: p.CertType, CertNo: p.CertNo,
		ContactInfos: p.ContactInfos, Service: p.Service, Sites: p.Sites, AlipayLogonID: p.AlipayLogonID,
		BindingAlipayLogonID: p.BindingAlipayLogonID, DefaultSettleRule: p.DefaultSettleRule}
}

type application = alipay.IndirectZftCreateRequest

// submit is a refusal of a good application with one change.
func submit(code string, base func(w *world) application, change func(w *world, r *application)) refusal {
	return refusal{code, func(w *world) error {
		r := base(w)
		change(w, &r)
		return only(w.c.IndirectZftCreate(w.Context(), r))
	}}
}

func individual(*world) application { return person() }

func personRefusals() []refusal {
	is := func(code string, change func(r *application)) refusal {
		return submit(code, individual, func(_ *world, r *application) { change(r) })
	}
	bank := &alipay.DefaultSettleRule{Type: alipay.SettleToBankCard, Target: "1"}
	return []refusal{
		is("INVALID_PARAMETER", func(r *application) { r.MCC = "B9999" }),
		is("INDUSTRY_QUALIFICATION_IS_EMPTY", func(r *application) { r.MCC = "B0205" }),
		is("ID_CARD_MSG_ILLEGAL", func(r *application) { r.CertNo = "110101199003070010" }),
		is("SETTLED_ALIPAYACCOUNT_NOT_EXIST", func(r *application) { r.BindingAlipayLogonID = "notexist@example.cn" }),
		is("USER_ILLEGAL", func(r *application) { r.BindingAlipayLogonID = "uncertified@simulator.example" }),
		is("BUSINESS_LICENSE_NAME_NOT_MATCH", func(r *application) {
			r.BindingAlipayLogonID = "buyer@simulator.example"
		}),
		is("SETTLED_BANKCARD_NO_IS_EMPTY", func(r *application) { r.DefaultSettleRule = bank }),
		is("BANK_CARD_TYPE_ILLEGAL", func(r *application) { r.BizCards = []alipay.SettleCard{card()} }),
		is("BUSINESS_LICENSE_OSSKEY_NOT_EXIST", func(r *application) { r.CertImage = "no.jpg" }),
		submit("SETTLED_INDUSTRYQUALIFICATIONTYPE_IS_ILLEGAL", individual, func(w *world, r *application) {
			r.MCC, r.Qualifications = "B0205", []alipay.Qualification{{Type: "3x0", Image: w.image()}}
		}),
		{"NOT_ALLOWED_SETTLE", func(w *world) error {
			_, external := w.onboarded()
			r := person()
			r.ExternalID = external
			return only(w.c.IndirectZftCreate(w.Context(), r))
		}},
		{alipay.SubCodeInvalidRequest, func(w *world) error {
			r := person()
			r.Name = ""
			return only(w.c.IndirectZftCreate(w.Context(), r))
		}},
	}
}

// faceRefusals are those of 当面付, which needs an address and pictures.
func faceRefusals() []refusal {
	face := func(w *world) application {
		r, img := person(), w.image()
		r.Service, r.BusinessAddress, r.OutDoorImages, r.InDoorImages, r.CertImageBack = []alipay.ServiceName{alipay.ServiceFaceToFace}, place(), []string{img}, []string{img}, img
		return r
	}
	is := func(code string, change func(r *application)) refusal {
		return submit(code, face, func(_ *world, r *application) { change(r) })
	}
	return []refusal{
		is("BUSINESS_ADDRESS_IS_EMPTY", func(r *application) { r.BusinessAddress = nil }),
		is("SETTLED_OUTDOORIMAGE_EMPTY", func(r *application) { r.OutDoorImages = nil }),
		is("OUTDOOR_IMAGE_OSSKEY_NOT_EXIST", func(r *application) { r.OutDoorImages = []string{"no.jpg"} }),
		is("ATTACHMENT_CHECK_FAIL", func(r *application) { r.CertImageBack = "no.jpg" }),
		is("ADDRESS_PROVINCE_CODE_ILLEGAL", func(r *application) { r.BusinessAddress.ProvinceCode = "33" }),
		is("ADDRESS_CITY_CODE_ILLEGAL", func(r *application) { r.BusinessAddress.CityCode = "320100" }),
		is("ADDRESS_DISTRICT_CODE_ILLEGAL", func(r *application) { r.BusinessAddress.DistrictCode = "330206" }),
		is("DETAIL_ADDRESS_NOT_CONTAINS_CHINESE_CHARACTER", func(r *application) {
			r.BusinessAddress.Address = "Road 1"
		}),
	}
}

func companyRefusals() []refusal {
	is := func(code string, change func(r *application)) refusal {
		return submit(code, (*world).company, func(_ *world, r *application) { change(r) })
	}
	return []refusal{
		is("BUSINESS_LICENSE_ILLEGAL", func(r *application) { r.CertNo = "licence" }),
		is("SETTLED_BANKCARD_NUMBER_LENGTH_ILLEGAL", func(r *application) { r.BizCards[0].No = "123" }),
		is("BANK_BRANCH_NAME_ILLEGAL", func(r *application) { r.BizCards[0].Branch = "somewhere" }),
		is("SETTLED_USAGETYPE_ILLEGAL", func(r *application) { r.BizCards[0].Usage = "03" }),
		is("SETTLED_CARD_ACCOUNTTYPE_ILLEGAL", func(r *application) { r.BizCards[0].Kind = "XX" }),
		is("BANK_ACCOUNTINSTID_ILLEGAL", func(r *application) { r.BizCards[0].BankID = "cmb1" }),
		is("BANK_CODE_ILLEGAL", func(r *application) { r.BizCards[0].BankCode = "12" }),
		is("BUSINESS_LICENSE_URL_IS_EMPTY", func(r *application) { r.CertImage = "" }),
	}
}

func changeTables() []table {
	modify := func(ctx context.Context, c *alipay.Client, smid string,
		change func(r *alipay.IndirectZftModifyRequest)) error {
		p := person()
		r := alipay.IndirectZftModifyRequest{SMID: smid, Name: p.Name, AliasName: "新名", MerchantType: p.MerchantType,
			MCC: p.MCC, ContactInfos: p.ContactInfos, Service: p.Service, Sites: p.Sites,
			AlipayLogonID: phone, BindingAlipayLogonID: phone, DefaultSettleRule: p.DefaultSettleRule}
		if change != nil {
			change(&r)
		}
		return only(c.IndirectZftModify(ctx, r))
	}
	upgrade := func(ctx context.Context, c *alipay.Client, smid, number, image string) error {
		return only(c.IndirectZftUpgrade(ctx,
			alipay.IndirectZftUpgradeRequest{SMID: smid, AdditionalCertType: "201", AdditionalCertNo: number,
				AdditionalCertImage: image}))
	}
	settle := func(ctx context.Context, c *alipay.Client, smid string, bank *alipay.SettleCard) error {
		return only(c.IndirectZftSettlementmodify(ctx,
			alipay.IndirectZftSettlementmodifyRequest{SMID: smid, AlipayLogonID: "13900000009", BizCards: bank,
				DefaultSettleRule: toAlipay("13900000009")}))
	}
	const licence = "92330100MA00000000"
	return []table{
		changing("ant.merchant.expand.indirect.zft.modify",
			func(ctx context.Context, c *alipay.Client, smid string, _ *world) error {
				return modify(ctx, c, smid, nil)
			},
			refusal{"INVALID_PARAMETER", func(w *world) error {
				smid, _ := w.onboarded()
				return modify(w.Context(), w.c, smid, func(r *alipay.IndirectZftModifyRequest) { r.CertType = "201" })
			}}),
		changing("ant.merchant.expand.indirect.zft.upgrade",
			func(ctx context.Context, c *alipay.Client, smid string, w *world) error {
				return upgrade(ctx, c, smid, licence, w.image())
			},
			refusal{"BUSINESS_LICENSE_OSSKEY_NOT_EXIST", func(w *world) error {
				smid, _ := w.onboarded()
				return upgrade(w.Context(), w.c, smid, licence, "no.jpg")
			}},
			refusal{"BUSINESS_LICENSE_ILLEGAL", func(w *world) error {
				smid, _ := w.onboarded()
				return upgrade(w.Context(), w.c, smid, "x", w.image())
			}}),
		changing("ant.merchant.expand.indirect.zft.settlementmodify",
			func(ctx context.Context, c *alipay.Client, smid string, _ *world) error {
				return settle(ctx, c, smid, nil)
			},
			refusal{"BANK_CARD_TYPE_ILLEGAL", func(w *world) error {
				smid, _ := w.onboarded()
				bank := card()
				return settle(w.Context(), w.c, smid, &bank)
			}}),
		{method: "ant.merchant.expand.indirect.zft.delete", again: "MERCHANT_NOT_EXIST", ready: func(w *world) *act {
			smid, _ := w.onboarded()
			return &act{
				call: func(ctx context.Context, c *alipay.Client) error {
					return only(c.IndirectZftDelete(ctx, alipay.IndirectZftDeleteRequest{SMID: smid}))
				},
				effects: func() int {
					if text(w.desk("GET", "/merchants/"+smid, nil), "status") == "closed" {
						return 1
					}
					return 0
				},
				ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
					err := only(c.IndirectZftsubsettleQuery(ctx, alipay.IndirectZftsubsettleQueryRequest{SMID: smid}))
					if err != nil && !alipay.IsRefused(err, "MERCHANT_NOT_EXIST") || (err != nil) != happened {
						return "wrong" + problem(err)
					}
					return ""
				},
			}
		}, refusals: []refusal{
			{"MERCHANT_NOT_EXIST", func(w *world) error {
				return only(w.c.IndirectZftDelete(w.Context(),
					alipay.IndirectZftDeleteRequest{SMID: "2088000000009999"}))
			}},
			{"NOT_ALLOWED_SETTLE", func(w *world) error {
				w.paid()
				return only(w.c.IndirectZftDelete(w.Context(), alipay.IndirectZftDeleteRequest{SMID: w.smid}))
			}},
		}},
	}
}

func merchantQueryTables() []table {
	upload := func(c *alipay.Client, ctx context.Context, content []byte) error {
		return only(c.IndirectImageUpload(ctx,
			alipay.IndirectImageUploadRequest{ImageType: "png", Image: alipay.File{Content: content}}))
	}
	return []table{
		{method: "ant.merchant.expand.indirect.image.upload", keyless: true, ready: func(*world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error { return upload(c, ctx, png()) }}
		}, refusals: []refusal{
			{"INVALID_IMAGE_FORMAT", func(w *world) error { return upload(w.c, w.Context(), []byte("<svg/>")) }},
			{"IMAGE_UNSAFE", func(w *world) error {
				return upload(w.c, w.Context(), slices.Concat(png(), []byte("EICAR-STANDARD-ANTIVIRUS-TEST-FILE")))
			}},
			{"MERCHANT_ILLEGAL_ARGUMENT", func(w *world) error {
				return only(w.raw("ant.merchant.expand.indirect.image.upload", obj{"image_type": "png"}))
			}},
			{alipay.SubCodeInvalidRequest, func(w *world) error {
				return upload(w.c, w.Context(), slices.Concat(png(), bytes.Repeat([]byte{1}, 10<<20)))
			}},
		}},
		{method: "ant.merchant.expand.indirect.zftorder.query", ready: func(w *world) *act {
			_, external := w.onboarded()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.IndirectZftorderQuery(ctx, alipay.IndirectZftorderQueryRequest{ExternalID: external})
				if err == nil && (len(q.Orders) != 1 || q.Orders[0].Status != alipay.ApplicationFinished ||
					!strings.HasPrefix(q.Orders[0].SMID(), "2088")) {
					w.Errorf("applications: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{
			{"ORDER_NOT_EXIST", func(w *world) error {
				return only(w.c.IndirectZftorderQuery(w.Context(),
					alipay.IndirectZftorderQueryRequest{ExternalID: no("m")}))
			}},
			{"INVALID_PARAMETER", func(w *world) error {
				return only(w.raw("ant.merchant.expand.indirect.zftorder.query", obj{}))
			}},
		}},
		{method: "ant.merchant.expand.indirect.zftsubsettle.query", ready: func(w *world) *act {
			smid, _ := w.onboarded()
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.IndirectZftsubsettleQuery(ctx, alipay.IndirectZftsubsettleQueryRequest{SMID: smid})
				if err == nil && q.AlipayLogonID != "138****0000" {
					w.Errorf("settlement: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{{"MERCHANT_NOT_EXIST", func(w *world) error {
			return only(w.c.IndirectZftsubsettleQuery(w.Context(),
				alipay.IndirectZftsubsettleQueryRequest{SMID: "2088000000009999"}))
		}}}},
		{method: "ant.merchant.expand.mcc.query", ready: func(w *world) *act {
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				q, err := c.MccQuery(ctx, alipay.MccQueryRequest{MccCodeList: "B0205,B0125"})
				if err == nil && (len(q.Infos) != 2 || !q.Infos[0].Special || q.Infos[1].Special) {
					w.Errorf("categories: %+v", q)
				}
				return err
			}}
		}, refusals: []refusal{{"MER_ARGUMENT_NULL", func(w *world) error {
			return only(w.raw("ant.merchant.expand.mcc.query", obj{}))
		}}}},
	}
}
