package signin

import "zhitong/internal/vocabulary"

// What came of a form, as ?said=…: a browser that reloads does nothing again.
const (
	saidFailed      = "failed"
	saidLimited     = "limited"
	saidOver        = "over"
	saidEnded       = "ended"
	saidOut         = "out"
	saidWeak        = "weak"
	saidCode        = "code"
	saidCodeAgain   = "code-again"
	saidJoined      = "joined"
	saidKnown       = "known"
	saidSent        = "sent"
	saidSoon        = "soon"
	saidNewPassword = "new-password"
	saidChanged     = "changed"
	saidAppGone     = "app-gone"
	saidAppThere    = "app-there"
	saidEnd         = "end"
	saidProof       = "proof"
	saidKey         = "passkey"
	saidKeyMade     = "passkey-made"
	saidKeyGone     = "passkey-gone"
	saidKeyLast     = "passkey-last"
	saidKeyMany     = "passkey-many"
	saidBlocked     = "blocked"
	saidKeyNamed    = "passkey-named"
	saidStopped     = "stopped"
	saidForm        = "form"
	saidSignUp      = "sign-up"
)

// text is everything the pages say in one language.
type text struct {
	Lang, OtherLang, OtherName                             string
	Brand, Footer, Progress, Request                       string
	Email, Password, Show, Hide                            string
	SignInTitle, SignIn, Forgot                            string
	NewPassword, PasswordHelp, NewPasswordTitle, Save      string
	StepFactor, StepApp, StepKey, StepCodes                string
	UseKey, KeyMake, KeyTitle, KeyLead, KeyName            string
	KeyFailed, KeyScript, Keys, KeyNone, KeyAdd            string
	SignUpTitle, SignUpLead, SignUpSend, SignUp            string
	SignUpName, SignUpNameHelp, SignUpConfirmed            string
	SignUpGo, SignUpSignIn, StepAddress                    string
	KeyRename, KeyRenameTitle, RecoverByKey                string
	Impending, ImpendingAt, StopReset                      string
	KeySince, KeySynced, Or, OrPassword, PasswordNone, Set string
	InviteTitle, InviteLead, InviteRole, InviteFor         string
	InviteKnown, InviteSignIn, InviteJoin, InviteWrong     string
	InviteOverTitle, InviteOverLead                        string
	AppTitle, AppLead, AppQR, AppKey, AppConfirm, Next     string
	CodesTitle, CodesLead, CodesKept                       string
	Copy, Copied, Print                                    string
	RecoverTitle, RecoverLead, RecoverSend                 string
	SecondLabel, SecondHelp, BackToSignIn                  string
	LinkTitle, LinkLead, LinkOverTitle, LinkOverLead       string
	AskAgain                                               string
	ProveTitle, ProveLead, ProveGo, Cancel                 string
	Security, PasswordSet, Change, AppSince, AppNone       string
	AppAdd, AppRemove, CodesLeft, CodesNone, CodesNew      string
	NeedsApp, SessionsTitle, ThisOne, EndOne, EndRest      string
	UnknownAgent, App, Codes                               string
	Acts                                                   map[string]string
	CodeTitle, CodeLead, CodeLabel, CodeNobody             string
	RecoveryTitle, RecoveryLead, RecoveryLabel             string
	UseRecovery, UseApp, TypeAgain                         string
	AccountTitle, SignOut, Platforms, NoPlatform           string
	Sandbox                                                string
	BusyTitle, BusyLead, TooManyTitle, TooManyLead         string
	ForeignTitle, ForeignLead                              string
	MissingTitle, MissingLead, ToSignIn                    string
	Said                                                   map[string]said
	Roles                                                  map[vocabulary.Role]string
}

