package orders

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	netmail "net/mail"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// A checkout page that has ended opens again by a one-time code, which is mailed to the contact that the order was made
// with. Whoever only has the address, from a history or a forwarded message, does not get at the card keys that way.
const (
	codeDigits  = 8
	codeLife    = 15 * time.Minute // of a code; a mail that is not sent by then is not sent
	codeTries   = 5                // wrong ones, then the code is void
	codeAgain   = time.Minute      // between two codes of an order
	codesDay    = 5                // codes of an order in a day
	codeDay     = 24 * time.Hour
	codePurpose = "checkout code" // what the installation's key is used for here
)

// Why a code is not sent or opens nothing.
var (
	ErrCodeNotOffered = errors.New("no code can be sent for this order")  // it has not ended, or has no mail address
	ErrCodeTooSoon    = errors.New("a code was asked for too soon again") // or too often
	ErrCodeWrong      = errors.New("the code is wrong")                   // there are tries left
	ErrCodeVoid       = errors.New("the code is void, used or timed out") // another has to be asked for
)

// mailable is the contact, when mails are sent and it is a mail address; empty otherwise.
func (s *Service) mailable(contact string) string {
	if a, err := netmail.ParseAddress(contact); s.mails == nil || err != nil || a.Address != contact {
		return ""
	}
	return contact
}

// AskCode queues a mail with a code for the ended page of a checkout address. lang is the page's, zh or en. It returns
// what [Service.ByCheckoutToken] returns, ErrCodeNotOffered and ErrCodeTooSoon. Atomic.
func (s *Service) AskCode(ctx context.Context, tok, lang string) error {
	return s.held(ctx, tok, func(ctx context.Context, tx db.TenantTx, order id.Order, secret []byte) error {
		v, err := s.viewed(ctx, tx, order, secret)
		if err != nil {
			return err
		}
		if v.CodeTo == "" {
			return ErrCodeNotOffered
		}
		now := s.clock.Now()
		n, err := q.CheckoutCodeAsk(ctx, tx, dbsqlc.CheckoutCodeAskParams{OrderID: order, AskedAt: now, Lang: lang,
			AgainAfter: now.Add(-codeAgain), DayBefore: now.Add(-codeDay), DayMax: codesDay})
		if err != nil {
			return fmt.Errorf("ask for a code of order %s: %w", order, err)
		}
		if n == 0 {
			return ErrCodeTooSoon
		}
		return queue.Insert(ctx, tx.Later(),
			queue.Job{Args: queue.CheckoutCode{TenantID: queue.RefTo(tx.Tenant()), OrderID: queue.RefTo(order)}})
	})
}

// SendCode makes a code for an order and mails it. Run again, it makes another, and the one before is void. When the
// time of what was asked for is over it does nothing. It returns order_not_found, and what [Mailer.Send] returns.
// Phased: a transaction that keeps the code's digest, then the mail.
func (s *Service) SendCode(ctx context.Context, tenant id.Tenant, order id.Order) error {
	if s.mails == nil {
		return ErrCodeNotOffered
	}
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil))
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	code := fmt.Sprintf("%0*d", codeDigits, n)
	digest, err := s.codeDigest(ctx, tenant, order, code)
	if err != nil {
		return err
	}
	var to mail.Message
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		to = mail.Message{}
		asked, err := q.CheckoutCodeLock(ctx, tx, order)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("read what was asked for of order %s: %w", order, err)
		}
		now := s.clock.Now()
		if !now.Before(asked.AskedAt.Add(codeLife)) {
			return nil
		}
		o, err := s.read(ctx, tx, order)
		if err != nil {
			return err
		}
		platform, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the platform: %w", err)
		}
		if platform.Status != tenants.StatusActive {
			return nil
		}
		to = codeMail(asked.Lang, platform.Name, o, code)
		to.To = s.mailable(o.BuyerContact)
		return q.CheckoutCodeSet(ctx, tx.Later(), digest, now.Add(codeLife), order)
	})
	if err != nil || to.To == "" {
		return err
	}
	s.step("checkout code made")
	if err := s.mails.Send(ctx, to); err != nil {
		return err
	}
	s.step("checkout code sent")
	return nil
}

