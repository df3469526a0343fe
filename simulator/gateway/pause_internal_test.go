package gateway

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestPauseEndsWithItsClient: whoever waits for a slow answer and goes away is noticed, also when nobody has read the
// body that they sent.
func TestPauseEndsWithItsClient(t *testing.T) {
	t.Parallel()
	began, ended := make(chan struct{}), make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		ended <- pause(r, time.Hour)
	}))
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := http.DefaultClient.Do(r); err == nil {
		t.Fatalf("it was answered: %d, %v", answer.StatusCode, answer.Body.Close())
	}
	if err := <-ended; err == nil {
		t.Error("it waited to the end")
	}
}
