package notices_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/outside"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/notices"
)

// A29: a robot's address leads to the robots' official hosts, and to those of the configuration, and nowhere else.
func TestAttackAddresses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	strict := b.service(outside.Reach{})
	try := func(s *notices.Service, channel vocabulary.NoticeChannel, address string) error {
		_, _, err := s.CreateRoute(t.Context(), b.actor, idempotency.Key{}, notices.NewRoute{Name: "x",
			Channel: channel, Address: secret.New(address), EventTypes: []string{"order.*"},
			Language: vocabulary.Chinese})
		return err
	}
	for _, c := range []struct {
		channel vocabulary.NoticeChannel
		address string
	}{
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0-a"},
		{"dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=0a"},
		{"feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/0-a"},
		{"feishu", "https://open.larksuite.com/open-apis/bot/v2/hook/0-a"},
		{"mail", "ops@example.cn"},
	} {
		if err := try(strict, c.channel, c.address); err != nil {
			t.Errorf("%s is refused: %v", c.address, err)
		}
	}
	for _, c := range []struct {
		channel vocabulary.NoticeChannel
		address string
	}{
		{"wecom", "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
		{"wecom", "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=a"},
		{"wecom", "https://evil@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
		{"wecom", "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=a"},
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a&key=b"},
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a&x=1"},
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/gettoken?key=a"},
		{"wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%0d%0a"},
		{"dingtalk", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
		{"feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/../../auth"},
		{"feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/a?x=1"},
		{"dingtalk", "https://127.0.0.1/robot/send?access_token=a"},
		{"dingtalk", "https://169.254.169.254/robot/send?access_token=a"},
		{"dingtalk", "https://localhost/robot/send?access_token=a"},
		{"dingtalk", "https://[::1]/robot/send?access_token=a"},
		{"mail", "ops@example.cn\r\nBcc: all@example.cn"},
		{"mail", "a@example.cn, b@example.cn"},
		{"mail", "Ops <ops@example.cn>"},
	} {
		if err := try(strict, c.channel, c.address); fault.CodeOf(err) != notices.CodeAddressRefused {
			t.Errorf("%s is taken: %v", c.address, err)
		}
	}
	// a host of the configuration is no way inside: the connection is refused where its network is not allowed
	r := b.robot("dingtalk", "")
	route := b.route(r, "order.paid")
	o, err := strict.Test(t.Context(), b.actor, route.ID)
	if err != nil || o.Delivered() || !strings.Contains(o.Said, "not public") {
		t.Errorf("a connection to this machine: %+v, %v", o, err)
	}
	if o, err = b.svc.Test(t.Context(), b.actor, route.ID); err != nil || !o.Delivered() { // the control
		t.Errorf("where it is allowed: %+v, %v", o, err)
	}
}

// hostile is what a product's name or a reference may be.
const hostile = "[点我](https://evil.example/a) <at user_id=\"all\">所有人</at> <@all> @所有人 {{amount}} **x** `y`" +
	"\r\nBcc: z@evil.example"

// A41: what strangers write is told as text: no link, no mention, no markup, no second line, no variable.
func TestAttackInjection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := []robot{b.robot("wecom", ""), b.robot("dingtalk", ""), b.robot("feishu", "")}
	for _, r := range all {
		b.route(r, "order.paid")
	}
	b.routeOf(notices.NewRoute{Channel: vocabulary.ChannelMail, Address: secret.New("ops@example.cn"),
		EventTypes: []string{"order.paid"}})
	if _, err := b.svc.PutTemplate(t.Context(), b.actor, notices.Template{Type: vocabulary.EventOrderPaid,
		Language: vocabulary.Chinese, Title: "收款 {{reference}}", Text: "单号 {{reference}}"}); err != nil {
		t.Fatal(err)
	}
	b.emit(vocabulary.EventOrderPaid, 1, map[string]any{"reference": hostile})
	b.look(settled)
	var texts []string
	for _, r := range all {
		for _, m := range b.messages(r) {
			if m.Type != "text" && m.Type != "post" {
				t.Errorf("a message of type %s", m.Type)
			}
			texts = append(texts, m.Title+"\n"+m.Text)
		}
	}
	for _, m := range b.mails.taken {
		if strings.ContainsAny(m.Subject, "\r\n") {
			t.Errorf("a subject of two lines: %q", m.Subject)
		}
		texts = append(texts, m.Subject+"\n"+m.Text)
	}
	if len(texts) != 4 {
		t.Fatalf("%d messages", len(texts))
	}
	for _, text := range texts {
		for _, bad := range []string{"https://", "@", "<", ">", "evil.example", "](", "100.50", "\nBcc"} {
			if strings.Contains(text, bad) {
				t.Errorf("%q is in %q", bad, text)
			}
		}
	}
}

// A41: a text names its own variables and nothing else.
func TestAttackTemplates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, bad := range []string{"{{card_key}}", "{{.}}", "{{ order_id }}", "{{order_id", "order_id}}",
		"{{{{order_id}}}}",
		"{{range .}}", "{{order_id|html}}", "{{Reference}}", "{{merchant}}", "{{}}"} {
		_, err := b.svc.PutTemplate(t.Context(), b.actor, notices.Template{Type: vocabulary.EventOrderPaid,
			Language: vocabulary.Chinese, Title: "x", Text: bad})
		if f := fieldsOf(err); fault.CodeOf(err) != notices.CodeTemplateInvalid || f != "/text" {
			t.Errorf("%q is taken: %v at %q", bad, err, f)
		}
	}
	own := notices.Template{Type: vocabulary.EventOrderPaid, Language: vocabulary.Chinese, Title: "付款 {{amount}}",
		Text: "{{reference}} 在 {{time}}"}
	m, err := b.svc.Preview(t.Context(), b.actor, own)
	if err != nil || !strings.Contains(m.Title, "付款 100.00") || strings.Contains(m.Text, "{{") {
		t.Errorf("preview %+v, %v", m, err)
	}
	for l := range map[vocabulary.Language]bool{vocabulary.Chinese: true, vocabulary.English: true} {
		for _, kind := range vocabulary.EventTypes() {
			if kind == vocabulary.EventWebhookTest {
				continue
			}
			own, err := b.svc.ListTemplates(t.Context(), b.actor)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range own {
				if d.Type == kind && d.Language == l {
					if _, err := b.svc.Preview(t.Context(), b.actor, d); err != nil {
						t.Errorf("the default of %s in %s: %v", kind, l, err)
					}
				}
			}
		}
	}
	if err := b.svc.DeleteTemplate(t.Context(), b.actor, own.Type, own.Language); fault.CodeOf(err) !=
		notices.CodeTemplateNotFound {
		t.Errorf("delete what is not there: %v", err)
	}
}

