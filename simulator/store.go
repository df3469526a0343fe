package simulator

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// store is one bbolt file. NoSync is on: a commit is in the kernel's page cache when it returns, which survives the death of the process by any
// signal (not of the machine); bbolt writes its meta page last, so a process killed in the middle of a commit leaves the previous state.
type store struct{ db *bbolt.DB }

func openStore(path string) (*store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: 10 * time.Second, NoSync: true, NoGrowSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("open the simulator's storage %s: %w", path, err)
	}
	db.NoSync = true
	return &store{db: db}, nil
}

// tx is one storage transaction at one instant of the simulator's time.
type tx struct {
	*bbolt.Tx
	sim *Simulator
	now time.Time
}

func (s *Simulator) tx(b *bbolt.Tx, now time.Time) *tx { return &tx{Tx: b, sim: s, now: now} }

// update runs fn in a write transaction; an error (a refusal too) rolls everything back. One effect = one update, with what the answer needs.
func (s *Simulator) update(now time.Time, fn func(tx *tx) error) error {
	return s.store.db.Update(func(b *bbolt.Tx) error { return fn(s.tx(b, now)) })
}

// view runs fn in a read transaction.
func (s *Simulator) view(now time.Time, fn func(tx *tx) error) error {
	return s.store.db.View(func(b *bbolt.Tx) error { return fn(s.tx(b, now)) })
}

// bucket returns the named bucket, made when missing in a write transaction; nil when missing in a read transaction.
func (t *tx) bucket(name string) *bbolt.Bucket {
	b := t.Bucket([]byte(name))
	if b == nil && t.Writable() {
		var err error
		if b, err = t.CreateBucket([]byte(name)); err != nil {
			panic(fmt.Sprintf("simulator storage: create bucket %s: %v", name, err)) // only a closed or read-only database, a programmer's error
		}
	}
	return b
}

// putDoc stores v as JSON.
func putDoc(t *tx, bucket, key string, v any) error { return putRaw(t, bucket, []byte(key), v) }

func putRaw(t *tx, bucket string, key []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %s: %w", bucket, err)
	}
	if err := t.bucket(bucket).Put(key, data); err != nil {
		return fmt.Errorf("store %s: %w", bucket, err)
	}
	return nil
}

// getDoc reads a document, nil when there is none.
func getDoc[T any](t *tx, bucket, key string) (*T, error) { return getRaw[T](t, bucket, []byte(key)) }

func getRaw[T any](t *tx, bucket string, key []byte) (*T, error) {
	b := t.bucket(bucket)
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

// delDoc removes a document; a missing one is no error.
func delDoc(t *tx, bucket, key string) error {
	if err := t.bucket(bucket).Delete([]byte(key)); err != nil {
		return fmt.Errorf("delete from %s: %w", bucket, err)
	}
	return nil
}

// eachDoc calls fn for every document whose key is ≥ from and starts with prefix, in key order, until fn says stop.
func eachDoc[T any](t *tx, bucket, prefix, from string, fn func(key string, v *T) (more bool, err error)) error {
	b := t.bucket(bucket)
	if b == nil {
		return nil
	}
	start := max(from, prefix)
	c := b.Cursor()
	for k, data := c.Seek([]byte(start)); k != nil && len(k) >= len(prefix) && string(k[:len(prefix)]) == prefix; k, data = c.Next() {
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

// nextID is the bucket's next number, from 1.
func (t *tx) nextID(bucket string) (uint64, error) {
	id, err := t.bucket(bucket).NextSequence()
	if err != nil {
		return 0, fmt.Errorf("number in %s: %w", bucket, err)
	}
	return id, nil
}

// num is a key that sorts as the number does.
func num(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }

// Beijing is the zone of every time Alipay writes.
func beijing(t time.Time) string { return t.In(beijingZone()).Format(time.DateTime) }

func beijingZone() *time.Location { return time.FixedZone("UTC+8", 8*3600) }

// ms and fromMS are times as stored: Unix milliseconds, 0 for none.
func ms(t time.Time) int64 { return t.UnixMilli() }

func fromMS(v int64) time.Time { return time.UnixMilli(v).UTC() }
