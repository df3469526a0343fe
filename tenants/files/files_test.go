package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/files"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

// world is a database with a tenant and a service of files.
type world struct {
	t     *testing.T
	db    *db.DB
	vault *vault.Vault
	clock *clock.Movable
	actor tenants.Actor
	store *store // nil: files lie in Postgres
	svc   *files.Service
	step  func(string)
}

func setup(t *testing.T, inBucket bool) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.NewDB(t), vault: tenantstest.Vault(t), clock: new(clock.Movable),
		step: func(string) {}}
	w.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, w.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleFinance}
	c := files.Config{DB: w.db, Vault: w.vault, Clock: w.clock, Step: func(name string) { w.step(name) }}
	if inBucket {
		s, b := newStore(t)
		w.store, c.Bucket = s, b
	}
	w.svc = files.New(c)
	return w
}

// both runs a test with files in Postgres and in an object store.
func both(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for name, inBucket := range map[string]bool{"postgres": false, "bucket": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, setup(t, inBucket))
		})
	}
}

func (w *world) upload(content []byte) (files.File, error) {
	f, _, err := w.svc.Create(w.t.Context(), w.actor, idempotency.Key{},
		files.Upload{Name: "a.bin", ContentType: "text/plain", Content: bytes.NewReader(content)})
	return f, err
}

func (w *world) uploaded(content []byte) files.File {
	w.t.Helper()
	f, err := w.upload(content)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) read(f files.File, offset int64) ([]byte, error) {
	return io.ReadAll(w.svc.Open(w.t.Context(), w.actor, f, offset))
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), w.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		tag, err := tx.Exec(ctx, query, args...)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("nothing was changed by %s", query)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// admin changes what the program's own role may not.
func (w *world) admin(query string, args ...any) {
	w.t.Helper()
	d, err := db.Open(w.t.Context(), db.Config{URL: dbtest.AdminURL(w.t, w.db)})
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	if tag, err := d.Pool().Exec(w.t.Context(), query, args...); err != nil || tag.RowsAffected() == 0 {
		w.t.Fatal(query, tag, err)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), w.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, query, args...).Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// noise is content of a size that no compression makes smaller, the same for the same size.
func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(size >> 16)}).Read(b)
	return b
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		for _, size := range []int{1, files.ChunkMax - 1, files.ChunkMax, files.ChunkMax + 1, 2*files.ChunkMax + 7} {
			content := noise(size)
			f := w.uploaded(content)
			sum := sha256.Sum256(content)
			if f.Size != int64(size) || !bytes.Equal(f.SHA256, sum[:]) || f.Name != "a.bin" ||
				f.Purpose != vocabulary.FileUpload {
				t.Errorf("%d bytes: %+v", size, f)
			}
			for _, from := range []int64{0, 1, int64(size) / 2, int64(size) - 1, int64(size)} {
				have, err := w.read(f, from)
				if err != nil || !bytes.Equal(have, content[from:]) {
					t.Errorf("%d bytes from %d: %d, %v", size, from, len(have), err)
				}
			}
		}
		// what lies there tells nothing
		plain := bytes.Repeat([]byte("the same secret text "), 1000)
		f := w.uploaded(plain)
		if w.store != nil {
			for _, key := range w.store.keys(t, "") {
				if bytes.Contains(w.store.get(t, key), []byte("secret")) {
					t.Error("the store can be read")
				}
			}
		} else if n := w.count("SELECT count(*) FROM file_chunks WHERE file_id = $1 AND "+
			"position('secret'::bytea in wrapped) > 0", f.ID); n != 0 {
			t.Error("the database can be read")
		}
	})
}

