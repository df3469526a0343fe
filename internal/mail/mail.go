// Package mail hands messages to an SMTP server. Who writes what to whom is the callers' matter.
//
// A connection is encrypted, by implicit TLS (smtps) or by STARTTLS (smtp), unless the server is on this machine. No
// error holds the credentials or the text of a message.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"zhitong/internal/secret"
)

// ErrRefused is wrapped by the error of a message that the server will not take however often it is repeated: an
// address that does not exist, a sender that is not allowed (answers 5xx of RFC 5321).
var ErrRefused = errors.New("the mail server refuses the message")

const (
	schemeTLS      = "smtps" // implicit TLS, RFC 8314
	schemeSTARTTLS = "smtp"  // STARTTLS, RFC 3207
	portTLS        = 465
	portSTARTTLS   = 587
	timeout        = 20 * time.Second // of one message, connecting included
)

// Message is one mail, of plain text.
type Message struct {
	To      string // one address, without a name
	Subject string
	Text    string
	// Key makes the Message-ID, so that the same message sent twice can be known for one. Empty: a new one each time.
	Key string
}

// Sender hands messages to one server. It is safe for concurrent use and keeps no connection.
type Sender struct {
	host string
	port int
	from string
	opts []gomail.Option
}

// Parse reads the address of a server, smtps://user:password@host:465 or smtp://user:password@host:587, and the sender
// of all messages, an address with or without a name. It connects to nothing. Its errors hold no credentials.
func Parse(server secret.String, from string) (*Sender, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender of mails is no address: %w", err)
	}
	u, err := url.Parse(server.Reveal())
	if err != nil || u.Host == "" || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
		return nil, errors.New("the address of the mail server is not of the form smtps://user:password@host:465")
	}
	s := &Sender{host: u.Hostname(), from: sender.String()}
	switch u.Scheme {
	case schemeTLS:
		s.port = portTLS
		s.opts = append(s.opts, gomail.WithSSL())
	case schemeSTARTTLS:
		s.port = portSTARTTLS
		policy := gomail.TLSMandatory
		if loopback(s.host) {
			policy = gomail.TLSOpportunistic
		}
		s.opts = append(s.opts, gomail.WithTLSPolicy(policy))
	default:
		return nil, errors.New("the address of the mail server begins neither with smtps:// nor with smtp://")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return nil, errors.New("the port of the mail server is not between 1 and 65535")
		}
		s.port = int(n)
	}
	s.opts = append(s.opts, gomail.WithPort(s.port), gomail.WithTimeout(timeout),
		gomail.WithTLSConfig(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}))
	if u.User != nil {
		password, _ := u.User.Password()
		s.opts = append(s.opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

// Send hands one message over and returns once the server has taken it. An error that wraps [ErrRefused] is for good;
// any other may be gone at the next attempt.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg := gomail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return fmt.Errorf("the sender of mails is no address: %w", err)
	}
	if err := msg.To(m.To); err != nil { // the library's text holds the address
		return fmt.Errorf("the recipient is no mail address: %w", ErrRefused)
	}
	msg.Subject(m.Subject)
	if msg.SetMessageID(); m.Key != "" {
		_, host, _ := strings.Cut(strings.TrimSuffix(s.from, ">"), "@")
		msg.SetMessageIDWithValue(m.Key + "@" + host)
	}
	msg.SetDate()
	msg.SetGenHeader(gomail.Header("Auto-Submitted"), "auto-generated") // RFC 3834: nobody's holiday notice answers
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	client, err := gomail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("prepare the mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.told(client.DialAndSendWithContext(ctx, msg))
}

// told says what a server answered without repeating it: answers quote addresses, and texts at times.
func (s *Sender) told(err error) error {
	if err == nil {
		return nil
	}
	at := net.JoinHostPort(s.host, strconv.Itoa(s.port))
	var answered *gomail.SendError
	if !errors.As(err, &answered) {
		var network net.Error
		if errors.As(err, &network) {
			return fmt.Errorf("the mail server %s cannot be reached", at)
		}
		return fmt.Errorf("the mail server %s gives no session", at)
	}
	if code := answered.ErrorCode(); code >= 500 && code < 600 && !answered.IsTemp() {
		return fmt.Errorf("%s answers %d: %w", at, code, ErrRefused)
	}
	return fmt.Errorf("the mail server %s answers %d and does not take the message now", at, answered.ErrorCode())
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
