package files_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"zhitong/internal/bucket"
)

// store is an object store that speaks S3, with faults.
type store struct {
	backend *s3mem.Backend
	// fault answers instead of the store when it wants to.
	fault atomic.Pointer[func(w http.ResponseWriter, r *http.Request) (answered bool)]
	calls atomic.Int64
}

const storeName = "test"

// newStore starts a store and opens it as the program does.
func newStore(t *testing.T) (*store, *bucket.Bucket) {
	t.Helper()
	s := &store{backend: s3mem.New()}
	if err := s.backend.CreateBucket(storeName); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(s.backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		if f := s.fault.Load(); f != nil && (*f)(w, r) {
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b, err := bucket.Open(t.Context(),
		"s3://"+storeName+"?anonymous=true&region=us-east-1&use_path_style=true&endpoint="+
			server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, b
}

func (s *store) breakWith(f func(w http.ResponseWriter, r *http.Request) bool) {
	if f == nil {
		s.fault.Store(nil)
		return
	}
	s.fault.Store(&f)
}

// keys are those of all objects that begin with prefix.
func (s *store) keys(t *testing.T, prefix string) (all []string) {
	t.Helper()
	list, err := s.backend.ListBucket(storeName, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		if strings.HasPrefix(o.Key, prefix) {
			all = append(all, o.Key)
		}
	}
	return all
}

func (s *store) put(t *testing.T, key string, content []byte) {
	t.Helper()
	if _, err := s.backend.PutObject(storeName, key, map[string]string{}, bytes.NewReader(content),
		int64(len(content)), nil); err != nil {
		t.Fatal(err)
	}
}

func (s *store) get(t *testing.T, key string) []byte {
	t.Helper()
	o, err := s.backend.GetObject(storeName, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Contents.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(o.Contents); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