// TestChunksStay: a part that was exchanged, repeated, left out, cut off or changed is noticed, and nothing of it is
// given out.
func TestChunksStay(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		one, two := noise(3*files.ChunkMax-5), noise(3*files.ChunkMax-6)
		copyChunk := func(from files.File, n int, to files.File, m int) {
			if w.store != nil {
				dir := w.actor.Tenant.String() + "/"
				w.store.put(t, fmt.Sprintf("%s%s/%d", dir, to.ID, m),
					w.store.get(t, fmt.Sprintf("%s%s/%d", dir, from.ID, n)))
				return
			}
			w.admin("UPDATE file_chunks SET wrapped = (SELECT wrapped FROM file_chunks "+
				"WHERE file_id = $1 AND number = $2) "+
				"WHERE file_id = $3 AND number = $4", from.ID.UUID(), n, to.ID.UUID(), m)
		}
		for name, harm := range map[string]func(f, other files.File){
			"of another file": func(f, other files.File) { copyChunk(other, 1, f, 1) },
			"repeated":        func(f, _ files.File) { copyChunk(f, 0, f, 1) },
			"cut off": func(f, _ files.File) {
				w.admin("DELETE FROM file_chunks WHERE file_id = $1 AND number = 2", f.ID.UUID())
				w.admin("UPDATE files SET chunks = 2, size_bytes = $2 WHERE id = $1", f.ID.UUID(), 2*files.ChunkMax)
			},
			"left out": func(f, _ files.File) {
				w.admin("DELETE FROM file_chunks WHERE file_id = $1 AND number = 1", f.ID.UUID())
			},
			"in another order": func(f, _ files.File) {
				w.admin("UPDATE file_chunks SET starts_at = $2 - starts_at WHERE file_id = $1 AND number < 2",
					f.ID.UUID(),
					files.ChunkMax)
			},
			"another sum": func(f, _ files.File) {
				w.admin("UPDATE files SET sha256 = decode(repeat('00', 32), 'hex') WHERE id = $1", f.ID.UUID())
			},
		} {
			f, other := w.uploaded(one), w.uploaded(two)
			harm(f, other)
			f, err := w.svc.Get(t.Context(), w.actor, f.ID)
			if err != nil {
				t.Fatal(err)
			}
			have, err := w.read(f, 0)
			if most := map[string]int{"of another file": 1, "repeated": 1, "left out": 1}[name]; most > 0 &&
				len(have) > most*files.ChunkMax {
				t.Errorf("%s: %d bytes were given out", name, len(have))
			}
			if fault.CodeOf(err) != files.CodeFileBroken || len(have) >= len(one) || !bytes.HasPrefix(one, have) {
				t.Errorf("%s: %d bytes, %v", name, len(have), err)
			}
		}
	})
}

// TestCrash: wherever an upload dies, nothing shows, and what is left is deleted later.
func TestCrash(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		steps := []string{"begun", "part"}
		if w.store != nil {
			steps = append(steps, "stored")
		}
		for _, at := range steps {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("it was not killed")
					}
				}()
				w.step = func(name string) {
					if name == at {
						panic("killed")
					}
				}
				_, _ = w.upload(noise(3 * files.ChunkMax))
			}()
		}
		w.step = func(string) {}
		kept := w.uploaded(noise(5))
		if n := w.count("SELECT count(*) FROM files WHERE status = 'ready'"); n != 1 {
			t.Errorf("%d files show", n)
		}
		broken := errors.New("the line is dead")
		_, _, err := w.svc.Create(t.Context(), w.actor, idempotency.Key{}, files.Upload{Name: "a", ContentType: "a/b",
			Content: io.MultiReader(bytes.NewReader(noise(2*files.ChunkMax)), failing{broken})})
		if fault.CodeOf(err) != tenants.CodeInvalidRequest || !errors.Is(err, broken) {
			t.Errorf("an upload that was broken off: %v", err)
		}
		w.clock.Advance(49 * time.Hour)
		n, err := w.svc.Forget(t.Context(), w.actor.Tenant)
		if err != nil || n != len(steps)+1 {
			t.Errorf("%d forgotten, %v", n, err)
		}
		if n := w.count("SELECT count(*) FROM files"); n != 1 {
			t.Errorf("%d files", n)
		}
		if n := w.count("SELECT count(*) FROM file_chunks"); n != 1 {
			t.Errorf("%d parts", n)
		}
		if w.store != nil && len(w.store.keys(t, "")) != 1 {
			t.Errorf("the store has %v", w.store.keys(t, ""))
		}
		if have, err := w.read(kept, 0); err != nil || !bytes.Equal(have, noise(5)) {
			t.Errorf("the file that is whole: %v", err)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestStoreFails: what the store does not take or give is an error, and never half a file.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	w := setup(t, true)
	f := w.uploaded(noise(2*files.ChunkMax + 1))
	refuse := func(method string) func(http.ResponseWriter, *http.Request) bool {
		return func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == method {
				rw.WriteHeader(http.StatusForbidden)
			}
			return r.Method == method
		}
	}
	w.store.breakWith(refuse(http.MethodPut))
	if _, err := w.upload(noise(10)); err == nil || fault.CodeOf(err) != "" {
		t.Errorf("a store that takes nothing: %v", err)
	}
	w.store.breakWith(refuse(http.MethodGet))
	if have, err := w.read(f, 0); err == nil || len(have) != 0 {
		t.Errorf("a store that gives nothing: %d bytes, %v", len(have), err)
	}
	w.store.breakWith(func(rw http.ResponseWriter, r *http.Request) bool { // half of what it says
		if r.Method != http.MethodGet {
			return false
		}
		rw.Header().Set("Content-Length", "100")
		_, _ = rw.Write(make([]byte, 50))
		return true
	})
	if have, err := w.read(f, 0); err == nil || len(have) != 0 {
		t.Errorf("a store that breaks off: %d bytes, %v", len(have), err)
	}
	w.store.breakWith(func(rw http.ResponseWriter, r *http.Request) bool { // something else
		if r.Method != http.MethodGet {
			return false
		}
		_, _ = rw.Write(make([]byte, 50))
		return true
	})
	if have, err := w.read(f, 0); fault.CodeOf(err) != files.CodeFileBroken || len(have) != 0 {
		t.Errorf("a store that gives something else: %d bytes, %v", len(have), err)
	}
	w.store.breakWith(refuse(http.MethodDelete))
	if err := w.svc.Delete(t.Context(), w.actor, f.ID); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := w.svc.Get(t.Context(), w.actor, f.ID); fault.CodeOf(err) != files.CodeFileNotFound {
		t.Errorf("a deleted file: %v", err)
	}
	w.clock.Advance(time.Second)
	if _, err := w.svc.Forget(t.Context(), w.actor.Tenant); err == nil {
		t.Error("the sweep forgot what the store has")
	}
	w.store.breakWith(nil)
	if n, err := w.svc.Forget(t.Context(), w.actor.Tenant); err != nil || n != 1 ||
		len(w.store.keys(t, w.actor.Tenant.String()+"/"+f.ID.String())) != 0 {
		t.Errorf("%d forgotten, %v, the store has %v", n, err, w.store.keys(t, ""))
	}
}

