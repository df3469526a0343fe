package signin

import "zhitong/internal/vocabulary"

// What came of a form, as ?said=…: a browser that reloads does nothing again.
const (
	saidFailed  = "failed"
	saidLimited = "limited"
	saidOver    = "over"
	saidEnded   = "ended"
	saidOut     = "out"
)

// text is everything the pages say in one language.
type text struct {
	Lang, OtherLang, OtherName                     string
	Brand, Footer, Progress, Request               string
	Email, Password, Show, Hide                    string
	SignInTitle, SignIn, Forgot, SignUpLink        string
	CodeTitle, CodeLead, CodeLabel, CodeNobody     string
	RecoveryTitle, RecoveryLead, RecoveryLabel     string
	UseRecovery, UseApp, TypeAgain                 string
	AccountTitle, SignOut, Platforms, NoPlatform   string
	Sandbox                                        string
	BusyTitle, BusyLead, TooManyTitle, TooManyLead string
	ForeignTitle, ForeignLead                      string
	MissingTitle, MissingLead, ToSignIn            string
	Said                                           map[string]said
	Roles                                          map[vocabulary.Role]string
}

func chinese() *text {
	return &text{
		Lang: "zh-CN", OtherLang: "en", OtherName: "English",
		Brand: "直通", Footer: "直通 · 支付宝直付通分账平台", Progress: "步骤", Request: "请求编号",
		Email: "邮箱", Password: "密码", Show: "显示", Hide: "隐藏",
		SignInTitle: "登录", SignIn: "登录", Forgot: "忘记密码", SignUpLink: "注册平台",
		CodeTitle: "输入验证码", CodeLead: "打开验证器应用，输入直通的 6 位验证码。", CodeLabel: "6 位验证码",
		CodeNobody:    "没有设置过验证器？那么邮箱或密码有误，返回重新输入。",
		RecoveryTitle: "输入恢复码", RecoveryLead: "输入设置验证器时保存的任意一个恢复码，每个只能用一次。", RecoveryLabel: "恢复码",
		UseRecovery: "换用恢复码", UseApp: "换用验证器", TypeAgain: "重新输入密码",
		AccountTitle: "我的账号", SignOut: "退出登录", Platforms: "我的平台", NoPlatform: "还没有加入任何平台。请平台的管理员发送邀请。",
		Sandbox:   "沙箱",
		BusyTitle: "暂时无法打开", BusyLead: "系统正在恢复，稍后再试。",
		TooManyTitle: "尝试次数过多", TooManyLead: "请一分钟后再试。",
		ForeignTitle: "这个请求不是从本站页面发出的", ForeignLead: "为了安全，没有执行任何操作。从登录页重新开始。",
		MissingTitle: "没有这个页面", MissingLead: "检查链接是否完整。", ToSignIn: "去登录",
		Said: map[string]said{
			saidFailed:  {"邮箱、密码和验证码不匹配。可以再输一次验证码，或重新输入密码。", "bad"},
			saidLimited: {"错误次数过多，稍等片刻再试。每错一次，等待时间会变长。", "warn"},
			saidOver:    {"停留时间过长，重新输入密码。", "warn"},
			saidEnded:   {"登录已失效，重新登录后继续。", "warn"},
			saidOut:     {"已退出登录。", "good"},
		},
		Roles: map[vocabulary.Role]string{
			"owner": "所有者", "admin": "管理员", "finance": "财务", "risk": "风控", "support": "客服", "developer": "开发者",
			"storefront": "店铺", "distributor": "分销商", "supplier": "供货商",
		},
	}
}

func english() *text {
	return &text{
		Lang: "en", OtherLang: "zh", OtherName: "中文",
		Brand: "Zhitong", Footer: "Zhitong · direct settlement with Alipay", Progress: "Progress", Request: "Request",
		Email: "Email", Password: "Password", Show: "Show", Hide: "Hide",
		SignInTitle: "Sign in", SignIn: "Sign in", Forgot: "Forgot password", SignUpLink: "Set up a platform",
		CodeTitle: "Enter your code", CodeLead: "Open your authenticator app and enter the 6 digits for Zhitong.",
		CodeLabel:     "6-digit code",
		CodeNobody:    "Never set up an authenticator app? Then the email or password is wrong: go back and try again.",
		RecoveryTitle: "Enter a recovery code",
		RecoveryLead:  "Any of the codes you saved when you set up the app. Each works once.", RecoveryLabel: "Recovery code",
		UseRecovery: "Use a recovery code", UseApp: "Use the app", TypeAgain: "Type the password again",
		AccountTitle: "Your account", SignOut: "Sign out", Platforms: "Your platforms",
		NoPlatform: "You are not a member of any platform yet. Ask an administrator to invite you.",
		Sandbox:    "sandbox",
		BusyTitle:  "This cannot be opened right now", BusyLead: "The system is recovering. Try again in a moment.",
		TooManyTitle: "Too many attempts", TooManyLead: "Try again in a minute.",
		ForeignTitle: "This request did not come from one of our pages",
		ForeignLead:  "To be safe, nothing was done. Start again from the sign-in page.",
		MissingTitle: "There is no such page", MissingLead: "Check that the link is complete.", ToSignIn: "Sign in",
		Said: map[string]said{
			saidFailed: {"Email, password and code do not go together. Enter the code once more, or type the password again.",
				"bad"},
			saidLimited: {"Too many wrong attempts: wait a moment, then try again. The wait grows with each one.", "warn"},
			saidOver:    {"That took too long. Type your password again.", "warn"},
			saidEnded:   {"You were signed out. Sign in to go on.", "warn"},
			saidOut:     {"You are signed out.", "good"},
		},
		Roles: map[vocabulary.Role]string{
			"owner": "Owner", "admin": "Administrator", "finance": "Finance", "risk": "Risk", "support": "Support",
			"developer": "Developer", "storefront": "Storefront", "distributor": "Distributor", "supplier": "Supplier",
		},
	}
}
