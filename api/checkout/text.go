package checkout

import (
	"net/http"

	"zhitong/api/pages"
)

// text is everything the page says in one language.
type text struct {
	Lang, OtherLang, OtherName                           string
	Brand, Progress                                      string
	StepPay, StepPaid, StepDone                          string
	PayTitle, PayWithin, PayButton, QRLabel              string
	Scan, ScanOther, Waiting, Preparing                  string
	Order, Total, Refunded, Payee, Contact, Made, PaidAt string
	Number, Trust, Footer                                string
	Copy, CopyAll, Copied, Void, Keep                    string
	KeyCount                                             string // with %d
	MissingTitle, MissingText                            string
	DeliveredTitle, DeliveredText                        string
	OverTitle, OverText, Until                           string // Until with %s
	OverCode, CodeOffer, CodeSent                        string // both last with %s
	CodeSoon, CodeWrong, CodeVoid                        string
	CodeSend, CodeAgain, CodeLabel, CodeOpen             string
	HiddenTitle, HiddenText, Show                        string
	ShutTitle, ShutText                                  string
	PaidTitle, PaidText                                  string
	ExpiredTitle, ExpiredText                            string
	ClosedTitle, ClosedText                              string
	RefundedTitle, RefundedText                          string
	ReviewTitle, ReviewText                              string
	BusyTitle, BusyText, TooManyTitle, TooManyText       string
	StepHalt, StepClosed, StepRefunded                   string
	Back, Sandbox, Cashier                               string
	Notice, Service, ServiceHours                        string
	Time                                                 string // layout
}

func chinese() *text {
	return &text{
		Lang: "zh-CN", OtherLang: "en", OtherName: "English",
		Brand: "收银台", Progress: "订单进度",
		StepPay: "付款", StepPaid: "到账", StepDone: "取卡密", StepHalt: "核对中", StepClosed: "已关闭", StepRefunded: "已退款",
		PayTitle: "应付金额", PayWithin: "请在此时间内付款", PayButton: "打开支付宝付款", QRLabel: "支付宝付款二维码",
		Scan: "打开支付宝“扫一扫”付款", ScanOther: "或用另一部手机的支付宝扫码", Waiting: "付款后本页会自动显示卡密", Preparing: "正在生成付款码，请稍候",
		Order: "订单信息", Total: "合计", Refunded: "已退款", Payee: "收款商户", Contact: "取货联系方式", Made: "下单时间", PaidAt: "付款时间",
		Number: "订单号",
		Trust:  "货款由支付宝直接付给收款商户，平台不经手、不留存您的资金。",
		Footer: "由直通提供技术支持 · 付款由支付宝处理",
		Copy:   "复制", CopyAll: "全部复制", Copied: "已复制", Void: "已失效", KeyCount: "共 %d 个卡密",
		Keep:         "本页地址就是取货凭证，可收藏以便再次查看。请勿转发给他人，也不要把卡密告诉任何“客服”。",
		MissingTitle: "没有找到这个订单", MissingText: "请检查链接是否完整，或向卖家索要新的链接。",
		DeliveredTitle: "付款成功，卡密已发放", DeliveredText: "请及时核对并使用。",
		OverTitle: "卡密已发放", OverText: "为了安全，本页不再展示卡密。如需再次查看，请联系卖家索要新的链接。",
		OverCode:  "为了安全，本页不再展示卡密。用下单时留的邮箱验证后，可以再次查看。",
		CodeOffer: "验证码将发送至 %s。", CodeSent: "验证码已发送至 %s，15 分钟内有效。没有收到？请看看垃圾邮件。",
		CodeSoon: "请求过于频繁，请一分钟后再试；一天最多发送 5 次。已收到的验证码请填在下面。", CodeWrong: "验证码不正确，请核对后再填。",
		CodeVoid: "验证码已失效，请重新获取。", CodeSend: "发送验证码", CodeAgain: "重新发送", CodeLabel: "邮件中的 8 位验证码", CodeOpen: "打开",
		HiddenTitle: "付款成功，卡密已发放", HiddenText: "卡密只给您本人看，请点按钮显示。", Show: "显示卡密",
		Until:     "卡密在本页展示至 %s，请及时保存。",
		ShutTitle: "暂时无法打开", ShutText: "该平台目前未在营业。如有疑问，请联系卖家。",
		PaidTitle: "付款成功，正在发货", PaidText: "卡密马上就到，请不要关闭本页。",
		ExpiredTitle: "付款时间已过", ExpiredText: "正在向支付宝确认。如果您已经付款，请稍候，结果会显示在这里。",
		ClosedTitle: "订单已关闭", ClosedText: "这个订单没有付款，已不能再付。如果您之后仍付了款，款项会原路退回。",
		RefundedTitle: "订单已退款", RefundedText: "款项已原路退回您的支付宝，卡密不再有效。",
		ReviewTitle: "订单正在人工核对", ReviewText: "卖家已收到提醒。您的款项是安全的，请保留本页并联系卖家。",
		BusyTitle: "暂时无法显示", BusyText: "系统正在恢复，请稍后刷新。您的订单和付款不受影响。",
		TooManyTitle: "尝试次数过多", TooManyText: "请一分钟后再试。",
		Back: "返回商家", Sandbox: "沙箱环境 · 不涉及真实资金", Cashier: "没有手机？打开模拟收银台",
		Notice: "公告", Service: "客服", ServiceHours: "客服时间",
		Time: "2006-01-02 15:04",
	}
}