// codeMail is what the buyer reads.
func codeMail(lang, platform string, o Order, code string) mail.Message {
	number := o.ID.String()
	minutes := int(codeLife / time.Minute)
	if lang == "en" {
		return mail.Message{Subject: platform + ": your code", Text: fmt.Sprintf("Your code is %s.\n\n"+
			"It opens the page of order %s at %s once more, within %d minutes. If you did not ask for it, ignore this "+
			"mail; nobody gets in without the code. Never tell it to anybody.\n", code, number, platform, minutes)}
	}
	return mail.Message{Subject: platform + "：验证码", Text: fmt.Sprintf("您的验证码是 %s。\n\n"+
		"用于再次打开您在%s的订单 %s 的页面，%d 分钟内有效。如非本人操作，请忽略本邮件；没有验证码，任何人都无法打开。请勿告诉他人。\n",
		code, platform, number, minutes)}
}

// OpenByCode opens the ended page of a checkout address again and returns the page's new address; every older one ends.
// The right code gives the same address again as long as it is valid, so that an answer which was lost costs nothing.
// It returns what [Service.ByCheckoutToken] returns, ErrCodeWrong and ErrCodeVoid. Atomic.
func (s *Service) OpenByCode(ctx context.Context, tok, code, address string) (url string, err error) {
	tenant, order, _, ok := parseToken(tok)
	if !ok {
		return "", tenants.OrderNotFound()
	}
	digest, err := s.codeDigest(ctx, tenant, order, code)
	if err != nil {
		return "", err
	}
	var wrong error // of a code; the transaction that counts it is committed
	err = s.held(ctx, tok, func(ctx context.Context, tx db.TenantTx, order id.Order, secret []byte) error {
		wrong = nil
		c, err := q.CheckoutCodeLock(ctx, tx, order)
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the code of order %s: %w", order, err)
		}
		v, err := s.opened(ctx, tx, order, secret, c.Opened)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		switch {
		case len(c.Digest) == 0 || !now.Before(c.ExpiresAt) || c.Tries >= codeTries:
			wrong = ErrCodeVoid
			return nil
		case subtle.ConstantTimeCompare(c.Digest, digest) != 1:
			wrong = ErrCodeWrong
			return q.CheckoutCodeTried(ctx, tx.Later(), order)
		case c.Opened != v.generation:
			if err := s.reopen(ctx, tx, &v.Order, now, address); err != nil {
				return err
			}
		}
		url, err = s.checkoutURL(ctx, v.Order)
		return err
	})
	if err == nil && wrong == nil {
		s.onChange(tenant, order)
	}
	return url, errors.Join(err, wrong)
}

// opened is [Service.viewed], also by the address that the code has ended when it opened the page.
func (s *Service) opened(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	secret []byte,
	generation int32,
) (CheckoutView, error) {
	if generation == 0 {
		return s.viewed(ctx, tx, order, secret)
	}
	o, err := s.read(ctx, tx, order)
	if err != nil {
		return CheckoutView{}, err
	}
	before := o
	before.generation--
	if generation != o.generation || s.holds(ctx, before, secret) != nil {
		return s.viewed(ctx, tx, order, secret)
	}
	now, err := s.secretOf(ctx, o)
	if err != nil {
		return CheckoutView{}, err
	}
	return s.viewed(ctx, tx, order, now)
}

// reopen ends the order's addresses and counts its days anew.
func (s *Service) reopen(ctx context.Context, tx db.TenantTx, o *Order, now time.Time, address string) error {
	if _, err := q.OrderRenewCheckout(ctx, tx, &now, o.ID); err != nil {
		return fmt.Errorf("renew the checkout address of order %s: %w", o.ID, err)
	}
	o.generation++
	if err := q.CheckoutCodeOpened(ctx, tx.Later(), o.generation, o.ID); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Buyer(o.ID.String(), address), "openCheckoutByCode", "order", o.ID, "")
}

// held runs fn in a transaction of the tenant that a checkout token names.
func (s *Service) held(
	ctx context.Context,
	tok string,
	fn func(ctx context.Context, tx db.TenantTx, order id.Order, secret []byte) error,
) error {
	tenant, order, secret, ok := parseToken(tok)
	if !ok {
		return tenants.OrderNotFound()
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return err
	}
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return fn(ctx, tx, order, secret)
	})
}

// codeDigest is what is kept of a code. Without the installation's key nobody finds the code by trying all of them.
func (s *Service) codeDigest(ctx context.Context, tenant id.Tenant, order id.Order, code string) ([]byte, error) {
	b := append(append(tenant[:], order[:]...), code...)
	mac, err := s.vault.MAC(ctx, s.db, codePurpose, b)
	return mac[:], err
}
