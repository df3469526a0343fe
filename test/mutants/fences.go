package main

// fence is a line that a promise rests on, and the test that must miss it.
type fence struct {
	name        string
	file        string
	old         string // stands in the file exactly once
	replacement string
	pkg         string
	test        string // as for go test -run
}

// fences is the list. Each is the smallest change that takes the fence away and still compiles.
func fences() []fence {
	return []fence{
		// --- what Alipay says
		{"sign_type is pinned", "alipay/form.go", `case form["sign_type"] != "RSA2":`,
			`case form["sign_type"] == "never":`, "./alipay", "Attack/A15"},
		{"a notification's signature", "alipay/form.go", "	if err != nil {\n		return fmt.Errorf(\"%w: %w\", " +
			"ErrSignature, err)\n	}\n	return nil\n}\n\n// signedText",
			"	_ = err\n	return nil\n}\n\n// signedText", "./alipay", "TestTradeNotificationRefused"},
		{"only TLS that is verified", "alipay/client.go", "t.TLSClientConfig.InsecureSkipVerify {",
			"t.TLSClientConfig.InsecureSkipVerify && false {", "./alipay", "Attack/A16|TestCredentialsRefused"},
		{"the app of a notification", "tenants/payments/payments.go", `case t.Account != "" && t.Account != p.AppID:`,
			`case t.Account == "never":`, "./tenants/payments", "TestMismatch"},
		{"notifications of another app", "alipay/notification.go", `if form["app_id"] != c.credentials.AppID {`,
			`if form["app_id"] == "never" {`, "./tenants/orders", "TestAttack$/A02"},
		{"the amount of a notification", "tenants/payments/payments.go", "case t.Total != p.Amount:",
			"case t.Total < 0:", "./tenants/orders", "AttackMoney/A10"},
		{"the seller of a notification", "tenants/payments/payments.go",
			`case t.Seller != "" && t.Seller != p.PID && t.Seller != p.Smid:`, `case t.Seller == "never":`,
			"./tenants/orders", "TestAttack$/A05"},
		{"a signed text is cut in one way", "alipay/notification.go", "	if err := uncut(form); err != nil {",
			"	if err := uncut(nil); err != nil {", "./tenants/orders", "TestNoticeCutAnew"},
		{"nothing is sent that could be cut", "alipay/encode.go", "if echoed(name) && at.Kind()",
			"if name == \"never\" && at.Kind()", "./alipay", "TestUncut"},
		{"information loses no payment", "alipay/notification.go", "	n.readTimes(form)\n	for",
			"	n.readTimes(form)\n	bills := reflect.ValueOf(&n.FundBillList).Elem()\n	if err := " +
				"assign(bills, form[\"fund_bill_list\"], \"\"); err != nil {\n		return nil, err\n	}\n	for",
			"./tenants/orders", "TestNoticeInformation"},
		{"the essential fields can be read", "alipay/notification.go",
			"len(value) > essentialMax || !isGraphic(value) {\n			return",
			"len(value) > 1<<20 {\n			return", "./tenants/orders", "TestNoticeEssentials"},
		{"a status that is not documented", "tenants/acquiring/zft/pay.go", `if statusOf(n.TradeStatus) == "" {`,
			`if n.TradeStatus == "never" {`, "./tenants/orders", "TestNoticeOfAnUndocumentedStatus"},
		{"a payment among the messages", "alipay/message.go", "if m.Method == tradeStatusSync {",
			`if m.Method == "never" {`, "./alipay", "TestTradeNotificationAmongMessages"},
		{"a returning buyer is one question", "queue/hasten.go",
			"  AND (attempted_at IS NULL OR attempted_at < now() - $3::int8 * interval '1 millisecond')",
			"  AND $3::int8 > 0", "./jobs", "TestBuyerBack"},
		{"a returning buyer asks", "api/checkout/checkout.go", `r.URL.Query().Has("out_trade_no") {`,
			`r.URL.Query().Has("never") {`, "./api/checkout", "TestBuyerBack"},
		{"paid never goes back", "tenants/orders/orders.go", "	StatusDelivered:   {acquiring.TradeClosed: compare},",
			"	StatusDelivered:   {acquiring.TradeClosed: shut},",
			"./tenants/orders", "TestAttack$/A14|TestTransitions"},
		{"no success for what failed", "tenants/orders/notification.go", "		s.recordFailure(ctx, tenant, n, " +
			"raw, err)\n		return false, err",
			"		s.recordFailure(ctx, tenant, n, raw, err)\n		return true, err", "./tenants/orders",
			"TestFailedNotificationIsRepeated"},
		{"fail for what was not taken", "api/notify/notify.go", "			answer(w, fail)\n		}\n	}\n}",
			"			answer(w, success)\n		}\n	}\n}", "./api/apitest", "TestCallbacks"},
		{"no query string on a callback", "api/notify/notify.go", `if r.URL.RawQuery != "" || r.URL.ForceQuery {`,
			`if r.URL.RawQuery == "never" {`, "./api/apitest", "TestAttack$/A15"},
		{"the simulator takes 7 bytes only", "simulator/notify/deliver.go", `string(answer) == "success"`,
			`strings.Contains(string(answer), "success")`, "./simulator", "TestSuccessRule"},
		{"yuan are digits", "internal/money/money.go",
			"		if c < '0' || c > '9' {\n			return 0, ErrSyntax\n		}\n", "", "./internal/money",
			"TestParseYuan"},

		// --- the master keyset
		{"the installation's keyset", "cmd/zhitong/boot/build.go", "	return a.checkKeyset(ctx)\n}",
			"	return nil\n}",
			"./cmd/zhitong", "TestForeignKeysetIsRefused"},
		{"a master key that wraps is not retired", "cmd/zhitong/keyset.go",
			"			return d.InTenant(ctx, t, v.CheckTenant)\n", "			return nil\n",
			"./cmd/zhitong", "TestKeysetRotation"},

		// --- checkout addresses
		{"the secret of a checkout address", "tenants/orders/page.go", "&& !sameSecret(right, secret) {",
			"&& len(right) != len(secret) {", "./api/apitest", "TestDumpOpensNoPage"},
		{"the cashier's address is not stored", "tenants/orders/checkout.go", `			stored.Payment.PayURL = ""`,
			`			stored.Payment.PayURL += ""`, "./api/apitest", "TestDumpOpensNoPage"},
		{"card keys are shown for some days", "tenants/orders/page.go",
			"	return v.Status == StatusDelivered && !now.Before(v.ShownUntil)",
			"	return v.Status == StatusDelivered && now.IsZero()", "./api/apitest", "TestAddressEnds"},
		{"a renewal ends older addresses", "db/dbsqlc/orders.sql.go", "    checkout_generation = checkout_generation " +
			"+ 1,",
			"    checkout_generation = checkout_generation,", "./api/apitest", "TestAddressEnds"},
		{"nothing opens for who is not active", "tenants/orders/page.go",
			"	if platform.Status != tenants.StatusActive {", `	if platform.Status == "never" {`, "./api/apitest",
			"TestNothingOpens"},
		{"views are audited within bounds", "tenants/orders/page.go",
			"	if n == 0 {\n		return keys, nil\n	}\n",
			"	_ = n\n", "./api/apitest", "TestViewsAreAudited"},

		// --- what a role sees
		{"checkout addresses by role", "api/fields.go", "	if f.view.Of(authz.CheckoutAddress) != authz.Plain {",
			`	if f.view.Of(authz.CheckoutAddress) == "never" {`, "./api/apitest", "TestFields"},
		{"contacts are masked", "api/fields.go", "		return mask.Contact(text)",
			`		return mask.Contact("") + text`, "./api/apitest", "TestFields"},
		{"metadata is the platform's", "api/fields.go", "	if f.view.Of(authz.Metadata) != authz.Plain {",
			`	if f.view.Of(authz.Metadata) == "never" {`, "./api/apitest", "TestFields"},

		// --- money and keys
		{"keys are locked, taken ones passed over", "db/dbsqlc/card_keys.sql.go",
			"        ELSE 0\n    END\n    FOR NO KEY UPDATE SKIP LOCKED", "        ELSE 0\n    END", "./tenants/orders",
			"TestLastKeys"},
		{"who orders too many locks nothing", "db/dbsqlc/card_keys.sql.go", "        ELSE 0\n",
			"        ELSE $1::int\n",
			"./tenants/orders", "TestTooManyHoldNobodyUp"},
		{"app.require breaks off", "db/migrations/00013_one_policy.sql", "IF holds IS NOT TRUE THEN\n        RAISE " +
			"EXCEPTION 'required: %', condition\n", "IF holds IS NULL AND holds THEN\n        RAISE EXCEPTION " +
			"'required: %', condition\n", "./tenants/orders", "TestLastKeys"},
		{"the status guard of an order", "db/dbsqlc/orders.sql.go", "AND id = $5\n      AND status = $6\n",
			"AND id = $5\n      AND $6::text IS NOT NULL\n", "./tenants/orders", "TestStatusGuards"},
		{"the status guard of a payment", "db/dbsqlc/payments.sql.go", "AND id = $4\n      AND status IN ('created', " +
			"'pending', 'closed')\n", "AND id = $4\n", "./tenants/orders", "TestStatusGuards"},
		{"the status guard of a refund", "db/dbsqlc/refunds.sql.go", "AND id = $4\n      AND status = 'pending'\n",
			"AND id = $4\n", "./tenants/refunds", "TestStatusGuard"},
		{"one refund at a time", "tenants/refunds/start.go", "	if pending {", "	if pending && order.IsZero() {",
			"./tenants/orders", "AttackMoney/A40"},
		{"only what can be refunded", "tenants/orders/refund.go", "if !refundable(o.Status) || p.Status != " +
			"payments.StatusPaid {", "if o.ID.IsZero() && p.Status == " +
			"payments.StatusPaid {", "./tenants/orders", "TestRefundRefusals"},
		{"no refund into a running split", "tenants/splits/refunded.go", "	if st.Status == " +
			"vocabulary.SettlementPending {\n		return nil, inProgress", "	if st.Status == \"never\" " +
			"{\n		return nil, inProgress", "./tenants/refunds", "TestRefundWhileSplitting|TestRefundRacesSplit"},
		{"a refund outside is noticed", "tenants/orders/orders.go", "	case t.Refunded, o == StatusNeedsReview",
			"	case o == StatusNeedsReview", "./tenants/orders", "TestRefundedOutside|TestTransitions"},
		{"a refund outside is booked once", "tenants/orders/reconcile.go",
			"missing := r.standing.Refunded - o.Payment.Refunded; missing > 0",
			"missing := r.standing.Refunded; missing > 0", "./tenants/orders",
			"TestPartRefundedOutside|AttackMoney/A49"},
		{"a report that was not read is not crossed out", "db/dbsqlc/reconciliations.sql.go",
			"  AND report = ANY($2::uuid[])", "  AND $2::uuid[] IS NOT NULL", "./tenants/orders",
			"TestReportWhileReconciling"},
		{"a report renews what is noted", "db/dbsqlc/reconciliations.sql.go", "SET report = $1",
			"SET report = COALESCE(report, $1)", "./tenants/orders", "TestReportWhileReconciling"},
		{"what nobody reports is found", "tenants/books/look.go", "for try := 1; len(found) > 0; try++ {",
			"for try := 1; len(found) > 99; try++ {", "./tenants/books", "TestNobodyReported"},
		{"a comparison holds to the book under the lock", "tenants/books/look.go",
			"		if !reflect.DeepEqual(now[0], e) {", "		if !reflect.DeepEqual(now[0].Order, e.Order) {", "./tenants/books",
			"TestBookMovedMeanwhile"},
		{"a look goes on where it stopped", "tenants/books/look.go", "	for _, e := range entries {\n		found, err",
			"	for _, e := range entries[:0] {\n		found, err", "./tenants/books", "TestAcquirerAway"},
		{"what is left is settled", "tenants/splits/settle.go",
			"case acquiring.IsRefused(err, acquiring.AmountDiffers):", "case err == nil:", "./tenants/orders",
			"TestOutsideRefundFoundBySplit"},
		{"a refund keeps its number", "tenants/refunds/give.go", "Number:     a.Refund.ID.Hex(),",
			"Number:     id.New[id.Refund]().Hex(),", "./tenants/refunds", "TestRefundLostAnswers|TestRefundCrash"},
		{"ask before settling again", "tenants/splits/settle.go", "	if w.resumed {\n		settled, by, err",
			"	if false {\n		settled, by, err", "./tenants/splits", "TestExecute"},
		{"same key, same request", "tenants/idempotency/idempotency.go", "	if row.Operation != operation || " +
			"[32]byte(row.RequestHash) != [32]byte(k.hash(a)) {", "	if row.Operation != operation {",
			"./tenants/idempotency", "TestClaim"},
		{"same key, same rights", "tenants/idempotency/idempotency.go", "	h.Write([]byte(a.Role))\n", "",
			"./tenants/idempotency", "TestClaim|TestKeep"},
		{"one request for a key at a time", "tenants/idempotency/answers.go", "row.SealedAnswer == nil {", "false {",
			"./tenants/idempotency", "TestAnswers"},
		{"the ledger is append-only", "db/migrations/00006_money.sql", "SELECT app.protect('ledger_postings', " +
			"'SELECT, INSERT');", "SELECT app.protect('ledger_postings', 'SELECT, INSERT, UPDATE, DELETE');", "./db",
			"TestAttack$/A42"},

		// --- walls
		{"a tenant's rows", "db/migrations/00013_one_policy.sql", "'ALTER POLICY tenant ON %s USING (tenant_id = " +
			"app.tenant_id()) WITH CHECK", "'ALTER POLICY tenant ON %s USING (true) WITH CHECK", "./db",
			"TestTwoTenants"},
		{"rows written for another tenant", "db/migrations/00013_one_policy.sql", "WITH CHECK (tenant_id = " +
			"app.tenant_id())',\n            p.t);", "WITH CHECK (true)',\n            p.t);", "./db",
			"TestTwoTenants"},
		{"the owner too", "db/migrations/00001_walls.sql", "    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL " +
			"SECURITY', t);\n", "", "./db", "TestEveryTableIsProtected"},
		{"recovery asks who has a job", "queue/lost.go", "'scheduled', 'discarded')", "'discarded')", "./jobs",
			"TestUnwatchedOrders"},
		{"recovery finds what is not settled", "tenants/recovery/recovery.go", "unwatched, unsettled,", "unwatched,",
			"./jobs", "TestEveryLostJob"},
		{"a merchant's rows", "db/migrations/00050_merchant_walls.sql", "AND (app.whole_tenant() OR (%s))'",
			"AND %L IS NOT NULL'", "./db", "TestMerchantWall"},
		{"a restricted key", "api/gate.go", "if !actor.Permissions.Allow(", "if false && !actor.Permissions.Allow(",
			"./api/apitest", "TestRestrictedKeys"},
		{"orders are not their card keys", "api/fields.go", "if !a.Permissions.Allow(",
			"if false && !a.Permissions.Allow(",
			"./api/apitest", "TestRestrictedKeySeesNoCardKeys"},
		{"nobody gives what they lack", "tenants/access/roll.go", "a.Permissions.Lack(p); lacks",
			"a.Permissions.Lack(p); false && lacks",
			"./tenants/access", "TestNobodyGivesWhatTheyLack"},
		{"the secret before ends", "tenants/access/access.go", "until != nil && (r.ExpiresAt == nil",
			"until == nil && (r.ExpiresAt == nil",
			"./tenants/access", "TestRoll"},
		{"a merchant's card keys", "db/migrations/00050_merchant_walls.sql",
			"SELECT app.narrow('card_keys', 'supplier_id = app.merchant_id()');\n", "", "./db",
			"TestMerchantWall|TestEveryTableHasAMerchantWall"},
		{"the supplier's stock", "tenants/stock/stock.go", "a.Merchant != p.SupplierID", "p.SupplierID.IsZero()",
			"./api/apitest", "TestOnlyTheSupplierHasTheStock"},
		{"a sealed value has its place", "internal/secret/seal.go", "k.aead.Encrypt(plain, at.bytes())",
			"k.aead.Encrypt(plain, Place{}.bytes())", "./internal/secret", "TestOpenRefuses|TestSealAndOpen"},

		{"a refused split is asked about first", "tenants/splits/retry.go", "	if !done {", "	if true {",
			"./tenants/splits", "TestRetryOfWhatWasDone"},
		{"a split that moved some money is not repeated", "tenants/splits/retry.go", "	case v == verdictPartly:",
			"	case false:", "./tenants/splits", "TestRetryOfAPart"},
		{"only what is refused is tried again", "tenants/splits/retry.go", "w.settlement.Status != " +
			"vocabulary.SettlementRefused && w.split.Status != vocabulary.SplitRefused:", "false:", "./tenants/splits",
			"TestRetry$|TestRetryAtOnce"},
		{"a number belongs to one merchant", "tenants/onboarding/apply.go", "			to = StatusRejected\n",
			"			to = StatusApproved\n", "./tenants/onboarding", "TestNumberOfAnotherMerchant"},
		{"discarded jobs are taken up", "jobs/recovery.go", "client.JobRetry(ctx, j.ID)", "client.JobGet(ctx, j.ID)",
			"./jobs", "TestDiscarded"},
		{"orders without a watch get one", "queue/lost.go", "WHERE NOT EXISTS", "WHERE EXISTS", "./jobs",
			"TestUnwatchedOrders"},

		// --- the API
		{"what a role may", "api/gate.go", "if !g.policy.May(actor.Role, op.ID) {", "if actor.Role == \"never\" {",
			"./api/apitest", "TestRoles"},
		{"a row of the policy", "api/authz/policy.csv", "p, owner, putAlipayConnection\n",
			"p, owner, putAlipayConnection\np, support, putAlipayConnection\n", "./api/authz", "TestPolicy"},
		{"sign-ups are limited", "api/gate.go", "if g.limits.signUps.over(w, r, address(r)) {", "if false {",
			"./api/apitest", "TestAttack$/A20"},
		{"wrong keys are limited", "api/gate.go", "== access.CodeUnauthenticated && g.limits.missed(w, r) {",
			"== access.CodeUnauthenticated && false {", "./api/apitest", "TestRateLimits"},
		{"a body has a limit", "api/gate.go", "			r.Body = http.MaxBytesReader(w, r.Body, limit)\n", "",
			"./api/apitest", "TestAttack$/A22"},
		{"no fields beyond the contract", "api/contract/faults.go", "range k.Properties {", "range k.Properties[:0] {",
			"./api/contract", "TestBody|TestSameVerdict"},
		{"formats are asserted", "api/contract/schemas.go", "	c.AssertFormat()\n", "", "./api/contract",
			"TestBody|TestOtherKeywords"},
		{"a revoked key is forgotten", "tenants/access/access.go", "cacheFor = 800 * time.Millisecond",
			"cacheFor = time.Hour", "./tenants/access", "TestAttack$/A26"},
		{"nothing inline on the page", "api/checkout/checkout.go", "script-src 'self';", "script-src 'self' " +
			"'unsafe-inline';", "./api/apitest", "TestAttack$/A33"},
		{"the operator's token", "cmd/zhitong/boot/ops.go", "if !ok || subtle.ConstantTimeCompare(have[:], want[:]) " +
			"!= 1 {", "if !ok || len(want) == 0 || subtle.ConstantTimeCompare(have[:], have[:]) != 1 {",
			"./cmd/zhitong/boot", "TestOperatorOnly"},
		{"pictures within a budget of memory", "tenants/onboarding/images.go", "memory > decodingBytesMax {",
			"memory < 0 {", "./tenants/onboarding", "TestExamine"},
		{"uploads of a tenant", "tenants/onboarding/decoding.go", "	if u.n >= uploadsMax {", "	if u.n < 0 {",
			"./tenants/onboarding", "TestUploadsAreBounded"},
		{"pictures of 12 megapixels at most", "tenants/onboarding/images.go", " || c.Width*c.Height > pixelsMax {",
			" {", "./tenants/onboarding", "AttackImages/A32"},

		{"a code is not guessed", "tenants/orders/code.go", " || c.Tries >= codeTries:", ":", "./tenants/orders",
			"TestCodeIsNotGuessed"},
		{"codes of a day are counted", "db/dbsqlc/checkout_codes.sql.go", "c.asked + 1 END", "c.asked END",
			"./tenants/orders", "TestCodeIsNotGuessed"},
		{"a code opens once", "tenants/orders/code.go", "case c.Opened != v.generation:", "default:",
			"./tenants/orders", "TestCodeAtOnce|TestCodeOpensAnEndedPage"},
		{"a code has an end", "tenants/orders/code.go", " || !now.Before(c.ExpiresAt)", "", "./tenants/orders",
			"TestCodeOpensAnEndedPage"},

		// --- what people type
		{"what cannot be seen", "internal/text/text.go", "		if !c.fits(all, i) {", "		if !c.fits(all, i) && r == 0 {",
			"./api/contract", "TestEveryTextOfEveryBody"},
		{"a half character", "api/contract/texts.go", "escaped(raw)>>10 != 0xdc00>>10 {", "escaped(raw) == 0 {", "./api/contract", "TestEveryTextOfEveryBody"},
		{"a handler gets what is kept", "api/gate.go", "bytes.NewReader(read.Kept)", "bytes.NewReader(body)",
			"./api/apitest", "TestTextsAsTheyAreKept"},
		{"a filter finds what is kept", "api/gate.go", "	r.URL.RawQuery = query\n", "	_ = query\n",
			"./api/apitest", "TestTextsAsTheyAreKept"},

		{"a credit code's check digit", "tenants/onboarding/validate.go", "return sum%len(creditDigits) == 0",
			"return sum >= 0", "./tenants/onboarding", "TestCreditCodes"},
		{"the edges of a card key", "tenants/stock/typed.go", "		out[i] = cut\n", "		out[i] = k\n",
			"./tenants/stock", "TestDuplicatesAreNamed"},

		// --- webhooks
		{"addresses inside", "tenants/webhooks/client.go", "return g.Safe(network, address, c)",
			"_ = g.Safe\n\t\treturn nil", "./tenants/webhooks", "TestAttack$/A29"},
		{"no redirects", "tenants/webhooks/client.go", "CheckRedirect: func(*http.Request, []*http.Request) error { " +
			"return http.ErrUseLastResponse },", "CheckRedirect: func(*http.Request, []*http.Request) error { return " +
			"nil },", "./tenants/webhooks", "TestDeliverNotTaken|TestAttack$/A29"},
		{"https only", "tenants/webhooks/client.go", `if u.Scheme != "https" && (u.Scheme != "http" || !r.AllowHTTP) {`,
			`if u.Scheme == "never" {`, "./tenants/webhooks", "TestAttack$/A29"},
		{"who hangs holds few workers", "jobs/webhook_deliver.go", "	if w.busy[e] >= most {",
			"	if w.busy[e] < 0 {", "./jobs", "TestHangingReceiver"},
		{"who fails has a queue of his own", "queue/webhooks.go", "if d.Failing {", "if d.Failing && len(due) == 0 {",
			"./jobs", "TestFailingEndpoint"},
		{"a tenant's backlog is set back", "jobs/fair.go", "HAVING count(*) > 1", "HAVING false", "./jobs",
			"TestAttack$/A38"},
		{"a job of tomorrow is left alone", "jobs/jobs.go", "FetchOnlyKnownKinds:         true",
			"FetchOnlyKnownKinds:         false", "./test/e2e", "TestBesideANewerVersion"},
		{"tenants take turns", "db/turn.go", "	if len(line) > 1 {\n\t\tt.order = append(t.order, tenant)",
			"	if len(line) > 1 {\n\t\tt.order = append([]id.Tenant{tenant}, t.order...)", "./db", "TestAttack$/A38"},
		{"a flood is not kept", "tenants/refusals.go", "if g.refused.kept[t] >= refusalsKept {",
			"if g.refused.kept[t] < 0 {", "./tenants/orders", "TestForgedFlood"},
		{"the clock's refusal is none", "tenants/splits/execute.go", "if acquiring.IsRefused(err, " +
			"acquiring.Unrecognized) {", "if false {", "./test/e2e", "TestClockJumps"},
		{"nothing is on sale after a restore", "cmd/zhitong/restored/restored.go", "SET status = 'archived' WHERE",
			"SET status = status WHERE", "./test/e2e", "TestAttack$/A43"},
		{"a link that is followed shows no card keys", "tenants/orders/page.go",
			"if v.Hidden = !look.Asked &&", "if v.Hidden = false && !look.Asked &&", "./api/apitest", "TestViewsAreAudited|TestWhoPaid"},
		{"streams of one order are few", "api/checkout/hub/hub.go", "len(h.waiters[key]) >= OrderMax ||",
			"len(h.waiters[key]) < 0 ||", "./api/checkout/hub", "TestBounds"},
		{"unpaid orders are counted behind a gate", "tenants/orders/unpaid.go",
			"	if err := q.OrderGatesLock(ctx, w, gates); err != nil {",
			"	if err := error(nil); err != nil {", "./tenants/orders", "TestUnpaidOrdersAreBounded"},
		{"the time is signed", "tenants/webhooks/signing.go", `fmt.Fprintf(mac, "%s.%d.", id, at.Unix())`,
			`fmt.Fprintf(mac, "%s.%d.", id, 0*at.Unix())`, "./tenants/webhooks", "TestSignVector"},
	}
}
