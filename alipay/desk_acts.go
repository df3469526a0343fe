package alipay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"zhitong/internal/money"
)

// DeskRefusal is what the desk refused, in its own words.
type DeskRefusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *DeskRefusal) Error() string { return e.Code + ": " + e.Message }

// DeskTrade is a trade as the desk shows it.
type DeskTrade struct {
	AppID   string    `json:"app_id"`
	TradeNo string    `json:"trade_no"`
	Status  string    `json:"trade_status"` // of Alipay, or ASKED until a buyer has opened it
	Total   money.Fen `json:"total_fen"`
}

// DeskApplication is an application as the desk shows it: where it stands in each of its steps.
type DeskApplication struct {
	AppID  string `json:"app_id"`
	Status string `json:"status"`
}

// DeskClock is the simulator's time.
type DeskClock struct {
	Now time.Time `json:"now"`
}

// Trade reads the trade of an application by the platform's number.
func (d *Desk) Trade(ctx context.Context, appID, number string) (t DeskTrade, err error) {
	return t, d.call(ctx, http.MethodGet, tradePath(appID, number, ""), nil, &t)
}

// Pay pays a trade as a buyer; an empty channel is the buyer's balance.
func (d *Desk) Pay(ctx context.Context, appID, number, channel string) (t DeskTrade, err error) {
	in := map[string]string{}
	if channel != "" {
		in["channel"] = channel
	}
	return t, d.call(ctx, http.MethodPost, tradePath(appID, number, "/pay"), in, &t)
}

// Refuse lets every payment of a trade fail with a code of Alipay; an empty one ends that.
func (d *Desk) Refuse(ctx context.Context, appID, number, subCode string) (t DeskTrade, err error) {
	return t, d.call(ctx, http.MethodPost, tradePath(appID, number, "/refuse"), map[string]string{"sub_code": subCode},
		&t)
}

func tradePath(appID, number, act string) string {
	return "/trades/" + url.PathEscape(number) + act + "?app_id=" + url.QueryEscape(appID)
}

// Application reads an application by Alipay's number.
func (d *Desk) Application(ctx context.Context, orderID string) (a DeskApplication, err error) {
	return a, d.call(ctx, http.MethodGet, "/applications/"+url.PathEscape(orderID), nil, &a)
}

// DeskDecision is what a reviewer or the merchant decides about an application.
type DeskDecision struct {
	Act    string `json:"-"` // approve, audit, confirm or refuse
	Stage  string `json:"stage,omitempty"`
	Result string `json:"result,omitempty"`
	Memo   string `json:"memo,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Decide decides about an application.
func (d *Desk) Decide(ctx context.Context, orderID string, in DeskDecision) (a DeskApplication, err error) {
	return a, d.call(ctx, http.MethodPost, "/applications/"+url.PathEscape(orderID)+"/"+in.Act, in, &a)
}

// DeskFault is what goes wrong with an application's calls on purpose.
type DeskFault struct {
	ID      string `json:"id,omitempty"`
	AppID   string `json:"app_id"`
	Method  string `json:"method"`
	Kind    string `json:"kind"`
	SubCode string `json:"sub_code,omitempty"`
	Times   int    `json:"times,omitempty"`
}

// Faults lists the faults of an application and a method.
func (d *Desk) Faults(ctx context.Context, appID, method string) (own []DeskFault, err error) {
	var out struct {
		Faults []DeskFault `json:"faults"`
	}
	if err := d.call(ctx, http.MethodGet, "/faults", nil, &out); err != nil {
		return nil, err
	}
	for _, f := range out.Faults {
		if f.AppID == appID && f.Method == method {
			own = append(own, f)
		}
	}
	return own, nil
}

// AddFault orders a fault.
func (d *Desk) AddFault(ctx context.Context, f DeskFault) error {
	return d.call(ctx, http.MethodPost, "/faults", f, nil)
}

// RemoveFault takes a fault back.
func (d *Desk) RemoveFault(ctx context.Context, id string) error {
	return d.call(ctx, http.MethodDelete, "/faults/"+url.PathEscape(id), nil, nil)
}

// DeskComplaint is a buyer's complaint about a trade; empty texts become ordinary ones.
type DeskComplaint struct {
	AppID   string `json:"app_id"`
	Trade   string `json:"trade"`
	Reason  string `json:"complain_reason,omitempty"`
	Content string `json:"content,omitempty"`
}

// Complain sends a complaint and gives its number.
func (d *Desk) Complain(ctx context.Context, in DeskComplaint) (number string, err error) {
	var out struct {
		ID string `json:"complain_event_id"`
	}
	err = d.call(ctx, http.MethodPost, "/complaints", in, &out)
	return out.ID, err
}

// Clock reads the simulator's time.
func (d *Desk) Clock(ctx context.Context) (c DeskClock, err error) {
	return c, d.call(ctx, http.MethodGet, "/clock", nil, &c)
}

// MoveClock moves the simulator's time ahead, for every application.
func (d *Desk) MoveClock(ctx context.Context, by time.Duration) (c DeskClock, err error) {
	body := map[string]any{"advance_seconds": by.Seconds()}
	return c, d.call(ctx, http.MethodPost, "/clock", body, &c)
}

// call asks the desk; a refusal is a [*DeskRefusal].
func (d *Desk) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("ask the simulator's desk: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, d.base+"/desk/api"+path, body)
	if err != nil {
		return fmt.Errorf("ask the simulator's desk: %w", err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := d.http.Do(r)
	if err != nil {
		return fmt.Errorf("ask the simulator's desk: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxDeskAnswer))
	if err != nil {
		return fmt.Errorf("ask the simulator's desk: read the answer: %w", err)
	}
	if res.StatusCode/100 != 2 {
		refusal := &DeskRefusal{Status: res.StatusCode}
		if json.Unmarshal(text, refusal) == nil && refusal.Code != "" && res.StatusCode < 500 {
			return refusal
		}
		return fmt.Errorf("ask the simulator's desk: it answered HTTP %d", res.StatusCode)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("ask the simulator's desk: read the answer: %w", err)
	}
	return nil
}
