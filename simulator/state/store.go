package state

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// store is one bbolt file. NoSync is on: a commit is in the kernel's page cache when it returns, which survives the
// death of the process by any signal (not of the machine); bbolt writes its meta page last, so a process killed in the
// middle of a commit leaves the previous state.
type store struct{ db *bbolt.DB }

func openStore(path string) (*store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: 10 * time.Second, NoSync: true, NoGrowSync: true, NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("open the simulator's storage %s: %w", path, err)
	}
	db.NoSync = true
	return &store{db: db}, nil
}

// Tx is one storage transaction at one instant of the simulator's time.
type Tx struct {
	*bbolt.Tx
	State *State
	Now   time.Time
}

func (s *State) tx(b *bbolt.Tx, now time.Time) *Tx { return &Tx{Tx: b, State: s, Now: now} }

// Update runs fn in a write transaction; an error (a refusal too) rolls everything back. One effect = one update, with
// what the answer needs.
func (s *State) Update(now time.Time, fn func(tx *Tx) error) error {
	return s.store.db.Update(func(b *bbolt.Tx) error { return fn(s.tx(b, now)) })
}

// View runs fn in a read transaction.
func (s *State) View(now time.Time, fn func(tx *Tx) error) error {
	return s.store.db.View(func(b *bbolt.Tx) error { return fn(s.tx(b, now)) })
}

// Bucket returns the named bucket, made when missing in a write transaction; nil when missing in a read transaction.
func (t *Tx) Bucket(name string) *bbolt.Bucket {
	b := t.Tx.Bucket([]byte(name))
	if b == nil && t.Writable() {
		var err error
		if b, err = t.CreateBucket([]byte(name)); err != nil {
			// only a closed or read-only database, a programmer's error
			panic(fmt.Sprintf("simulator storage: create bucket %s: %v", name, err))
		}
	}
	return b
}

// Put stores v as JSON.
func Put(t *Tx, bucket, key string, v any) error { return PutRaw(t, bucket, []byte(key), v) }

// PutRaw is Put with a binary key.
func PutRaw(t *Tx, bucket string, key []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", bucket, err)
	}
	if err := t.Bucket(bucket).Put(key, data); err != nil {
		return fmt.Errorf("store %s: %w", bucket, err)
	}
	return nil
}

// Get reads a document, nil when there is none.
func Get[T any](t *Tx, bucket, key string) (*T, error) { return GetRaw[T](t, bucket, []byte(key)) }

// GetRaw is Get with a binary key.
func GetRaw[T any](t *Tx, bucket string, key []byte) (*T, error) {
	b := t.Bucket(bucket)
	if b == nil {
		return nil, nil
	}
	data := b.Get(key)
	if data == nil {
		return nil, nil
	}
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("decode %s %q: %w", bucket, key, err)
	}
	return v, nil
}

// Delete removes a document; a missing one is no error.
func Delete(t *Tx, bucket, key string) error {
	if err := t.Bucket(bucket).Delete([]byte(key)); err != nil {
		return fmt.Errorf("delete from %s: %w", bucket, err)
	}
	return nil
}

// Each calls fn for every document whose key is ≥ from and starts with prefix, in key order, until fn says stop.
func Each[T any](t *Tx, bucket, prefix, from string, fn func(key string, v *T) (more bool, err error)) error {
	b := t.Bucket(bucket)
	if b == nil {
		return nil
	}
	start := max(from, prefix)
	c := b.Cursor()
	for k, data := c.Seek([]byte(start)); k != nil && len(k) >= len(prefix) &&
		string(k[:len(prefix)]) == prefix; k, data = c.Next() {
		v := new(T)
		if err := json.Unmarshal(data, v); err != nil {
			return fmt.Errorf("decode %s %q: %w", bucket, k, err)
		}
		if more, err := fn(string(k), v); err != nil || !more {
			return err
		}
	}
	return nil
}

// NextID is the bucket's next number, from 1.
func (t *Tx) NextID(bucket string) (uint64, error) {
	id, err := t.Bucket(bucket).NextSequence()
	if err != nil {
		return 0, fmt.Errorf("number in %s: %w", bucket, err)
	}
	return id, nil
}

// Key is a key that sorts as the number does.
func Key(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// Seq reads a stored sequence.
func Seq(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
