package contract

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"zhitong/alipay"
	"zhitong/simulator"
	"zhitong/simulator/faults"
)

// table is the contract of one method.
type table struct {
	method   string
	register obj  // how its application is registered, for what is not the default
	own      bool // it moves the clock, so it has a simulator of its own
	// enter opens its world in another mode; nil: as registered.
	enter func(t testing.TB) *world
	// ready makes the circumstances of one good call.
	ready func(w *world) *act
	// again is how a repeat ends when the first call took effect: "" done, a sub code: refused with it, "unknown "+sub
	// code: unknown. It is looked at only for methods whose effects can be counted.
	again string
	// keyless: a repeat is another effect, so the resolving query has to be asked before.
	keyless bool
	// refusals are the business errors by real conditions.
	refusals []refusal
	// amount: the answer tells an amount that the client compares.
	amount bool
	// absent: the simulator does not have it, since nothing about its behaviour is documented.
	absent bool
}

// act is one call with its circumstances. The call may be repeated: it has the same key and content each time.
type act struct {
	call func(ctx context.Context, c *alipay.Client) error
	// effects counts at the desk how often it took effect; nil for what changes nothing that can be seen.
	effects func() int
	// ask asks the resolving query and reports what is wrong with its answer, given what the desk says; "" when it
	// tells the truth.
	ask func(ctx context.Context, c *alipay.Client, happened bool) string
}

// refusal is a business error by real conditions. Code may be one that the documentation does not list for the method.
type refusal struct {
	code string // "unknown X" and "limited X" for those that are no refusals
	run  func(w *world) error
}

func call[R any](f func(ctx context.Context, c *alipay.Client) (R, error)) func(context.Context, *alipay.Client) error {
	return func(ctx context.Context, c *alipay.Client) error { _, err := f(ctx, c); return err }
}

// only drops a call's answer.
func only[R any](_ R, err error) error { return err }

func tables() []table {
	return slices.Concat(tradeTables(), payTables(), refundTables(), mergeTables(), settleTables(), relationTables(),
		merchantTables(), fundTables(), complaintTables(), otherTables())
}

func (tb table) open(t testing.TB) *world {
	t.Helper()
	switch {
	case tb.enter != nil:
		return tb.enter(t)
	case tb.own:
		return openOwn(t, tb.register)
	}
	return open(t, tb.register)
}

func tableOf(method string) (table, bool) {
	list := tables()
	i := slices.IndexFunc(list, func(t table) bool { return t.method == method })
	if i < 0 {
		return table{}, false
	}
	return list[i], true
}

// TestTables walks the client's methods: one without a table fails, and so does a table without its method.
func TestTables(t *testing.T) {
	t.Parallel()
	known := simulator.Methods()
	seen := map[string]bool{}
	for _, tb := range tables() {
		if seen[tb.method] {
			t.Errorf("%s has two tables", tb.method)
		}
		seen[tb.method] = true
		if !tb.absent && !slices.Contains(known, tb.method) {
			t.Errorf("%s: the simulator does not know it", tb.method)
		}
	}
	for _, m := range alipay.Methods() {
		tb, ok := tableOf(m.Method)
		delete(seen, m.Method)
		switch {
		case !ok:
			t.Errorf("%s has no table", m.Method)
			continue
		case tb.absent:
			t.Run(m.Method, func(t *testing.T) { t.Parallel(); absent(t, tb) })
			continue
		}
		t.Run(m.Method, func(t *testing.T) {
			t.Parallel()
			t.Run("success", func(t *testing.T) { t.Parallel(); succeeds(t, tb, m) })
			for _, r := range tb.refusals {
				t.Run(r.code, func(t *testing.T) { t.Parallel(); refuses(t, tb, m, r) })
			}
			if m.Kind == alipay.KindPage || m.Kind == alipay.KindApp {
				return // no call is made: nothing can happen to it, and the gateway's refusals are pages for the buyer
			}
			t.Run("on demand", func(t *testing.T) { t.Parallel(); onDemand(t, tb, m) })
			t.Run("faults", func(t *testing.T) { t.Parallel(); underFaults(t, tb, m) })
		})
	}
	for m := range seen {
		t.Errorf("%s: the client does not know it", m)
	}
}

