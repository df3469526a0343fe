package alipay_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"zhitong/alipay"
)

// TestClientsOnABusyTransport: clients are made while others call through the same transport, as in a pool. The race
// detector sees when they share something that is written, as the TLS configuration was that the first call filled in.
func TestClientsOnABusyTransport(t *testing.T) {
	t.Parallel()
	shared := alipay.NewTransport()
	if shared.TLSClientConfig == nil || shared.TLSClientConfig.InsecureSkipVerify {
		t.Fatal("the transport leaves its TLS configuration to the first call")
	}
	g := newGateway(t, nil)
	ready := make(chan struct{})
	called := make(chan struct{})
	go func() {
		defer close(called)
		close(ready)
		srv := httptest.NewServer(http.NotFoundHandler())
		defer srv.Close()
		resp, err := (&http.Client{Transport: shared}).Get(srv.URL) //nolint:noctx // the test's own deadline holds
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-ready
	for range 3 {
		if _, err := alipay.NewClient(credentials(g.URL), alipay.Options{Transport: shared}); err != nil {
			t.Fatal(err)
		}
	}
	<-called
}
