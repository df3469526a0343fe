// Package mailbox stands in for the mail server of an installation: it takes what the product sends over SMTP, keeps
// it for the desk, and delivers nothing. It is as strict as a large provider: a message without From, To, Date and
// Message-ID, or with text that is not UTF-8, is refused (RFC 5321, RFC 5322).
package mailbox

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Bucket: number → Mail.
const Bucket = "mails"

const (
	kept          = 500     // newest mails; what is older is deleted
	messageMax    = 1 << 20 // bytes of a message
	recipientsMax = 50
	patience      = time.Minute // for a silent client
)

// Mail is a message that was taken.
type Mail struct {
	ID        string   `json:"id"`
	At        int64    `json:"received_at"` // milliseconds
	From      string   `json:"from"`
	To        []string `json:"to"` // of the envelope
	Subject   string   `json:"subject"`
	Text      string   `json:"text"`
	MessageID string   `json:"message_id"`
}

// Server is an SMTP server without encryption, for the machine it runs on.
type Server struct {
	smtp *smtp.Server

	mu        sync.Mutex
	listeners []net.Listener
	closed    bool
}

// New makes a server that keeps mails in st.
func New(st *state.State) *Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{st: st}, nil }))
	s.Domain, s.EnableSMTPUTF8 = "simulator.invalid", true
	s.MaxMessageBytes, s.MaxRecipients = messageMax, recipientsMax
	s.ReadTimeout, s.WriteTimeout = patience, patience
	s.ErrorLog = slog.NewLogLogger(st.Log.Handler(), slog.LevelDebug)
	return &Server{smtp: s}
}

// Serve takes mails until Close, also when that came first.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return l.Close()
	}
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	err := s.smtp.Serve(l)
	if err == nil || errors.Is(err, smtp.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("serve mail: %w", err)
}

// Close ends the server and its connections.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, l := range s.listeners {
		_ = l.Close() // before smtp knows of it, perhaps
	}
	_ = s.smtp.Close() // its listeners are closed already, and it says so
}

// session is one message after the other of a connection.
type session struct {
	st   *state.State
	from string
	to   []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if from == "" {
		return refused("5.1.7", "a sender, please")
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := mail.ParseAddress(to); err != nil {
		return refused("5.1.3", "no address")
	}
	f := s.st.Faults.Strike("", to, faults.Mails)
	if f == nil {
		s.to = append(s.to, to)
		return nil
	}
	err := s.st.Update(s.st.Now(), func(tx *state.Tx) error { return state.StoreFault(tx, f) })
	switch {
	case err != nil:
		return err
	case f.Kind == faults.MailBusy:
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later, please"}
	default:
		return refused("5.1.1", "no such mailbox")
	}
}

func (s *session) Data(r io.Reader) error {
	m, err := read(r)
	if err != nil {
		return refused("5.6.0", err.Error())
	}
	m.From, m.To = s.from, s.to
	return s.st.Update(s.st.Now(), func(tx *state.Tx) error {
		n, err := tx.NextID(Bucket)
		if err != nil {
			return err
		}
		m.ID, m.At = fmt.Sprintf("m%08d", n), protocol.Millis(tx.Now)
		if n > kept {
			if err := state.Delete(tx, Bucket, fmt.Sprintf("m%08d", n-kept)); err != nil {
				return err
			}
		}
		return state.Put(tx, Bucket, m.ID, m)
	})
}

func refused(enhanced, message string) error {
	var e smtp.EnhancedCode
	_, _ = fmt.Sscanf(enhanced, "%d.%d.%d", &e[0], &e[1], &e[2])
	return &smtp.SMTPError{Code: 550, EnhancedCode: e, Message: message}
}

// read takes a message apart and holds it to RFC 5322.
func read(r io.Reader) (*Mail, error) {
	msg, err := mail.ReadMessage(r)
	if err != nil {
		return nil, errors.New("no message of RFC 5322")
	}
	for _, name := range []string{"From", "To", "Date", "Message-Id", "Subject"} {
		if len(msg.Header[name]) != 1 {
			return nil, fmt.Errorf("one %s, please", name)
		}
	}
	if _, err := msg.Header.Date(); err != nil {
		return nil, errors.New("the Date is none")
	}
	for _, name := range []string{"From", "To"} {
		if _, err := msg.Header.AddressList(name); err != nil {
			return nil, fmt.Errorf("%s holds no addresses", name)
		}
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || !strings.EqualFold(params["charset"], "utf-8") {
		return nil, errors.New("plain text in UTF-8 only")
	}
	body := msg.Body
	if strings.EqualFold(msg.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil || !utf8.Valid(text) {
		return nil, errors.New("the text cannot be read")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return nil, errors.New("the Subject cannot be read")
	}
	return &Mail{Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n", "\n"),
		MessageID: msg.Header.Get("Message-Id")}, nil
}