func absent(t *testing.T, tb table) {
	w := tb.open(t)
	if err := tb.ready(w).call(t.Context(), w.c); !alipay.IsRefused(err, "isv.invalid-method") {
		t.Errorf("the simulator has it by now, write its table: %v", err)
	}
}

// succeeds: done, one effect, the resolving query knows it, a repeat has no second one.
func succeeds(t *testing.T, tb table, m alipay.MethodInfo) {
	w := tb.open(t)
	a := tb.ready(w)
	a.mustNot(t, m, "before the call")
	if err := a.call(t.Context(), w.c); err != nil {
		t.Fatalf("%v", err)
	}
	a.once(t, "the call")
	a.truth(t, w, "after the call")
	a.asksBy(t, w, m)
	a.repeat(t, w, tb)
}

// asksBy: what the table asks is the resolving query that the client names. When that query fails, the question has no
// answer.
func (a *act) asksBy(t *testing.T, w *world, m alipay.MethodInfo) {
	t.Helper()
	if a.ask == nil {
		if m.Resolve != "" && a.effects != nil {
			t.Errorf("nobody asks %s", m.Resolve)
		}
		return
	}
	remove := w.fault(obj{"kind": faults.BusinessError, "method": m.Resolve, "sub_code": "TEST"})
	if a.ask(t.Context(), w.c, true) == "" {
		t.Errorf("the table does not ask %s", m.Resolve)
	}
	remove()
}

func (a *act) mustNot(t *testing.T, m alipay.MethodInfo, when string) {
	t.Helper()
	if a.effects != nil && a.effects() != 0 {
		t.Fatalf("%s: %s is done already", when, m.Method)
	}
}

func (a *act) once(t *testing.T, after string) {
	t.Helper()
	if a.effects == nil {
		return
	}
	if n := a.effects(); n != 1 {
		t.Errorf("%s took effect %d times", after, n)
	}
}

// truth compares the resolving query with the desk.
func (a *act) truth(t *testing.T, w *world, when string) {
	t.Helper()
	if a.ask == nil {
		return
	}
	if problem := a.ask(t.Context(), w.c, a.effects() > 0); problem != "" {
		t.Errorf("%s: the resolving query: %s", when, problem)
	}
}

// repeat calls again with the same key: as the table says, and without a second effect.
func (a *act) repeat(t *testing.T, w *world, tb table) {
	t.Helper()
	if tb.keyless {
		return
	}
	e := failure(t, a.call(t.Context(), w.c))
	if got := ending(e); got != tb.again {
		t.Errorf("the repeat ended %q, want %q: %v", got, tb.again, e)
	}
	a.once(t, "the repeat with the same key")
}

// ending is a call's end as tables write it.
func ending(e *alipay.Error) string {
	switch {
	case e == nil:
		return ""
	case e.Limited:
		return "limited " + e.SubCode
	case e.Outcome == alipay.OutcomeRefused:
		return e.SubCode
	}
	return "unknown " + e.SubCode
}

// refuses: the refusal comes as Alipay words it; when it is unknown, a query is named.
func refuses(t *testing.T, tb table, m alipay.MethodInfo, r refusal) {
	w := tb.open(t)
	checkRefusal(t, m, r, failure(t, r.run(w)))
}

func checkRefusal(t *testing.T, m alipay.MethodInfo, r refusal, e *alipay.Error) {
	t.Helper()
	if got := ending(e); got != r.code {
		t.Errorf("ended %q, want %q: %v", got, r.code, e)
		return
	}
	if e.Outcome == alipay.OutcomeUnknown && !e.Limited && m.Resolve != "" && e.Resolve == "" {
		t.Errorf("an unknown outcome names no query: %v", e)
	}
	if e.Message == "" || e.Method != m.Method {
		t.Errorf("no message or no method: %+v", e)
	}
}

