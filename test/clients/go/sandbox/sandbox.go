// Package sandbox is what a walk through the sandbox needs besides the API: somebody who plays Alipay's staff and the
// buyer, and a server that receives webhooks.
package sandbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// patience is far beyond what is needed, so that only what never comes fails.
const patience = 2 * time.Minute

// Papers are the images that an application of an enterprise needs.
var Papers = []string{
	"cert_image", "legal_cert_front_image", "legal_cert_back_image", "out_door_image", "in_door_image",
	"qualification_image",
}

// Image returns a PNG of 8 × 8 grey points.
func Image() io.Reader {
	const png = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mNogAIGyhgAgIQgARDoahcAAAAASUVORK5CYII="
	return base64.NewDecoder(base64.StdEncoding, strings.NewReader(png))
}

// Run ends the program with an error when the walk returns one.
func Run(walk func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	if err := walk(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Required is the value of an environment variable that the runner sets.
func Required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		panic(name + " is not set")
	}
	return value
}

// Equal is an error that names what differs.
func Equal[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s is %v, not %v", what, got, want)
	}
	return nil
}

func until(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Approve waits for the only application of the Alipay app at the simulator's desk, and approves it.
func Approve(ctx context.Context, appID string) error {
	desk := Required("SIMULATOR") + "/desk/api/applications"
	return until(ctx, "the application at the desk", func() (bool, error) {
		var list struct {
			Applications []struct {
				OrderID string `json:"order_id"`
			} `json:"applications"`
		}
		body, err := send(http.Get(desk + "?app_id=" + url.QueryEscape(appID)))
		if err != nil {
			return false, err
		}
		if err := json.Unmarshal(body, &list); err != nil || len(list.Applications) == 0 {
			return false, err
		}
		approve := desk + "/" + list.Applications[0].OrderID + "/approve"
		_, err = send(http.Post(approve, "application/json", strings.NewReader("{}")))
		return err == nil, err
	})
}

// Pay is what the buyer does at the cashier.
func Pay(cashier string) error {
	_, err := send(http.PostForm(cashier, url.Values{"action": {"pay"}, "password": {"111111"}}))
	return err
}

func send(response *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s: %s: %s", response.Request.URL.Path, response.Status, body)
	}
	return body, err
}

// Event is an event as a webhook tells of it.
type Event struct {
	ID   string          `json:"id"`
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// Receiver is the server that webhooks are sent to. It believes only what is signed with the endpoint's secret.
type Receiver struct {
	*httptest.Server
	mu      sync.Mutex
	webhook *webhooks.Webhook
	told    []Event
	fault   error
}

// NewReceiver starts a receiver.
func NewReceiver() *Receiver {
	r := &Receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.receive))
	return r
}

// Trust sets the endpoint's secret.
func (r *Receiver) Trust(secret string) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.webhook, err = webhooks.NewWebhook(secret)
	return err
}

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	var event Event
	if err == nil {
		err = r.webhook.Verify(body, request.Header)
	}
	if err == nil && r.webhook.Verify(append(bytes.Clone(body), ' '), request.Header) == nil {
		err = errors.New("a changed body was verified")
	}
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		r.fault = err
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.told = append(r.told, event)
	w.WriteHeader(http.StatusNoContent)
}

// Heard waits for an event of the type.
func (r *Receiver) Heard(ctx context.Context, eventType string) (heard Event, err error) {
	err = until(ctx, eventType, func() (bool, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, e := range r.told {
			if e.Type == eventType {
				heard = e
				return true, nil
			}
		}
		return false, r.fault
	})
	return heard, err
}
