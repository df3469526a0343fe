package desk

import (
	"net/http"

	"zhitong/simulator/robots"
	"zhitong/simulator/state"
)

// robotList are the robots with their addresses, and the messages that they took, newest first: of one, or of all.
func (d *Desk) robotList(r *http.Request) (result, error) {
	token := r.URL.Query().Get("token")
	var list []*robots.Robot
	var messages []*robots.Message
	err := d.st.View(d.st.Now(), func(tx *state.Tx) (err error) {
		list, err = newest(tx, robots.Bucket, pageSize(r), func(v *robots.Robot) bool {
			return token == "" || v.Token == token
		})
		if err != nil {
			return err
		}
		messages, err = newest(tx, robots.BucketMessages, pageSize(r), func(m *robots.Message) bool {
			return token == "" || m.Token == token
		})
		return err
	})
	if err != nil {
		return result{}, err
	}
	for _, v := range list {
		v.URL = d.st.BaseURL(r) + v.Path()
	}
	return ok(map[string]any{"robots": list, "messages": messages})
}

func (d *Desk) robotCreate(r *http.Request) (result, error) {
	var in struct {
		Kind     string   `json:"kind"`
		Secret   string   `json:"secret"`
		Keywords []string `json:"keywords"`
	}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	v, err := robots.New(d.st, in.Kind, in.Secret, in.Keywords)
	if err != nil {
		return result{}, err
	}
	v.URL = d.st.BaseURL(r) + v.Path()
	return result{http.StatusCreated, v}, nil
}