// meaning is what a documented sub code means, restated from the documentation (classes U, L and F) and not taken from
// the client.
func meaning(method, code string) string {
	bare := strings.TrimPrefix(strings.TrimPrefix(code, "ACQ."), "AQC.")
	also := map[string][]string{
		"alipay.trade.pay": {"PAYMENT_FAIL", "PULL_MOBILE_CASHIER_FAIL"},
		"alipay.fund.trans.uni.transfer": {"BANK_RESPONSE_ERROR", "PROCESS_FAIL", "PAYMENT_FAIL", "INST_PAY_UNABLE",
			"PROMO_TRANS_ORDER_DEALING"},
	}
	switch {
	case slices.Contains([]string{"SYSTEM_ERROR", "SYSTEM_TIMEOUT_ERROR", "UNKNOWN_ERROR", "REQUEST_PROCESSING",
		"TRANS_ORDER_DEALING"}, bare), slices.Contains(also[method], bare):
		return "unknown " + code
	case slices.Contains([]string{"FREQUENCY_LIMITED", "SYSTEM_RATE_LIMIT", "USER_RATE_LIMIT"}, bare):
		return "limited " + code
	}
	return code
}

// demanded are the documented sub codes that no real condition of the table produces.
func demanded(tb table) []string {
	return slices.DeleteFunc(alipay.DocumentedSubCodes(tb.method), func(code string) bool {
		return slices.ContainsFunc(tb.refusals, func(r refusal) bool { return r.code == meaning(tb.method, code) })
	})
}

// onDemand: every other documented sub code, on the same good call. Nothing happens, so at the end the call is done.
func onDemand(t *testing.T, tb table, m alipay.MethodInfo) {
	w := tb.open(t)
	a := tb.ready(w)
	for _, code := range demanded(tb) {
		remove := w.fault(obj{"kind": faults.BusinessError, "method": m.Method, "sub_code": code})
		checkRefusal(t, m, refusal{code: meaning(m.Method, code)}, failure(t, a.call(t.Context(), w.c)))
		remove()
	}
	a.mustNot(t, m, "after refusals")
	if err := a.call(t.Context(), w.c); err != nil {
		t.Errorf("after refusals: %v", err)
	}
}

// mischief is what a fault does to a call.
type mischief struct {
	kind     string
	ending   func(tb table) string // of a call it strikes
	happened bool                  // the effect happens all the same
	retried  bool                  // a query asks once more by itself, so it has to strike twice
}

func local(ending string) func(table) string { return func(table) string { return ending } }

func mischiefs() []mischief {
	system := func(tb table) string {
		if strings.HasPrefix(tb.method, "alipay.trade.") && !bareFamily(tb.method) {
			return "unknown ACQ.SYSTEM_ERROR"
		}
		return "unknown SYSTEM_ERROR"
	}
	return []mischief{
		{faults.NoAnswerBefore, local("unknown " + alipay.SubCodeTransport), false, true},
		{faults.NoAnswerAfter, local("unknown " + alipay.SubCodeTransport), true, true},
		{faults.HTTP502, local("unknown " + alipay.SubCodeHTTPStatus), true, true},
		{faults.HalfJSON, local("unknown " + alipay.SubCodeBrokenAnswer), true, true},
		{faults.WrongSignature, local("unknown " + alipay.SubCodeBadSignature), true, false},
		{faults.SystemErrorBefore, system, false, false},
		{faults.SystemErrorAfter, system, true, false},
		{faults.UnavailableBefore, local("unknown isp.unknow-error"), false, true},
		{faults.UnavailableAfter, local("unknown isp.unknow-error"), true, true},
		{faults.RateLimit, local("limited isv.app-call-limited"), false, false},
		{faults.SignFirst, local(""), true, false},
		{faults.EscapedSlashes, local(""), true, false},
	}
}

