package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/checkout/hub"
	"zhitong/api/sse"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/events"
)

// newest is how the hub of streams looks.
func newest(s *events.Service) func(context.Context, id.Tenant, []id.Tenant) (map[id.Tenant]id.Event, error) {
	return func(ctx context.Context, tenant id.Tenant, _ []id.Tenant) (map[id.Tenant]id.Event, error) {
		e, err := s.Newest(ctx, tenant)
		return map[id.Tenant]id.Event{tenant: e}, err
	}
}

// following is the answer to one that follows the events.
type following struct {
	ctx   context.Context //nolint:containedctx // the generated interface gives the answer no other
	actor tenants.Actor
	hub   *hub.Events
	f     *events.Follower
}

// toldEvent is the data of an event in the stream.
type toldEvent struct {
	ID          id.Event `json:"id"`
	Type        string   `json:"type"`
	SubjectType string   `json:"subject_type"`
	SubjectID   string   `json:"subject_id"`
}

func (s *server) StreamEvents(
	ctx context.Context,
	r apigen.StreamEventsRequestObject,
) (apigen.StreamEventsResponseObject, error) {
	after := value(r.Params.LastEventID)
	if after.IsZero() {
		after = value(r.Params.After)
	}
	return following{ctx, authn.From(ctx), s.Streams.Events, s.Events.Follow(after)}, nil
}

// VisitStreamEventsResponse implements apigen.StreamEventsResponseObject. It ends when the reader goes, after
// sse.FollowMax, when the server stops, and when whoever called may call no more.
func (a following) VisitStreamEventsResponse(w http.ResponseWriter) error {
	return follow(a.ctx, w, a.hub, a.actor, a.actor.Tenant, func(stream *sse.Stream, _ id.Event) (bool, error) {
		return true, a.tell(stream)
	}, func() string { return "id: " + a.f.Position().String() + "\n: still here\n\n" })
}

// follow streams news of something of the actor's tenant until tell says that it was the last, or fails. alive is what
// a silent stream says.
func follow[K comparable, S any](
	ctx context.Context,
	w http.ResponseWriter,
	h *hub.Of[K, S],
	a tenants.Actor,
	of K,
	tell func(stream *sse.Stream, now S) (more bool, err error),
	alive func() string,
) error {
	if call.From(ctx).Head {
		sse.New(w)
		return nil
	}
	news, leave, err := h.Wait(a.Tenant, of, a.Caller.String())
	if err != nil {
		return errRateLimited()
	}
	defer leave()
	stream := sse.New(w)
	over := time.NewTimer(sse.FollowMax)
	defer over.Stop()
	silent := time.NewTicker(sse.AliveAgain)
	defer silent.Stop()
	if err := stream.Nothing(); err != nil { // the reader knows that it is heard
		return nil // who has gone needs no answer
	}
	for more := true; more; {
		select {
		case now := <-news:
			more, err = tell(stream, now)
		case <-silent.C:
			err = stream.Send(alive())
		case <-over.C:
			return nil
		case <-h.Done():
			return nil
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			call.From(ctx).Err = err
			return nil
		}
	}
	return nil
}

// still is who calls, asked again; an error ends the stream of one who may not hear it any more.
func still(ctx context.Context, a tenants.Actor) (tenants.Actor, error) {
	again, err := call.From(ctx).Again(ctx)
	if err != nil {
		return a, err
	}
	if again.Caller != a.Caller || again.Role != a.Role || again.Merchant != a.Merchant {
		return a, errRateLimited() // another person's by now: it ends, and the reader is asked who it is
	}
	return again, nil
}

// tell sends what is new, unless the caller may not hear it any more.
func (a following) tell(stream *sse.Stream) error {
	again, err := still(a.ctx, a.actor)
	if err != nil {
		return err
	}
	return a.f.Next(a.ctx, again, func(e events.Told) error {
		data, err := json.Marshal(toldEvent{e.ID, string(e.Type), string(e.SubjectType),
			id.TextOf(string(e.SubjectType), e.SubjectID)})
		if err != nil {
			return err
		}
		return stream.Send("id: " + a.f.Position().String() + "\nevent: " + string(e.Type) + "\ndata: " +
			string(data) + "\n\n")
	})
}
