package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"zhitong/internal/secret"
)

const password = "correct horse battery"

// post is a mail server as a provider runs it.
type post struct {
	mu     sync.Mutex
	taken  []string
	secure []bool // whether the connection was encrypted
	answer *smtp.SMTPError
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &session{post: p, secure: secure}, nil
}

type session struct {
	*post
	secure, known bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, pw string) error {
		if s.known = username == "zhitong@example.cn" && pw == password; !s.known {
			return errors.New("no: " + pw) // a server that talks too much
		}
		return nil
	}), nil
}

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return s.refusal(!s.known) }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.refusal(false) }

func (s *session) refusal(unknown bool) error {
	if unknown {
		return smtp.ErrAuthRequired
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != nil {
		return s.answer
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken, s.post.secure = append(s.taken, string(text)), append(s.post.secure, s.secure)
	return err
}

// open starts the server, with STARTTLS, implicit TLS, or neither.
func open(t *testing.T, p *post, scheme string, encrypted bool) (*Sender, string) {
	t.Helper()
	web := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate of 127.0.0.1
	t.Cleanup(web.Close)
	s := smtp.NewServer(p)
	s.Domain, s.AllowInsecureAuth = "post.example.cn", true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	if encrypted {
		s.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
		if scheme == schemeTLS {
			l = tls.NewListener(l, s.TLSConfig)
		}
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = l.Close() // Serve may not have begun
		_ = s.Close()
		<-done
	})
	address := secret.New(scheme + "://zhitong%40example.cn:correct%20horse%20battery@" + at)
	sender, err := Parse(address, "直通 <a@example.cn>")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	sender.opts = append(sender.opts, gomail.WithTLSConfig(&tls.Config{RootCAs: roots, ServerName: "127.0.0.1",
		MinVersion: tls.VersionTLS12}))
	return sender, at
}

func message() Message {
	return Message{To: "buyer@example.cn", Subject: "验证码", Text: "您的验证码是 123456。\n\nYour code."}
}

// TestSend: a message arrives by either kind of encryption, once, with what RFC 5322 and RFC 3834 ask for.
func TestSend(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{schemeTLS, schemeSTARTTLS} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			p := &post{}
			sender, _ := open(t, p, scheme, true)
			if err := sender.Send(t.Context(), message()); err != nil {
				t.Fatal(err)
			}
			if len(p.taken) != 1 || !p.secure[0] {
				t.Fatalf("%d messages, encrypted %v", len(p.taken), p.secure)
			}
			for _, want := range []string{"Auto-Submitted: auto-generated", "Message-ID: <", "Date: ",
				"To: <buyer@example.cn>", "123456"} {
				if !strings.Contains(p.taken[0], want) {
					t.Errorf("no %q in:\n%s", want, p.taken[0])
				}
			}
		})
	}
}

// TestRefusals: an answer of 5xx is for good, anything else is not, and no error says more than it should.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer  *smtp.SMTPError
		to      string
		closed  bool
		refused bool
	}{
		"no such mailbox": {answer: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
			Message: "buyer@example.cn is unknown"}, refused: true},
		"later": {answer: &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1},
			Message: "buyer@example.cn is grey"}},
		"no address": {to: "no address of buyer", refused: true},
		"two":        {to: "buyer@example.cn\r\nRCPT TO:<x@example.cn>", refused: true},
		"nobody":     {closed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender, at := open(t, &post{answer: row.answer}, schemeTLS, true)
			if row.closed {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				sender.opts = append(sender.opts, gomail.WithPort(l.Addr().(*net.TCPAddr).Port))
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			}
			m := message()
			if row.to != "" {
				m.To = row.to
			}
			err := sender.Send(t.Context(), m)
			if err == nil || errors.Is(err, ErrRefused) != row.refused {
				t.Fatalf("error %v", err)
			}
			for _, secret := range []string{"buyer", "123456", password, "zhitong@example.cn"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q of %s tells of %q", err, at, secret)
				}
			}
		})
	}
}

// TestUnencrypted: a server elsewhere without STARTTLS gets no password and no message.
func TestUnencrypted(t *testing.T) {
	t.Parallel()
	p := &post{}
	sender, _ := open(t, p, schemeSTARTTLS, false)
	sender.opts = append(sender.opts, gomail.WithTLSPolicy(gomail.TLSMandatory)) // as for a host that is not this one
	if err := sender.Send(t.Context(), message()); err == nil || len(p.taken) != 0 {
		t.Errorf("error %v, %d messages", err, len(p.taken))
	}
}

// TestWrongPassword: a server that repeats the password in its answer is not quoted.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	p := &post{}
	sender, _ := open(t, p, schemeTLS, true)
	sender.opts = append(sender.opts, gomail.WithPassword("wrong horse"))
	err := sender.Send(t.Context(), message())
	if err == nil || strings.Contains(err.Error(), "horse") || len(p.taken) != 0 {
		t.Errorf("error %v, %d messages", err, len(p.taken))
	}
}

// TestGivenUp: a caller that goes away is not waited for.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	sender, _ := open(t, &post{}, schemeTLS, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sender.Send(ctx, message()); err == nil {
		t.Error("a mail was sent for nobody")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "post.example.cn", "http://post.example.cn", "smtps://",
		"smtps://user:topsecret@:465",
		"smtps://post.example.cn:0", "smtps://post.example.cn:65536", "smtps://post.example.cn/path",
		"smtps://user:topsecret@post.example.cn:port", "smtps://user:top%secret@post.example.cn", "smtp://h?tls=none"} {
		if _, err := Parse(secret.New(bad), "a@example.cn"); err == nil || strings.Contains(err.Error(), "topsecret") ||
			strings.Contains(err.Error(), "top%secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := Parse(secret.New("smtps://post.example.cn"), "nobody"); err == nil {
		t.Error("a sender without an address is taken")
	}
	for address, want := range map[string]int{"smtps://post.example.cn": portTLS,
		"smtp://post.example.cn": portSTARTTLS,
		"smtp://[::1]:25/":       25} {
		s, err := Parse(secret.New(address), "直通 <a@example.cn>")
		if err != nil || s.port != want {
			t.Errorf("%s: %+v, %v", address, s, err)
		}
	}
}