func fieldsOf(err error) string {
	if e, ok := err.(*fault.Error); ok && len(e.Fields) == 1 {
		return e.Fields[0].Pointer
	}
	return ""
}

// A19: the address and the secret of a route are in no row but sealed, in no job, event, audit entry or error.
func TestAttackSecretsStay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("dingtalk", "generate")
	route := b.route(r, "order.paid")
	b.routeOf(notices.NewRoute{Channel: vocabulary.ChannelMail, Address: secret.New("hidden.person@example.cn"),
		EventTypes: []string{"order.paid"}})
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.look(settled)
	other := secret.New("SECanother0123456789")
	if _, err := b.svc.UpdateRoute(t.Context(), b.actor, route.ID, notices.RouteChange{Secret: &other}); err != nil {
		t.Fatal(err)
	}
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.look(2 * time.Minute)
	if _, err := b.svc.Test(t.Context(), b.actor, route.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"notice_routes", "notices", "events", "audit_log", "cases", "river.river_job"} {
		b.in(func(ctx context.Context, tx db.TenantTx) error {
			var all string
			err := tx.QueryRow(ctx, "SELECT coalesce(string_agg(to_jsonb(t)::text, ' '), '') FROM "+table+" t").
				Scan(&all)
			for _, s := range []string{r.Token, r.Secret, other.Reveal(), "hidden.person"} {
				if strings.Contains(all, s) {
					t.Errorf("%s has %q", table, s)
				}
			}
			return err
		})
	}
	got := b.reload(route)
	if host := strings.TrimPrefix(b.desk, "http://"); !strings.Contains(got.LastError, "310000") ||
		got.AddressHint != host || !got.Signed {
		t.Errorf("the control: %+v", got)
	}
	page, err := b.svc.ListRoutes(t.Context(), b.actor, tenants.Page[id.NoticeRoute]{})
	if err != nil || len(page.Items) != 2 || page.Items[0].AddressHint != "h…@example.cn" {
		t.Errorf("routes %+v, %v", page.Items, err)
	}
}
