package simulator_test

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zhitong/internal/clock"
)

// benchBodies signs n precreate requests in advance.
func benchBodies(w *world, n int) [][]byte {
	out := make([][]byte, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				out[i] = []byte(
					form(w.signed("alipay.trade.precreate", w.order("88.80"), "notify_url",
						"http://127.0.0.1:8080/notify/alipay/0123456789abcdef")).Encode())
			}
		})
	}
	wg.Wait()
	return out
}

// cpu is the processor time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bareRate is how many times a second the same cores verify one signature and make another, with nothing else to do,
// and the processor time of one.
func bareRate(key *rsa.PrivateKey, d time.Duration) (perSecond, cpuSeconds float64) {
	used := cpu()
	sum := sha256.Sum256([]byte("x"))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	var n atomic.Int64
	end := clock.System{}.Now().Add(d)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for (clock.System{}).Now().Before(end) {
				if rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], sig) != nil {
					panic("verify")
				}
				if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:]); err != nil {
					panic(err)
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / d.Seconds(), (cpu() - used).Seconds() / float64(n.Load())
}

// BenchmarkPrecreate reports the rate of alipay.trade.precreate (requests signed in advance) against the bare rate of
// RSA verify + sign on the same two cores in the same run: the handler alone, and over HTTP with a bare client on the
// same cores. The target is 0.7.
func BenchmarkPrecreate(b *testing.B) {
	for _, mode := range []string{"handler", "http"} {
		b.Run(mode, func(b *testing.B) {
			w := start(b)
			bodies := benchBodies(w, b.N)
			before, bareCPU := bareRate(testKey(), time.Second)
			send := func(body []byte) error { return viaHandler(w, body) }
			b.ResetTimer()
			began, used := clock.System{}.Now(), cpu()
			var next atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if mode == "http" {
						conn, err := net.Dial("tcp", strings.TrimPrefix(w.srv.URL, "http://"))
						if err != nil {
							b.Error(err)
							return
						}
						defer conn.Close()
						r := bufio.NewReader(conn)
						for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
							if err := viaConn(conn, r, bodies[i]); err != nil {
								b.Error(err)
								return
							}
						}
						return
					}
					for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
						if err := send(bodies[i]); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			rate := float64(b.N) / clock.System{}.Now().Sub(began).Seconds()
			b.StopTimer()
			spent := (cpu() - used).Seconds() / float64(b.N)
			after, _ := bareRate(testKey(), time.Second)
			bare := (before + after) / 2
			b.ReportMetric(rate, "precreate/s")
			b.ReportMetric(bare, "bare/s")
			b.ReportMetric(rate/bare, "ratio")
			// the same by processor time, which a busy machine does not change
			b.ReportMetric(bareCPU/spent, "cpu-ratio")
		})
	}
}

func viaHandler(w *world, body []byte) error {
	req := httptest.NewRequest("POST", "/gateway.do", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	rec := httptest.NewRecorder()
	w.sim.Handler().ServeHTTP(rec, req)
	if !strings.Contains(rec.Body.String(), `"10000"`) {
		return fmt.Errorf("refused: %s", rec.Body)
	}
	return nil
}

// viaConn writes one request on a kept connection and reads its answer, with as little work as a client can do.
func viaConn(conn net.Conn, r *bufio.Reader, body []byte) error {
	head := fmt.Sprintf(
		"POST /gateway.do HTTP/1.1\r\nHost: x\r\n"+
			"Content-Type: application/x-www-form-urlencoded;charset=utf-8\r\nContent-Length: %d\r\n\r\n", len(body))
	if _, err := conn.Write(append([]byte(head), body...)); err != nil {
		return err
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		return err
	}
	if !bytes.Contains(b.Bytes(), []byte(`"10000"`)) {
		return fmt.Errorf("refused: %s", b.Bytes())
	}
	return nil
}
