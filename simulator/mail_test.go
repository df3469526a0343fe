package simulator_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"strings"
	"testing"

	"zhitong/internal/mail"
	"zhitong/internal/secret"
)

// mails starts the world's mail server and gives a sender to it, and its address.
func (w *world) mails() (*mail.Sender, string) {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.sim.ServeMail(l) }()
	w.t.Cleanup(func() {
		if err := w.sim.Close(); err != nil {
			w.t.Error(err)
		}
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	sender, err := mail.Parse(secret.New("smtp://"+l.Addr().String()), "直通 <zhitong@example.cn>")
	if err != nil {
		w.t.Fatal(err)
	}
	return sender, l.Addr().String()
}

// TestMails: what the product sends is on the desk, newest first, with the newest 500 kept.
func TestMails(t *testing.T) {
	t.Parallel()
	w := start(t)
	sender, _ := w.mails()
	for i, to := range []string{"a@example.cn", "b@example.cn"} {
		m := mail.Message{To: to, Subject: "验证码", Text: fmt.Sprintf("第 %d 封\n= 123456 = \n.\n..end", i)}
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	all := w.desk("GET", "/mails", nil, 200)["mails"].([]any)
	if len(all) != 2 || all[0].(map[string]any)["to"].([]any)[0] != "b@example.cn" {
		t.Fatalf("mails %v", all)
	}
	one := w.desk("GET", "/mails?to=A@example.cn", nil, 200)["mails"].([]any)
	if len(one) != 1 {
		t.Fatalf("mails to A: %v", one)
	}
	m := one[0].(map[string]any)
	if m["subject"] != "验证码" || strings.TrimSpace(m["text"].(string)) != "第 0 封\n= 123456 = \n.\n..end" ||
		m["from"] != "zhitong@example.cn" {
		t.Errorf("mail %v", m)
	}
	answer, err := w.srv.Client().Get(w.srv.URL + "/desk/mails")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "验证码") || !strings.Contains(string(page), "a@example.cn") {
		t.Errorf("the page of mails does not show them: %d %s", answer.StatusCode, page)
	}
}

// TestMailFaults: a mailbox that does not exist is refused for good, a busy server not.
func TestMailFaults(t *testing.T) {
	t.Parallel()
	w := start(t)
	sender, _ := w.mails()
	w.desk("POST", "/faults", map[string]any{"kind": "mail_refused", "method": "gone@example.cn"}, 201)
	w.desk("POST", "/faults", map[string]any{"kind": "mail_busy", "method": "late@example.cn", "times": 1}, 201)
	send := func(to string) error {
		return sender.Send(t.Context(), mail.Message{To: to, Subject: "x", Text: "y"})
	}
	if err := send("gone@example.cn"); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("no such mailbox: %v", err)
	}
	if err := send("late@example.cn"); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("a busy server: %v", err)
	}
	if err := send("late@example.cn"); err != nil {
		t.Errorf("once more: %v", err)
	}
	if all := w.desk("GET", "/mails", nil, 200)["mails"].([]any); len(all) != 1 {
		t.Errorf("%d mails were taken", len(all))
	}
	// the gateway is none of a mail fault's business
	w.desk("POST", "/faults", map[string]any{"kind": "mail_refused"}, 201)
	w.desk("POST", "/trades", map[string]any{"app_id": w.app, "out_trade_no": "M1", "subject": "x", "smid": w.smid,
		"total_fen": 100}, 201)
}

// TestMailsAsStrictAsAProvider: what RFC 5322 does not allow is refused.
func TestMailsAsStrictAsAProvider(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, at := w.mails()
	good := []string{"From: a@example.cn", "To: b@example.cn", "Date: Fri, 02 Jan 2026 03:04:05 +0000",
		"Message-ID: <1@example.cn>", "Subject: x", "Content-Type: text/plain; charset=UTF-8"}
	send := func(header []string, body string) error {
		return smtp.SendMail(at, nil, "a@example.cn", []string{"b@example.cn"},
			[]byte(strings.Join(header, "\r\n")+"\r\n\r\n"+body))
	}
	if err := send(good, "hello"); err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if send(append(append([]string{}, good[:i]...), good[i+1:]...), "hello") == nil {
			t.Errorf("taken without %q", good[i])
		}
	}
	if send(good, "\xff\xfe") == nil {
		t.Error("a text that is not UTF-8 is taken")
	}
	if send(append(good, "From: c@example.cn"), "hello") == nil {
		t.Error("a second From is taken")
	}
}