func chinese() *text {
	return &text{
		Lang: "zh-CN", OtherLang: "en", OtherName: "English",
		Brand: "直通", Footer: "直通 · 支付宝直付通分账平台", Progress: "步骤", Request: "请求编号",
		Email: "邮箱", Password: "密码", Show: "显示", Hide: "隐藏",
		SignInTitle: "登录", SignIn: "登录", Forgot: "忘记密码",
		NewPassword: "新密码", PasswordHelp: "10 至 128 个字符，可以是一句话；不要包含邮箱或平台名称。",
		NewPasswordTitle: "设置新密码", Save: "保存新密码",
		StepFactor: "登录方式", StepApp: "验证器", StepKey: "通行密钥", StepCodes: "恢复码",
		UseKey: "使用通行密钥", KeyMake: "创建通行密钥", KeyTitle: "创建通行密钥",
		KeyLead: "用指纹、面容或设备密码登录，不必输入密码和验证码，也不会被钓鱼网站骗走。", KeyName: "名称",
		KeyFailed: "没有完成。可以再试一次，或换用其他方式。", KeyScript: "创建通行密钥需要启用浏览器的 JavaScript。",
		KeyRename: "重命名", KeyRenameTitle: "重命名通行密钥", RecoverByKey: "用通行密钥保存",
		Impending:   "平台“%s”的管理员申请移除你的全部登录方式，尚待另一位管理员批准。",
		ImpendingAt: "应平台“%s”两位管理员的申请，你的全部登录方式将于 %s（北京时间）移除。如非你的要求，请立即阻止。", StopReset: "阻止",
		Keys: "通行密钥", KeyNone: "未创建", KeyAdd: "添加", KeySince: "创建于", KeySynced: "已同步", Or: "或", OrPassword: "或设置密码和验证器",
		PasswordNone: "未设置", Set: "设置", StepAddress: "邮箱",
		SignUpTitle: "创建平台", SignUpLead: "先得到一个沙箱平台，不涉及真实资金。我们会把确认链接发到你的邮箱。", SignUpSend: "发送确认链接",
		SignUp: "创建平台", SignUpName: "平台名称", SignUpNameHelp: "买家和商户会看到，之后可以修改。",
		SignUpConfirmed: "已可创建：邮箱确认完毕，你将是所有者。", SignUpGo: "创建平台", SignUpSignIn: "登录后创建",
		InviteTitle: "邀请你加入", InviteLead: "的管理员邀请你加入平台", InviteRole: "角色", InviteFor: "账号",
		InviteKnown: "已有直通账号？", InviteSignIn: "登录后加入", InviteJoin: "加入平台",
		InviteWrong:     "这份邀请发给了另一个邮箱。退出登录后，用收到邀请的邮箱打开链接。当前登录的是",
		InviteOverTitle: "邀请无效或已过期", InviteOverLead: "邀请可能已被使用、撤回，或超过了 72 小时。请对方重新发送；如已加入，直接登录。",
		AppTitle: "绑定验证器", AppLead: "用手机上的验证器应用（如 Google Authenticator、Microsoft Authenticator、1Password）扫描二维码。",
		AppQR: "验证器二维码", AppKey: "无法扫码？手动输入密钥", AppConfirm: "再输入应用显示的 6 位验证码", Next: "下一步",
		CodesTitle: "保存恢复码", CodesLead: "手机丢失时，用恢复码代替验证码登录。每个只能用一次，现在只显示这一次。打印出来，或存进密码管理器。",
		CodesKept: "已保存，继续", Copy: "全部复制", Copied: "已复制", Print: "打印",
		RecoverTitle: "忘记密码", RecoverLead: "输入登录邮箱。如果有这个账号，会收到设置新密码的链接，30 分钟内有效。", RecoverSend: "发送链接",
		SecondLabel: "验证码或恢复码", SecondHelp: "验证器显示的 6 位数字，或一个恢复码。", BackToSignIn: "返回登录",
		LinkTitle: "演示登录", LinkLead: "以演示平台所有者的身份登录。链接只能用一次。",
		LinkOverTitle: "链接无效或已过期", LinkOverLead: "链接只能用一次，且有时限。重新获取一个。", AskAgain: "重新获取",
		ProveTitle: "再次验证身份", ProveLead: "这项操作须再次验证，十分钟内有效。", ProveGo: "继续", Cancel: "取消",
		Security: "登录方式", PasswordSet: "已设置", Change: "更改", AppSince: "绑定于", AppNone: "未绑定",
		AppAdd: "绑定", AppRemove: "移除", CodesLeft: "个可用", CodesNone: "没有", CodesNew: "重新生成",
		NeedsApp:      "还没有第二因素。创建通行密钥或绑定验证器后，才能使用平台角色。",
		SessionsTitle: "已登录的设备", ThisOne: "本机", EndOne: "退出", EndRest: "退出其他所有设备", UnknownAgent: "未知设备",
		App: "验证器", Codes: "恢复码",
		Acts: map[string]string{
			actCodes:     "重新生成恢复码后，旧的全部作废，其他设备会退出登录。",
			actRemoveApp: "移除验证器后，如无通行密钥则平台角色暂不可用，其他设备会退出登录。",
			actRemoveKey: "移除后，这个通行密钥不能再登录，其他设备会退出登录。",
			actEnd:       "将让所选的设备退出登录。", actEndOthers: "将让其他所有设备退出登录。",
		},
		CodeTitle: "输入验证码", CodeLead: "打开验证器应用，输入直通的 6 位验证码。", CodeLabel: "6 位验证码",
		CodeNobody:    "没有设置过验证器或通行密钥？那么邮箱或密码有误，返回重新输入。",
		RecoveryTitle: "输入恢复码", RecoveryLead: "输入设置验证器时保存的任意一个恢复码，每个只能用一次。", RecoveryLabel: "恢复码",
		UseRecovery: "换用恢复码", UseApp: "换用验证器", TypeAgain: "重新输入密码",
		AccountTitle: "我的账号", SignOut: "退出登录", Platforms: "我的平台", NoPlatform: "还没有加入任何平台。请平台的管理员发送邀请。",
		Sandbox:   "沙箱",
		BusyTitle: "暂时无法打开", BusyLead: "系统正在恢复，稍后再试。",
		TooManyTitle: "尝试次数过多", TooManyLead: "请一分钟后再试。",
		ForeignTitle: "这个请求不是从本站页面发出的", ForeignLead: "为了安全，没有执行任何操作。从登录页重新开始。",
		MissingTitle: "没有这个页面", MissingLead: "检查链接是否完整。", ToSignIn: "去登录",
		Said: map[string]said{
			saidFailed:      {"邮箱、密码和验证码不匹配。可以再输一次验证码，或重新输入密码。", "bad"},
			saidLimited:     {"错误次数过多，稍等片刻再试。每错一次，等待时间会变长。", "warn"},
			saidOver:        {"停留时间过长，重新输入密码。", "warn"},
			saidEnded:       {"登录已失效，重新登录后继续。", "warn"},
			saidOut:         {"已退出登录。", "good"},
			saidWeak:        {"这个密码不符合要求：太短、太常见，或包含邮箱、平台名称。换一个更长的。", "bad"},
			saidCode:        {"验证码不对，或已用过。等应用显示下一个再试。", "bad"},
			saidCodeAgain:   {"验证码不对。下面是新的二维码，重新扫描后再试。", "bad"},
			saidJoined:      {"已加入平台。", "good"},
			saidKnown:       {"这个邮箱已有账号，登录后即可加入。", "warn"},
			saidSent:        {"如果有这个账号，链接已经发出。没收到？看看垃圾邮件。", "good"},
			saidSoon:        {"请求过于频繁，稍等片刻再试。", "warn"},
			saidNewPassword: {"新密码已保存，其他设备均已退出。用新密码登录。", "good"},
			saidChanged:     {"密码已更改，其他设备均已退出。", "good"},
			saidAppGone:     {"验证器已移除，其他设备均已退出。", "good"},
			saidAppThere:    {"已绑定验证器。", "good"},
			saidEnd:         {"所选设备已退出登录。", "good"},
			saidProof:       {"密码或验证码不对，再试一次。", "bad"},
			saidKey:         {"通行密钥未通过验证。再试一次，或换用其他方式。", "bad"},
			saidKeyMade:     {"通行密钥已创建，其他设备均已退出。", "good"},
			saidKeyGone:     {"通行密钥已移除，其他设备均已退出。", "good"},
			saidKeyLast:     {"这是你唯一的登录方式。先设置密码，或另建一个通行密钥。", "warn"},
			saidKeyNamed:    {"通行密钥已重命名。", "good"},
			saidStopped:     {"已阻止，你的登录方式不变。", "good"},
			saidKeyMany:     {"这个通行密钥已存在，或已有十个。", "warn"},
			saidForm:        {"检查邮箱和平台名称，名称最多 80 个字符。", "bad"},
			saidSignUp:      {"确认链接已发出，24 小时内有效。没收到？看看垃圾邮件。", "good"},
			saidBlocked:     {"密码连续输错过多，已停用。请用通行密钥登录，或通过“忘记密码”设置新密码。", "bad"},
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
		SignInTitle: "Sign in", SignIn: "Sign in", Forgot: "Forgot password",
		NewPassword:      "New password",
		PasswordHelp:     "10 to 128 characters; a sentence is fine. Leave out your email and the platform's name.",
		NewPasswordTitle: "Set a new password", Save: "Save the password",
		StepFactor: "How you sign in", StepApp: "App", StepKey: "Passkey", StepCodes: "Recovery codes",
		UseKey: "Use a passkey", KeyMake: "Create a passkey", KeyTitle: "Create a passkey",
		KeyLead: "Sign in with your fingerprint, face or screen lock: no password or code to type, and none that a " +
			"fake page could take.",
		KeyName: "Name", KeyFailed: "That was not completed. Try again, or use another way.",
		KeyScript: "Creating a passkey needs JavaScript in your browser.",
		KeyRename: "Rename", KeyRenameTitle: "Rename the passkey", RecoverByKey: "Save with a passkey",
		Impending: "An administrator of “%s” asks that all " +
			"you sign in with be taken away. A second one has to approve it.",
		ImpendingAt: "Two administrators of “%s” want all you sign in with to be taken away, on %s (Beijing time). " +
			"If you did not ask them to, stop it now.", StopReset: "Stop it",
		Keys: "Passkeys", KeyNone: "none", KeyAdd: "Add", KeySince: "since", KeySynced: "synced", Or: "or",
		OrPassword: "or set a password and an app", PasswordNone: "not set", Set: "Set", StepAddress: "Email",
		SignUpTitle: "Create a platform",
		SignUpLead:  "You get a sandbox first: no real money moves. We send a link to confirm your email.",
		SignUpSend:  "Send the link", SignUp: "Create a platform", SignUpName: "Name of the platform",
		SignUpNameHelp:  "Buyers and merchants see it. It can be changed later.",
		SignUpConfirmed: "is yours once you have chosen how to sign in: your email is confirmed.",
		SignUpGo:        "Create the platform", SignUpSignIn: "Sign in to create it",
		InviteTitle: "You are invited", InviteLead: "invites you to its platform", InviteRole: "Role",
		InviteFor: "Account", InviteKnown: "You have an account?", InviteSignIn: "Sign in to join",
		InviteJoin: "Join the platform",
		InviteWrong: "This invitation was sent to another address. Sign out, then open the link with that one. " +
			"You are signed in as",
		InviteOverTitle: "This invitation cannot be used",
		InviteOverLead: "It was used, withdrawn, or is older than 72 hours. Ask for a new one; " +
			"if you joined already, sign in.",
		AppTitle: "Set up your app",
		AppLead: "Scan this with an authenticator app on your phone, such as Google Authenticator, Microsoft " +
			"Authenticator or 1Password.",
		AppQR: "QR code for the app", AppKey: "Cannot scan? Type this key",
		AppConfirm: "Then enter the 6 digits it shows", Next: "Continue",
		CodesTitle: "Save your recovery codes",
		CodesLead: "They stand in for the app when your phone is lost. Each works once, and they are shown only now. " +
			"Print them, or keep them in a password manager.",
		CodesKept: "I have saved them", Copy: "Copy all", Copied: "Copied", Print: "Print",
		RecoverTitle: "Forgot your password",
		RecoverLead: "Enter the email you sign in with. If it has an account, a link to set a new password is on its " +
			"way; it works for 30 minutes.",
		RecoverSend: "Send the link", SecondLabel: "Code or recovery code",
		SecondHelp: "The 6 digits of your app, or a recovery code.", BackToSignIn: "Back to sign-in",
		LinkTitle:     "Sign in to the demo",
		LinkLead:      "Signs you in as the owner of the demo platform. The link works once.",
		LinkOverTitle: "This link cannot be used", LinkOverLead: "It works once, and for a while only. Get a new one.",
		AskAgain:   "Get a new one",
		ProveTitle: "Show that it is you", ProveLead: "This needs a fresh proof, which counts for ten minutes.",
		ProveGo: "Continue", Cancel: "Cancel",
		Security: "How you sign in", PasswordSet: "set", Change: "Change", AppSince: "since", AppNone: "not set up",
		AppAdd: "Set up", AppRemove: "Remove", CodesLeft: "left", CodesNone: "none", CodesNew: "Make new ones",
		NeedsApp: "No second factor yet. Roles of a platform work once you have a passkey or an authenticator " +
			"app.",
		SessionsTitle: "Where you are signed in", ThisOne: "this browser", EndOne: "End",
		EndRest: "End all others", UnknownAgent: "Unknown device", App: "Authenticator app", Codes: "Recovery codes",
		Acts: map[string]string{
			actCodes: "New recovery codes void all old ones, and sign you out everywhere else.",
			actRemoveApp: "Without the app and without a passkey, roles of a platform do not work. You are signed " +
				"out everywhere else.",
			actRemoveKey: "This passkey signs you in no more. You are signed out everywhere else.",
			actEnd:       "This signs the chosen device out.", actEndOthers: "This signs all other devices out.",
		},
		CodeTitle: "Enter your code", CodeLead: "Open your authenticator app and enter the 6 digits for Zhitong.",
		CodeLabel:     "6-digit code",
		CodeNobody:    "Never set up an app or a passkey? Then the email or password is wrong: go back and try again.",
		RecoveryTitle: "Enter a recovery code",
		RecoveryLead:  "Any of the codes you saved when you set up the app. Each works once.",
		RecoveryLabel: "Recovery code",
		UseRecovery:   "Use a recovery code", UseApp: "Use the app", TypeAgain: "Type the password again",
		AccountTitle: "Your account", SignOut: "Sign out", Platforms: "Your platforms",
		NoPlatform: "You are not a member of any platform yet. Ask an administrator to invite you.",
		Sandbox:    "sandbox",
		BusyTitle:  "This cannot be opened right now", BusyLead: "The system is recovering. Try again in a moment.",
		TooManyTitle: "Too many attempts", TooManyLead: "Try again in a minute.",
		ForeignTitle: "This request did not come from one of our pages",
		ForeignLead:  "To be safe, nothing was done. Start again from the sign-in page.",
		MissingTitle: "There is no such page", MissingLead: "Check that the link is complete.", ToSignIn: "Sign in",
		Said: map[string]said{
			saidFailed: {"Email, password and code do not go together. Enter the code once more, " +
				"or type the password again.", "bad"},
			saidLimited: {"Too many wrong attempts: wait a moment, then try again. " +
				"The wait grows with each one.", "warn"},
			saidOver:  {"That took too long. Type your password again.", "warn"},
			saidEnded: {"You were signed out. Sign in to go on.", "warn"},
			saidOut:   {"You are signed out.", "good"},
			saidWeak: {"That password is not good enough: too short, too common, or with your email " +
				"or the platform's name in it. Take a longer one.", "bad"},
			saidCode:      {"That code is wrong, or was used before. Wait for the next one, then try again.", "bad"},
			saidCodeAgain: {"That code is wrong. Here is a new QR code: scan it and try again.", "bad"},
			saidJoined:    {"You have joined the platform.", "good"},
			saidKnown:     {"There is an account with this address: sign in to join.", "warn"},
			saidSent: {"If that address has an account, a link is on its way. " +
				"Nothing there? Look at your spam.", "good"},
			saidSoon: {"That was too often. Wait a moment, then try again.", "warn"},
			saidNewPassword: {"Your new password is saved, and you are signed out everywhere. " +
				"Sign in with it.", "good"},
			saidChanged:  {"Your password is changed, and you are signed out everywhere else.", "good"},
			saidAppGone:  {"The app is removed, and you are signed out everywhere else.", "good"},
			saidAppThere: {"Your app is set up.", "good"},
			saidEnd:      {"Signed out there.", "good"},
			saidProof:    {"Password or code is wrong. Try again.", "bad"},
			saidKey:      {"That passkey was not accepted. Try again, or use another way.", "bad"},
			saidKeyMade:  {"Your passkey is set up, and you are signed out everywhere else.", "good"},
			saidKeyGone:  {"The passkey is removed, and you are signed out everywhere else.", "good"},
			saidKeyLast:  {"It is your only way in. Set a password or create another passkey first.", "warn"},
			saidKeyNamed: {"The passkey is renamed.", "good"},
			saidStopped:  {"It is stopped: what you sign in with stays.", "good"},
			saidKeyMany:  {"That passkey is set up already, or there are ten.", "warn"},
			saidForm:     {"Check the email and the name, which has at most 80 characters.", "bad"},
			saidSignUp:   {"A link is on its way; it works for 24 hours. Nothing there? Look at your spam.", "good"},
			saidBlocked: {"The password was wrong too often in a row and counts no more. Use a passkey, or set a new " +
				"password by “Forgot password”.", "bad"},
		},
		Roles: map[vocabulary.Role]string{
			"owner": "Owner", "admin": "Administrator", "finance": "Finance", "risk": "Risk", "support": "Support",
			"developer": "Developer", "storefront": "Storefront", "distributor": "Distributor", "supplier": "Supplier",
		},
	}
}
