package desk

import (
	"net/http"
	"slices"
	"strings"

	"zhitong/simulator/mailbox"
	"zhitong/simulator/state"
)

// mailList are the mails that were taken, newest first: those to an address, or all.
func (d *Desk) mailList(r *http.Request) (result, error) {
	to := r.URL.Query().Get("to")
	var list []*mailbox.Mail
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, mailbox.Bucket, pageSize(r), func(m *mailbox.Mail) bool {
			return to == "" || slices.ContainsFunc(m.To, func(a string) bool { return strings.EqualFold(a, to) })
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"mails": list})
}