func english() *text {
	return &text{
		Lang: "en", OtherLang: "zh", OtherName: "中文",
		Brand: "Checkout", Progress: "Progress",
		StepPay: "Pay", StepPaid: "Received", StepDone: "Your keys", StepHalt: "In review", StepClosed: "Closed",
		StepRefunded: "Refunded",
		PayTitle:     "Amount to pay", PayWithin: "Pay within", PayButton: "Pay with Alipay",
		QRLabel: "QR code to pay with Alipay",
		Scan:    "Scan with the Alipay app to pay", ScanOther: "or scan with Alipay on another phone",
		Waiting: "Your card keys appear here as soon as you have paid", Preparing: "Preparing your payment code",
		Order: "Your order", Total: "Total", Refunded: "Refunded", Payee: "Paid to", Contact: "Your contact",
		Made: "Ordered", PaidAt: "Paid", Number: "Order number",
		Trust:  "Alipay pays the merchant directly. The platform never holds your money.",
		Footer: "Powered by Zhitong · Payments by Alipay",
		Copy:   "Copy", CopyAll: "Copy all", Copied: "Copied", Void: "void", KeyCount: "%d card keys",
		Keep: "The address of this page is your receipt: keep it to see your keys again. Do not pass it on, " +
			"and never tell a key to anyone who claims to be support.",
		MissingTitle: "We cannot find this order", MissingText: "Check that the link is complete, or ask the seller " +
			"for a new one.",
		DeliveredTitle: "Paid. Here are your card keys", DeliveredText: "Please check and use them soon.",
		OverTitle: "Your card keys were delivered", OverText: "To keep them safe, this page does not show them any " +
			"more. To see them again, ask the seller for a fresh link.",
		OverCode: "To keep them safe, this page does not show them any more. A code to the mail address of your " +
			"order opens it again.",
		CodeOffer: "The code goes to %s.",
		CodeSent:  "A code is on its way to %s. It is valid for 15 minutes. Nothing there? Have a look at your spam.",
		CodeSoon: "That was too soon: please try again in a minute; 5 codes a day are sent at most. A code that you " +
			"have goes here.",
		CodeWrong: "That code is not right. Please check it.",
		CodeVoid:  "That code is not valid any more. Please ask for a new one.",
		CodeSend:  "Send a code", CodeAgain: "Send another", CodeLabel: "The 8 digits of the mail", CodeOpen: "Open",
		HiddenTitle: "Paid. Your card keys are ready", HiddenText: "They are for your eyes only: tap the button to " +
			"see them.",
		Show:      "Show the card keys",
		Until:     "This page shows the keys until %s: please keep a copy.",
		ShutTitle: "This page cannot be opened", ShutText: "The platform is not open at present. If you have a " +
			"question, contact the seller.",
		PaidTitle: "Paid. Your keys are on their way", PaidText: "They will be here in a moment. Please keep this " +
			"page open.",
		ExpiredTitle: "The time to pay is over", ExpiredText: "We are checking with Alipay. If you have paid, please " +
			"wait: the result appears here.",
		ClosedTitle: "This order is closed", ClosedText: "It was not paid and cannot be paid any more. If you did " +
			"pay afterwards, the " +
			"money goes back to where it came from.",
		RefundedTitle: "Refunded", RefundedText: "The money went back to your Alipay account, and the card keys are " +
			"no longer valid.",
		ReviewTitle: "A person is looking at this order", ReviewText: "The seller has been told and your money is " +
			"safe. Keep this page and contact the seller.",
		BusyTitle: "We cannot show this right now", BusyText: "Please reload in a moment. Your order and your " +
			"payment are not affected.",
		TooManyTitle: "Too many attempts", TooManyText: "Please try again in a minute.",
		Back: "Back to the shop", Sandbox: "Sandbox · no real money", Cashier: "No phone? Open the simulated cashier",
		Notice: "Notice", Service: "Service", ServiceHours: "Service hours",
		Time: "2 Jan 2006, 15:04",
	}
}

// words are the page's languages, Chinese first.
type words struct{ zh, en *text }

func newWords() *words { return &words{zh: chinese(), en: english()} }

// of picks the language that was asked for by ?lang=, else by the browser, else Chinese.
func (w *words) of(r *http.Request) *text {
	if pages.English(r, "") {
		return w.en
	}
	return w.zh
}