// TestWhoseFile: a file is the maker's, with the role of then; owners and admins see it; of a merchant's its members
// with that role do.
func TestWhoseFile(t *testing.T) {
	t.Parallel()
	w := setup(t, false)
	with := func(a tenants.Actor, change func(*tenants.Actor)) tenants.Actor {
		change(&a)
		return a
	}
	key := func() tenants.Caller { return tenants.ByKey(id.New[id.APIKey]()) }
	f := w.uploaded(noise(1))
	merchant := with(w.actor, func(a *tenants.Actor) {
		a.Caller, a.Role, a.Merchant = key(), tenants.RoleSupplier, id.New[id.Merchant]()
	})
	theirs, _, err := w.svc.Create(t.Context(), merchant, idempotency.Key{},
		files.Upload{Name: "a", ContentType: "a/b", Content: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		of     files.File
		actor  tenants.Actor
		reads  bool
		delete fault.Code
	}{
		"the maker": {f, w.actor, true, ""},
		"the maker with another role": {f, with(w.actor, func(a *tenants.Actor) { a.Role = tenants.RoleRisk }),
			false, ""},
		"a colleague": {f, with(w.actor, func(a *tenants.Actor) { a.Caller = key() }), false, ""},
		"a merchant":  {f, merchant, false, ""},
		"another platform": {f, with(w.actor, func(a *tenants.Actor) {
			a.Tenant = dbtest.NewTenant(t,
				w.db)
		}), false, ""},
		"a member of the merchant": {theirs, with(merchant, func(a *tenants.Actor) { a.Caller = key() }), true,
			files.CodeFileOthers},
		"a narrow key of the merchant": {theirs, with(merchant, func(a *tenants.Actor) {
			a.Caller,
				a.Permissions = key(), tenants.Permissions{}
		}), false, ""},
		"a distributor of it": {theirs, with(merchant, func(a *tenants.Actor) {
			a.Caller, a.Role = key(), tenants.RoleDistributor
		}), false, ""},
		"another merchant": {theirs, with(merchant, func(a *tenants.Actor) {
			a.Caller, a.Merchant = key(),
				id.New[id.Merchant]()
		}), false, ""},
		"the owner": {theirs, with(w.actor, func(a *tenants.Actor) {
			a.Caller, a.Role = key(),
				tenants.RoleOwner
		}), true, ""},
		"an owner's narrow key": {theirs, with(w.actor, func(a *tenants.Actor) {
			a.Caller, a.Role, a.Permissions = key(), tenants.RoleOwner, tenants.Permissions{}
		}), false, ""},
	} {
		_, err := w.svc.Get(t.Context(), c.actor, c.of.ID)
		if (err == nil) != c.reads || !c.reads && fault.CodeOf(err) != files.CodeFileNotFound {
			t.Errorf("%s reads it: %v", name, err)
		}
		if name == "the maker" || name == "the owner" {
			continue
		}
		want := c.delete
		if want == "" {
			want = files.CodeFileNotFound
		}
		if err := w.svc.Delete(t.Context(), c.actor, c.of.ID); fault.CodeOf(err) != want {
			t.Errorf("%s deletes it: %v", name, err)
		}
	}
	if err := w.svc.Delete(t.Context(), w.actor, f.ID); err != nil {
		t.Errorf("the maker deletes it: %v", err)
	}
	w.clock.Advance(files.UploadKept)
	if _, err := w.svc.Get(t.Context(), merchant, theirs.ID); fault.CodeOf(err) != files.CodeFileNotFound {
		t.Errorf("a file whose time is up: %v", err)
	}
}

func TestUploadLimits(t *testing.T) {
	t.Parallel()
	w := setup(t, false)
	if _, err := w.upload(nil); fault.CodeOf(err) != files.CodeFileEmpty {
		t.Errorf("nothing: %v", err)
	}
	w.exec("UPDATE tenants SET upload_bytes_max = $1", files.ChunkMax+10)
	if _, err := w.upload(noise(files.ChunkMax + 10)); err != nil {
		t.Errorf("as much as may be: %v", err)
	}
	if _, err := w.upload(noise(files.ChunkMax + 11)); fault.CodeOf(err) != files.CodeFileTooLarge {
		t.Errorf("a byte more: %v", err)
	}
}

// TestSameKey: a repeat with the same content gives the file that is there; with other content it is refused.
func TestSameKey(t *testing.T) {
	t.Parallel()
	w := setup(t, false)
	send := func(content, name string) (files.File, bool, error) {
		return w.svc.Create(t.Context(), w.actor, idempotency.Key{Value: "k"},
			files.Upload{Name: name, ContentType: "a/b", Content: strings.NewReader(content)})
	}
	first, replayed, err := send("x", "a")
	if err != nil || replayed {
		t.Fatal(replayed, err)
	}
	again, replayed, err := send("x", "a")
	if err != nil || !replayed || again.ID != first.ID {
		t.Errorf("%v, %v, %v", again.ID, replayed, err)
	}
	for _, other := range [][2]string{{"y", "a"}, {"x", "b"}} {
		if _, _, err := send(other[0], other[1]); fault.CodeOf(err) != idempotency.CodeKeyReused {
			t.Errorf("%v: %v", other, err)
		}
	}
	if n := w.count("SELECT count(*) FROM files WHERE status = 'ready'"); n != 1 {
		t.Errorf("%d files", n)
	}
}

// TestMemoryIsFlat: 64 MB go in and out, and what lives in memory meanwhile is a few parts. It runs by itself.
func TestMemoryIsFlat(t *testing.T) {
	t.Chdir(t.TempDir()) // as no parallel test may: it measures the memory of the process
	w := setup(t, false)
	const size = 64 << 20
	w.exec("UPDATE tenants SET upload_bytes_max = $1", size)
	lives := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := lives(), uint64(0)
	look := func() { most = max(most, lives()) }
	w.step = func(name string) {
		if name == "part" {
			look()
		}
	}
	f, _, err := w.svc.Create(t.Context(), w.actor, idempotency.Key{}, files.Upload{Name: "a", ContentType: "a/b",
		Content: io.LimitReader(endless{}, size)})
	if err != nil || f.Size != size {
		t.Fatal(f.Size, err)
	}
	r, parts := w.svc.Open(t.Context(), w.actor, f, 0), make([]byte, files.ChunkMax)
	for {
		n, err := r.Read(parts)
		if look(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(n, err)
		}
	}
	if bound := uint64(16 << 20); most > before+bound {
		t.Errorf("%d bytes more live than before", most-before)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(i)
	}
	return len(b), nil
}
