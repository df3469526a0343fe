package desk

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/faults"
	"zhitong/simulator/state"
)

func (d *Desk) faultList(*http.Request) (result, error) {
	return ok(map[string]any{"faults": d.st.Faults.All()})
}

func (d *Desk) faultAdd(r *http.Request) (result, error) {
	f := &faults.Fault{}
	if err := readJSON(r, f); err != nil {
		return result{}, err
	}
	if !slices.Contains(faults.Kinds(), f.Kind) {
		return result{}, state.BadInput(fmt.Errorf("kind: one of %v", faults.Kinds()))
	}
	if f.Probability < 0 || f.Probability > 1 || f.Nth < 0 || f.Every < 0 || f.Times < 0 || f.DelayMS < 0 {
		return result{}, state.BadInput(errors.New("nth, every, times, delay_ms ≥ 0; probability 0 … 1"))
	}
	if (f.SubCode == "") == (f.Kind == faults.BusinessError) {
		return result{}, state.BadInput(errors.New("sub_code: with business_error and only there"))
	}
	f.Seen, f.Fired = 0, 0
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		n, err := tx.NextID(state.BucketFaults)
		if err != nil {
			return err
		}
		f.ID = fmt.Sprintf("f%06d", n)
		return state.Put(tx, state.BucketFaults, f.ID, f)
	})
	if err != nil {
		return result{}, err
	}
	reply := *f
	d.st.Faults.Add(f)
	return result{http.StatusCreated, &reply}, nil
}

func (d *Desk) faultDelete(r *http.Request) (result, error) {
	id := chi.URLParam(r, "id")
	gone := d.st.Faults.Remove(id)
	if id != "" && len(gone) == 0 {
		return result{}, state.NotFound("fault")
	}
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		for _, id := range gone {
			if err := state.Delete(tx, state.BucketFaults, id); err != nil {
				return err
			}
		}
		return nil
	})
	return result{Status: http.StatusNoContent}, err
}
