// Package bare is the smallest honest program that takes a notification: net/http, the RSA2 signature of the form, and
// the product's own statements in one batch per phase of the transaction. It has no domain, no checks, no log, no
// metrics; what it reaches is what the language, the driver and the signature allow.
package bare

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"zhitong/test/bench/recording"
)

// Config is read from a file of JSON.
type Config struct {
	DatabaseURL     string                `json:"database_url"`
	MaxConns        int32                 `json:"max_conns"`
	Listen          string                `json:"listen"`
	AlipayPublicKey string                `json:"alipay_public_key"`
	Tenants         int64                 `json:"tenants"`
	Paid            recording.Transaction `json:"paid"`
}

type program struct {
	pool    *pgxpool.Pool
	key     *rsa.PublicKey
	tenants int64
	paid    recording.Compiled
}

// Run serves until ctx ends.
func Run(ctx context.Context, configPath string) error {
	raw, err := os.ReadFile(configPath)
	if err != nil {
		return err
	}
	var c Config
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	p := &program{tenants: c.Tenants, paid: c.Paid.Compile()}
	der, err := base64.StdEncoding.DecodeString(c.AlipayPublicKey)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return err
	}
	p.key = key.(*rsa.PublicKey)
	pc, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return err
	}
	pc.MaxConns = c.MaxConns
	if p.pool, err = pgxpool.NewWithConfig(ctx, pc); err != nil {
		return err
	}
	defer p.pool.Close()
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /notify/alipay/{tenant}", p.notify)
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (p *program) notify(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = p.apply(r.Context(), string(body))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, "success")
}

func (p *program) apply(ctx context.Context, body string) error {
	form, err := url.ParseQuery(body)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(form))
	for name := range form {
		if name != "sign" && name != "sign_type" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var text strings.Builder
	for i, name := range names {
		if i > 0 {
			text.WriteByte('&')
		}
		text.WriteString(name + "=" + form.Get(name))
	}
	sum := sha256.Sum256([]byte(text.String()))
	sign, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	if err != nil {
		return err
	}
	if err := rsa.VerifyPKCS1v15(p.key, crypto.SHA256, sum[:], sign); err != nil {
		return err
	}
	payment, err := hex.DecodeString(form.Get("out_trade_no"))
	if err != nil || len(payment) != 16 {
		return errors.New("out_trade_no is not ours")
	}
	var n int64
	for _, b := range payment[10:] {
		n = n<<8 | int64(b)
	}
	return p.pay(ctx, n)
}

// pay runs the transaction, one round trip for each of its batches. The first reads the order, which must be there.
func (p *program) pay(ctx context.Context, n int64) error {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	now := time.Now()
	for i, statements := range p.paid.Batches {
		b := &pgx.Batch{}
		for _, s := range statements {
			b.Queue(s.SQL, s.Args(n, p.tenants, now)...)
		}
		br := conn.SendBatch(ctx, b)
		found := i > 0
		for _, s := range statements {
			tag, err := br.Exec()
			if err != nil {
				return errors.Join(err, br.Close(), conn.Conn().Close(ctx))
			}
			found = found || tag.RowsAffected() == 1 && strings.Contains(s.SQL, "FOR NO KEY UPDATE OF o, p")
		}
		if err := br.Close(); err != nil {
			return err
		}
		if !found {
			return errors.Join(fmt.Errorf("order %d is not there", n), conn.Conn().Close(ctx))
		}
	}
	return nil
}
