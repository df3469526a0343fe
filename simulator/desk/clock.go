package desk

import (
	_ "embed"
	"errors"
	"net/http"
	"time"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

func (d *Desk) clockGet(*http.Request) (result, error) {
	now := d.st.Now()
	return ok(map[string]any{"now": now.Format(time.RFC3339Nano), "beijing": protocol.Beijing(now),
		"frozen": d.st.Clock.Frozen(), "offset_seconds": int64(d.st.Ahead().Seconds())})
}

func (d *Desk) clockMove(r *http.Request) (result, error) {
	in := struct {
		Advance  float64 `json:"advance_seconds"`
		Freeze   bool    `json:"freeze"`
		Unfreeze bool    `json:"unfreeze"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if in.Freeze && in.Unfreeze {
		return result{}, state.BadInput(errors.New("freeze and unfreeze exclude each other"))
	}
	if err := d.st.MoveClock(time.Duration(in.Advance*float64(time.Second)), in.Freeze, in.Unfreeze); err != nil {
		return result{}, err
	}
	return d.clockGet(r)
}
