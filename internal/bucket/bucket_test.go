package bucket_test

import (
	"bytes"
	"testing"

	"zhitong/internal/bucket"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"s3://zhitong?region=cn-hangzhou": true, "file:///var/lib/zhitong": true, "": false, "mem://": false,
		"https://s3.example.com/x": false, "s3://id:secret@zhitong": false, "s3://%zz": false,
	} {
		if err := bucket.Check(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	b, err := bucket.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, key := range []string{"a/1", "a/2", "b/1"} {
		if err := b.Put(t.Context(), key, []byte("content of "+key)); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := b.Get(t.Context(), "a/2", 100); err != nil || !bytes.Equal(have, []byte("content of a/2")) {
		t.Errorf("%q, %v", have, err)
	}
	if _, err := b.Get(t.Context(), "a/2", 3); err == nil {
		t.Error("more was read than was to be")
	}
	for range 2 {
		if err := b.DeleteAll(t.Context(), "a/"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Get(t.Context(), "a/2", 100); err == nil {
		t.Error("it is still there")
	}
	if _, err := b.Get(t.Context(), "b/1", 100); err != nil {
		t.Error(err)
	}
	if err := b.DeleteAll(t.Context(), ""); err == nil {
		t.Error("everything was deleted")
	}
}
