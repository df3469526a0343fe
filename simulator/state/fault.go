package state

import (
	"context"
	"errors"

	"zhitong/simulator/faults"
)

// BucketFaults: id → faults.Fault, with the counts as of the last strike.
const BucketFaults = "faults"

// loadFaults reads the faults that a desk ordered before the restart.
func (s *State) loadFaults(tx *Tx) error {
	var list []*faults.Fault
	err := Each(tx, BucketFaults, "", "", func(_ string, f *faults.Fault) (bool, error) {
		list = append(list, f)
		return true, nil
	})
	s.Faults.Set(list, s.Config.Seed)
	return err
}

// KeepFault stores the counts after a strike; a fault deleted meanwhile stays deleted.
func (s *State) KeepFault(f *faults.Fault) {
	err := s.Update(s.Now(), func(tx *Tx) error { return StoreFault(tx, f) })
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Log.Error("store a fault's count", "error", err)
	}
}

// StoreFault is KeepFault within a transaction.
func StoreFault(tx *Tx, f *faults.Fault) error {
	if tx.Bucket(BucketFaults).Get([]byte(f.ID)) == nil {
		return nil
	}
	return Put(tx, BucketFaults, f.ID, f)
}
