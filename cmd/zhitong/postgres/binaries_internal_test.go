package postgres

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseMajor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)": 15, "postgres (PostgreSQL) 18rc1\n": 18,
		"postgres": 0, "": 0,
	} {
		if got, err := parseMajor(text); got != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

func TestFindPrefersTheClustersVersion(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	found, err := binaryFinder{noInstall: true, log: log}.find(testContext(t))
	must(t, err)
	for _, path := range []string{found.dir, filepath.Dir(found.dir)} {
		got, err := binaryFinder{path: path, major: found.major, log: log}.find(testContext(t))
		if err != nil || got.dir != found.dir {
			t.Errorf("%s: got %v, %v", path, got, err)
		}
	}
	for _, finder := range []binaryFinder{{path: found.dir}, {noInstall: true}} {
		finder.major, finder.log = 99, log
		if _, err := finder.find(testContext(t)); err == nil || !strings.Contains(err.Error(), "postgresql-99") {
			t.Errorf("a cluster of version 99: %v", err)
		}
	}
}

// TestDownload takes a package of the form the library expects from a repository of its own: its programs call the
// installed ones.
func TestDownload(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	installed, err := binaryFinder{noInstall: true, log: log}.find(testContext(t))
	must(t, err)
	jar := postgresJar(t, installed.dir)
	sum := sha256.Sum256(jar)
	answers := map[string][]byte{".jar": jar, ".sha256": []byte(hex.EncodeToString(sum[:]))}
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/embedded-postgres-binaries-") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(answers[filepath.Ext(r.URL.Path)])
	}))
	defer http.DefaultClient.CloseIdleConnections() // the library calls by it
	defer repository.Close()

	finder := binaryFinder{downloadDir: filepath.Join(openDir(t), "binaries"), repository: repository.URL, log: log}
	must(t, finder.download(testContext(t)))
	got, err := inspect(testContext(t), filepath.Join(finder.downloadDir, "bin"))
	if err != nil || got.major != installed.major {
		t.Errorf("downloaded %v, %v", got, err)
	}

	answers[".sha256"] = []byte("another")
	spoiled := binaryFinder{downloadDir: filepath.Join(openDir(t), "binaries"), repository: repository.URL, log: log}
	if err := spoiled.download(testContext(t)); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("a package with another checksum: %v", err)
	}
}

func postgresJar(t *testing.T, bin string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		script := "#!/bin/sh\nexec " + filepath.Join(bin, name) + " \"$@\"\n"
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "bin/" + name, Mode: 0o755,
			Size: int64(len(script))}))
		_, err := w.Write([]byte(script))
		must(t, err)
	}
	must(t, w.Close())
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	file, err := z.Create("postgres.txz")
	must(t, err)
	_, err = file.Write(xzStored(archive.Bytes()))
	must(t, err)
	must(t, z.Close())
	return jar.Bytes()
}

// xzStored packs data into the xz format without compressing it (The .xz File Format 1.2.1; LZMA2 chunks of kind
// "uncompressed").
func xzStored(data []byte) []byte {
	checked := func(b []byte) []byte { return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b)) }
	padded := func(b []byte) []byte { return append(b, make([]byte, (4-len(b)%4)%4)...) }
	flags := []byte{0, 0} // no integrity check of the content

	block := checked([]byte{2, 0, 0x21, 1, 0x16, 0, 0, 0})
	for kind, rest := byte(1), data; len(rest) > 0; kind = 2 {
		chunk := rest[:min(len(rest), 1<<16)]
		rest = rest[len(chunk):]
		block = append(binary.BigEndian.AppendUint16(append(block, kind), uint16(len(chunk)-1)), chunk...)
	}
	block = append(block, 0)
	index := binary.AppendUvarint(binary.AppendUvarint([]byte{0, 1}, uint64(len(block))), uint64(len(data)))
	index = checked(padded(index))
	footer := append(binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1)), flags...)

	out := append([]byte("\xfd7zXZ\x00"), checked(flags)...)
	out = append(append(out, padded(block)...), index...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(footer))
	return append(append(out, footer...), "YZ"...)
}
