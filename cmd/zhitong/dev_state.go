package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"zhitong/internal/secret"
)

// devState is what dev remembers between starts. It holds the keys of a sandbox, readable by its owner only.
type devState struct {
	MasterKeyset  string    `json:"master_keyset"`
	Operator      string    `json:"operator_token"`
	AppPassword   string    `json:"app_password,omitempty"` // of the role that was made in a database of the user's
	PostgresPort  int       `json:"postgres_port,omitempty"`
	APIPort       int       `json:"api_port,omitempty"`
	SimulatorPort int       `json:"simulator_port,omitempty"`
	APIURL        string    `json:"api_url,omitempty"` // of the last start, to notice a move
	SimulatorURL  string    `json:"simulator_url,omitempty"`
	Demo          *demoSeed `json:"demo,omitempty"`

	dir  string
	lock *os.File
}

// demoSeed is what the first start made.
type demoSeed struct {
	TenantID  string `json:"tenant_id"`
	APIKey    string `json:"api_key"`
	ProductID string `json:"product_id"`
	OrderID   string `json:"order_id"`

	OwnerPassword string `json:"owner_password,omitempty"` // of the person who owns the demo's platform
}

const stateFile = "state.json"

// openState locks the directory, so that two programs cannot share it, and reads what is there. The lock goes with the
// process, however it ends.
func openState(dir string) (_ *devState, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("resolve the state directory: %w", err)
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o755 // the account of Postgres passes through; what is secret inside is 0600
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	s := &devState{dir: dir}
	if s.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := syscall.Flock(int(s.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := os.ReadFile(s.lock.Name())
		_ = s.lock.Close()
		return nil, fmt.Errorf("%s is in use by process %s: stop it, or name another --state-dir", dir,
			strings.TrimSpace(string(pid)))
	}
	if err := errors.Join(s.lock.Truncate(0), writeAt(s.lock, fmt.Sprintln(os.Getpid()))); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock: %w", err), s.lock.Close())
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.lock.Close())
	}
	return s, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

func (s *devState) load() error {
	data, err := os.ReadFile(filepath.Join(s.dir, stateFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("read the state: %w", err)
	default:
		if err := json.Unmarshal(data, s); err != nil {
			return fmt.Errorf("read %s: %w; remove the directory to begin anew", filepath.Join(s.dir, stateFile), err)
		}
	}
	if s.MasterKeyset == "" {
		keyset, err := secret.GenerateMaster()
		if err != nil {
			return err
		}
		s.MasterKeyset = keyset.Reveal()
	}
	if s.Operator == "" {
		s.Operator = rand.Text()
	}
	return s.save()
}

func (s *devState) keyset() secret.String        { return secret.New(s.MasterKeyset) }
func (s *devState) operatorToken() secret.String { return secret.New(s.Operator) }

// save replaces the file as a whole: a crash leaves the old one or the new one.
func (s *devState) save() error { return writeWhole(filepath.Join(s.dir, stateFile), s) }

func (s *devState) close() error { return s.lock.Close() }

// writeWhole writes v as JSON, for its owner's eyes only.
func writeWhole(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", filepath.Base(path), err)
	}
	scratch := path + ".new"
	if err := os.WriteFile(scratch, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(scratch, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