// bareFamily: methods of the trade family whose error lists have no ACQ.
func bareFamily(method string) bool {
	return strings.Contains(method, ".royalty.") || strings.HasSuffix(method, "order.settle.query") ||
		strings.HasSuffix(method, "receivables.query")
}

func underFaults(t *testing.T, tb table, m alipay.MethodInfo) {
	w := tb.open(t)
	list := mischiefs()
	if tb.amount {
		list = append(list, mischief{faults.WrongAmount, local("unknown " + alipay.SubCodeMismatch),
			true, false})
	}
	for _, f := range list {
		t.Run(f.kind, func(t *testing.T) { strike(t, w, tb, m, f) })
	}
	t.Run(faults.Slow, func(t *testing.T) { slow(t, w, tb, m) })
	if i := slices.IndexFunc(tb.refusals, func(r refusal) bool {
		return r.code == meaning(m.Method, r.code) && !strings.HasPrefix(r.code, "isv.")
	}); i >= 0 {
		t.Run(faults.OtherNode, func(t *testing.T) {
			t.Parallel()
			other := tb.open(t)
			other.fault(obj{"kind": faults.OtherNode, "method": m.Method})
			checkRefusal(t, m, tb.refusals[i], failure(t, tb.refusals[i].run(other)))
		})
	}
}

// strike lets one fault at a call: the ending is right, the effect is what the fault says, the resolving query tells
// which, and a repeat with the same key ends well with one effect.
func strike(t *testing.T, w *world, tb table, m alipay.MethodInfo, f mischief) {
	a := tb.ready(w)
	times := 1
	if f.retried && m.Retryable {
		times = 2
	}
	remove := w.fault(obj{"kind": f.kind, "method": m.Method, "times": times})
	e := failure(t, a.call(t.Context(), w.c))
	remove()
	want := f.ending(tb)
	if got := ending(e); got != want {
		t.Errorf("ended %q, want %q: %v", got, want, e)
	}
	if e != nil && !e.Limited && m.Resolve != "" && e.Resolve == "" {
		t.Errorf("an unknown outcome names no query: %v", e)
	}
	if times == 2 { // struck once, the client's own repeat brings the answer
		remove := w.fault(obj{"kind": f.kind, "method": m.Method, "times": 1})
		if err := a.call(t.Context(), w.c); err != nil {
			t.Errorf("a query struck once: %v", err)
		}
		remove()
	}
	if a.effects != nil && (a.effects() > 0) != f.happened {
		t.Errorf("it took effect %d times, want %v", a.effects(), f.happened)
	}
	a.settle(t, w, tb)
}

// settle is what a caller does after an unknown outcome: ask, then repeat with the same number if it did not happen (or
// if repeating is safe).
func (a *act) settle(t *testing.T, w *world, tb table) {
	t.Helper()
	a.truth(t, w, "after the fault")
	if a.effects != nil && a.effects() > 0 {
		a.repeat(t, w, tb)
		return
	}
	if err := a.call(t.Context(), w.c); err != nil && a.effects != nil {
		t.Errorf("the repeat of what did not happen: %v", err)
	}
	a.once(t, "the repeat of what did not happen")
	a.truth(t, w, "after the repeat")
}

// slow: the answer comes after the caller's patience, which ends when the fault has struck.
func slow(t *testing.T, w *world, tb table, m alipay.MethodInfo) {
	a := tb.ready(w)
	remove := w.fault(obj{"kind": faults.Slow, "method": m.Method, "delay_ms": 60_000})
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	ended := make(chan error, 1)
	go func() { ended <- a.call(ctx, w.c) }()
	until(t, "the fault strikes", func() bool { return w.fired() > 0 })
	giveUp()
	err := <-ended
	remove()
	if got, want := ending(failure(t, err)), "unknown "+alipay.SubCodeTransport; got != want ||
		!errors.Is(err, context.Canceled) {
		t.Errorf("ended %q, want %q: %v", got, want, err)
	}
	a.settle(t, w, tb)
}
