package checkout

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/tenants/orders"
)

// What the address of an ended page says about its code, as ?code=…: a browser that reloads asks for nothing again.
const (
	codeSent  = "sent"
	codeSoon  = "soon"  // asked for too soon again
	codeWrong = "wrong" // there are tries left
	codeVoid  = "void"  // another has to be asked for
)

// codeFormMax bounds the form of a code, in bytes.
const codeFormMax = 1 << 10

// codeView is how an ended page offers to open again.
type codeView struct {
	To   string // the masked mail address
	Text string // what happened, or what the button does
	Form bool   // a code can be typed
	Bad  bool   // the text tells of a fault
}

// codeOf is nil when nothing is offered.
func codeOf(o orders.CheckoutView, t *text, said string) *codeView {
	if o.CodeTo == "" {
		return nil
	}
	v := &codeView{To: o.CodeTo, Form: said != "" && said != codeVoid, Bad: said == codeWrong || said == codeVoid}
	switch said {
	case codeSent:
		v.Text = fmt.Sprintf(t.CodeSent, o.CodeTo)
	case codeSoon:
		v.Text = t.CodeSoon
	case codeWrong:
		v.Text = t.CodeWrong
	case codeVoid:
		v.Text = t.CodeVoid
	default:
		v.Text, v.Form = fmt.Sprintf(t.CodeOffer, o.CodeTo), false
	}
	return v
}

// askCode has a code mailed to the order's contact.
func (p *Pages) askCode(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	err := p.orders.AskCode(r.Context(), chi.URLParam(r, "token"), t.Lang[:2])
	switch {
	case err == nil:
		p.back(w, r, t, codeSent)
	case errors.Is(err, orders.ErrCodeTooSoon):
		p.back(w, r, t, codeSoon)
	case errors.Is(err, orders.ErrCodeNotOffered):
		p.back(w, r, t, "") // the page has changed meanwhile
	default:
		p.sorry(w, r, t, err)
	}
}

// openByCode leads a browser with the right code to the page's new address.
func (p *Pages) openByCode(w http.ResponseWriter, r *http.Request) {
	t := p.words.of(r)
	r.Body = http.MaxBytesReader(w, r.Body, codeFormMax)
	url, err := p.orders.OpenByCode(r.Context(), chi.URLParam(r, "token"), digitsOf(r.PostFormValue("code")),
		call.From(r.Context()).Address)
	switch {
	case err == nil:
		p.lead(w, r, url+"?lang="+t.Lang)
	case errors.Is(err, orders.ErrCodeWrong):
		p.back(w, r, t, codeWrong)
	case errors.Is(err, orders.ErrCodeVoid):
		p.back(w, r, t, codeVoid)
	default:
		p.sorry(w, r, t, err)
	}
}

// back leads the browser to the page it came from, which then says what happened.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, t *text, said string) {
	address := "/checkout/" + chi.URLParam(r, "token") + "?lang=" + t.Lang
	if said != "" {
		address += "&code=" + said
	}
	p.lead(w, r, address)
}

func (p *Pages) lead(w http.ResponseWriter, r *http.Request, address string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// digitsOf is a code as it was mailed, however it was typed: with blanks, or in full width as Chinese keyboards do.
func digitsOf(typed string) string {
	var out []rune
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			out = append(out, r)
		case r >= '０' && r <= '９':
			out = append(out, r-'０'+'0')
		case r == ' ' || r == '-' || r == '\u3000':
		default:
			return ""
		}
	}
	return string(out)
}
